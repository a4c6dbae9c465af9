"""``python -m crm.stack COMMAND``: what the Makefile calls."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from crm.stack import background, dotenv, servers
from crm.stack.address import Address
from crm.stack.errors import StackError
from crm.stack.home import CHECKOUT, Home
from crm.stack.supervisor import Supervisor

USAGE = """python -m crm.stack COMMAND
  run             everything in the foreground, until Ctrl-C
  up, down        the same in the background
  servers, stop   the embedded PostgreSQL and Valkey alone
  answers PATH    whether the web process says 200 there
  with COMMAND …  run a command while the servers run"""


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
    match name:
        case "run":
            Supervisor(home, Address.from_environment()).run()
        case "up":
            print(background.up(home, Address.from_environment()))
        case "down":
            background.down(home)
        case "servers":
            servers.ensure_running()
        case "stop":
            servers.stop()
        case "answers" if len(rest) == 1:
            return 0 if Address("127.0.0.1", Address.from_environment().port).answers(rest[0]) else 1
        case "with" if rest:
            return with_servers(rest)
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    return 0


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
