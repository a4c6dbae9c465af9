"""``make up`` and ``make down``: the same supervisor, without a terminal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

from crm.stack import processes, servers, setup
from crm.stack.address import Address
from crm.stack.errors import StackError
from crm.stack.home import CHECKOUT, Home
from crm.stack.journal import Journal, Tail
from crm.stack.supervisor import WORD, end_orphans, is_supervised, sole

_SECONDS_TO_GET_READY = 900
_LARGEST_LOG = 20 * 2**20


def up(home: Home, address: Address) -> str:
    """Have a supervisor running and ready; gives the one line that says where and with whom."""
    starting = None if is_supervised(home) else _start(home, address)
    running = _wait_until_ready(home, starting)
    return json.dumps({"url": running.url, **_picked(setup.sign_ins(home))}, ensure_ascii=False)


def down(home: Home) -> None:
    """End the supervisor and all it started, the servers too; nothing to end is fine."""
    supervisor = processes.find(home.state().get("supervisor"), word=WORD) if is_supervised(home) else None
    if supervisor:
        left = processes.send([supervisor], signal.SIGTERM, patience=60)
        processes.send(left, signal.SIGKILL, patience=5)
    end_orphans(home)
    home.remember(supervisor=None)
    servers.stop(home.path)


def _start(home: Home, address: Address) -> subprocess.Popen[bytes]:
    with sole(home):  # said here, where somebody reads it
        end_orphans(home)
        address.check_free()
    log = home.log / "tenure.log"
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as file:
        command = [sys.executable, "-m", "crm.stack", "run"]
        return subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        )


def _wait_until_ready(home: Home, starting: subprocess.Popen[bytes] | None) -> Address:
    """The address that answers. What the supervisor writes meanwhile is shown."""
    tail = Tail("", home.log / "tenure.log")
    journal = Journal(sys.stderr)
    deadline = time.monotonic() + _SECONDS_TO_GET_READY
    while time.monotonic() < deadline:
        ended = starting is not None and starting.poll() is not None
        tail.copy_to(journal)
        if ended and not is_supervised(home):
            raise StackError(
                f"Tenure did not start; the reason stands above and in {home.log / 'tenure.log'}."
            )
        address = _supervised_address(home)
        if address and address.answers():
            return address
        time.sleep(0.3)
    raise StackError(
        f"Tenure is not ready after {_SECONDS_TO_GET_READY} seconds; see {home.log / 'tenure.log'}."
    )


def _supervised_address(home: Home) -> Address | None:
    entry = home.state().get("supervisor")
    if not entry:
        return None
    host, _, port = entry["url"].removeprefix("http://").rpartition(":")
    return Address(host.strip("[]"), int(port))


def _picked(demo: dict) -> dict:
    return {"sign_ins": demo["sign_ins"], "api_key": demo["api_key"]}
