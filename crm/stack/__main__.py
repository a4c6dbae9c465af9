"""``python -m crm.stack COMMAND``: what the Makefile calls."""

from __future__ import annotations

import sys

from crm.stack.errors import StackError
from crm.stack.servers import ensure_running, stop

_COMMANDS = {"servers": ensure_running, "stop": stop}


def main(arguments: list[str]) -> int:
    try:
        _COMMANDS[arguments[0]]()
    except StackError as error:
        print(f"tenure: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
