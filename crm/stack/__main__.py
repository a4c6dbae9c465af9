"""``python -m crm.stack COMMAND``: what the Makefile calls."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

from crm.stack import background, dotenv, servers, setup
from crm.stack.address import Address
from crm.stack.environment import environment
from crm.stack.errors import StackError
from crm.stack.home import CHECKOUT, Home
from crm.stack.journal import Journal
from crm.stack.supervisor import Supervisor

USAGE = """python -m crm.stack COMMAND
  run             everything in the foreground, until Ctrl-C
  up, down        the same in the background
  servers, stop   the embedded PostgreSQL and Valkey alone
  environment     the servers' addresses, for a shell: eval "$(python -m crm.stack environment)"
  answers PATH    whether the web process says 200 there
  with COMMAND …  run a command while the servers run
  prepared COMMAND …  the same, migrated and with the static files collected"""


def main(arguments: list[str]) -> int:
    """Run one command; what is wrong with the machine is said in one line."""
    dotenv.load()
    home = Home().create()
    os.environ["TENURE_HOME"] = str(home.path)
    try:
        return command(home, *arguments)
    except StackError as error:
        print(f"tenure: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def command(home: Home, name: str = "", *rest: str) -> int:
    """Carry out one command and give the exit status."""
    match name, rest:
        case ("answers", [path]):
            return 0 if Address("127.0.0.1", Address.from_environment().port).answers(path) else 1
        case ("with", [_, *_]):
            return with_servers(rest)
        case ("prepared", [_, *_]):
            with servers.lease():
                setup.bring_up_to_date(home, Journal(sys.stderr), threading.Event())
                return with_servers(rest)
        case (_, []) if name in _PLAIN:
            _PLAIN[name](home)
            return 0
    print(USAGE, file=sys.stderr)
    return 2


def print_environment(home: Home) -> None:
    """The servers' addresses as a shell takes them."""
    for name, value in environment(home.path).items():
        print(f"export {name}='{value}'")


_PLAIN: dict[str, Callable[[Home], None]] = {
    "run": lambda home: Supervisor(home, Address.from_environment()).run(),
    "up": lambda home: print(background.up(home, Address.from_environment())),
    "down": background.down,
    "servers": lambda home: servers.ensure_running(home.path),
    "stop": lambda home: servers.stop(home.path),
    "environment": print_environment,
}


def with_servers(program: tuple[str, ...]) -> int:
    """Run a command with the servers up, and pass on the signals it should end by."""
    with servers.lease():
        running = subprocess.Popen(program, cwd=CHECKOUT)
        for signal_ in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_, lambda number, _: running.send_signal(number))
        while True:
            try:
                return running.wait()
            except KeyboardInterrupt:  # the command got it as well
                continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
