#!/usr/bin/env python
"""Django's commands. Starts the embedded servers for as long as a command runs, where none are set or running."""

import importlib.util
import os
import signal
import sys
from contextlib import nullcontext
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent
NEED_NO_SERVERS = {
    "help",
    "version",
    "makemessages",
    "compilemessages",
    "startapp",
    "collectstatic",
    "spectacular",
}


def main() -> None:
    use_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    # Ended by a signal, the servers that were started for this command still have to be stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    from crm.stack import StackError, dotenv, home_directory, lease

    dotenv.load()
    os.environ["TENURE_HOME"] = str(home_directory())
    try:
        with lease() if needs_servers(sys.argv) else nullcontext():
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except StackError as error:
        sys.exit(f"tenure: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def use_environment() -> None:
    """Go on with .venv's Python when this one has no Django."""
    python = CHECKOUT / ".venv" / "bin" / "python"
    if (
        importlib.util.find_spec("django") is None
        and python.exists()
        and os.environ.get("TENURE_REEXEC") != "1"
    ):
        os.environ["TENURE_REEXEC"] = "1"
        os.execv(python, [str(python), *sys.argv])  # noqa: S606


def needs_servers(arguments: list[str]) -> bool:
    """Whether the command may ask the database or the broker something, or the settings do not know them yet."""
    from crm.stack import StackError, environment

    command = arguments[1] if len(arguments) > 1 else "help"
    if command not in NEED_NO_SERVERS and not {"-h", "--help", "--version"} & set(arguments):
        return True
    try:
        environment()
    except StackError:
        return True
    return False


if __name__ == "__main__":
    main()
