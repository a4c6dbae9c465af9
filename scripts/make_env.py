#!/usr/bin/env python3
"""Write .env from .env.example with a new secret for every name that has no value. Never changes one that is there."""

import os
import re
import secrets
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def main() -> int:
    target = CHECKOUT / ".env"
    text = re.sub(r"^([A-Z_]+)=$", with_secret, (CHECKOUT / ".env.example").read_text(), flags=re.MULTILINE)
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(".env is there already; it stays as it is.", file=sys.stderr)
        return 0
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    print("Wrote .env with new secrets.", file=sys.stderr)
    return 0


def with_secret(line: re.Match) -> str:
    return f"{line[1]}={secrets.token_hex(32)}"


if __name__ == "__main__":
    sys.exit(main())
