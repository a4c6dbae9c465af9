import json
import os
import socket
import subprocess
import sys
import threading

import psutil
import pytest

from crm.stack import background, children, processes, setup
from crm.stack.address import Address
from crm.stack.errors import StackError
from crm.stack.home import Home
from crm.stack.journal import Journal, Tail
from crm.stack.supervisor import AlreadyRunning, banner, is_supervised, sole

STAYS = "import time; print('begun', flush=True); time.sleep(60)"


@pytest.fixture
def lease():
    descriptor = os.open(os.devnull, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def program(code):
    return children.Program("web", "tenure-test", (sys.executable, "-c", code, "tenure-test"))


class Lines(Journal):
    """A log to look at."""

    def __init__(self):
        super().__init__()
        self.lines = []
        self.begun = threading.Event()

    def say(self, text):
        self.lines.append(text)
        self.begun.set()


def test_a_process_is_ours_only_with_its_number_its_start_and_its_name():
    ours = processes.describe(os.getpid())
    assert processes.find(ours, word="python").pid == os.getpid()
    assert processes.find(ours, word="gunicorn") is None
    assert processes.find(ours | {"started": ours["started"] - 60}, word="python") is None
    assert processes.find(None, word="python") is None


def test_what_a_killed_parent_leaves_is_still_found_and_ended():
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[2], 'tenure-test'])"
    parent = subprocess.Popen(
        [sys.executable, "-c", code, "tenure-test", STAYS], stdout=subprocess.PIPE, start_new_session=True
    )
    assert parent.stdout.readline() == b"begun\n"
    entry = processes.describe(parent.pid) | {"word": "tenure-test"}
    parent.kill()
    parent.wait()
    parent.stdout.close()
    (orphan,) = processes.family(entry, word="tenure-test")

    children.end_all({"web": entry})

    assert orphan.pid != parent.pid
    assert not processes.is_alive(orphan)


def test_a_child_that_ends_starts_again_after_a_pause(lease):
    journal = Lines()
    child = children.Child(program("raise SystemExit(3)"), journal, lease)
    assert child.keep_alive()
    assert processes.wait_until(lambda: child.keep_alive() or child.failures, seconds=10)
    assert child.failures == 1
    assert any("ended with status 3; starts again in 1 s" in line for line in journal.lines)
    assert not child.keep_alive()
    assert processes.wait_until(child.keep_alive, seconds=10)


def test_children_write_to_the_log_under_their_name_and_end_together(lease, own_home):
    journal = Lines()
    child = children.Child(program(STAYS), journal, lease)
    child.keep_alive()
    assert journal.begun.wait(10)
    assert journal.lines == ["web    | begun"]
    process = psutil.Process(child.description()["pid"])

    children.end_all(children.write_down(Home(own_home).create(), [child]))

    assert not processes.is_alive(process)


def test_a_home_has_one_supervisor(own_home):
    home = Home(own_home)
    assert not is_supervised(home)
    with sole(home):
        assert is_supervised(home)
        with pytest.raises(AlreadyRunning, match="make down"), sole(home):
            pass
    assert not is_supervised(home)


def test_down_without_anything_running_is_harmless(own_home):
    background.down(Home(own_home))
    assert Home(own_home).state() == {}


def test_who_can_sign_in_is_told_as_the_demo_left_it(own_home):
    home = Home(own_home).create()
    assert setup.sign_ins(home) == {"sign_ins": [], "api_key": None}
    person = {"email": "a@example.org", "password": "long enough", "role": "lead", "tenant": "acme"}
    home.demo.write_text(json.dumps({"sign_ins": [person], "api_key": "tnr_1"}))

    told = banner(home, Address("127.0.0.1", 8000))

    assert setup.sign_ins(home) == {"sign_ins": [person], "api_key": "tnr_1"}
    for text in ("http://127.0.0.1:8000", "a@example.org  long enough  (lead, acme)", "API key: tnr_1"):
        assert text in told


def test_a_taken_port_names_the_setting_to_change():
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        with pytest.raises(StackError, match="TENURE_PORT="):
            Address("127.0.0.1", stranger.getsockname()[1]).check_free()


@pytest.mark.parametrize(
    ("host", "url", "bind"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000", "0.0.0.0:8000"),
        ("::", "http://[::1]:8000", "[::]:8000"),
    ],
)
def test_the_address_to_open_and_the_one_to_listen_on(host, url, bind):
    assert (Address(host, 8000).url, Address(host, 8000).bind) == (url, bind)


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(port, monkeypatch):
    monkeypatch.setenv("TENURE_PORT", port)
    with pytest.raises(StackError, match="TENURE_PORT must be"):
        Address.from_environment()


def test_a_log_nobody_reads_any_more_is_told_once_and_raises_nothing():
    told = []
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", closefd=False) as pipe:
        Journal(pipe, on_closed=lambda: told.append(True)).write("web", "hello")
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)  # what is still buffered goes nowhere
    assert told == [True]


def test_a_followed_file_gives_whole_lines_once(tmp_path):
    journal, file = Lines(), tmp_path / "log"
    file.write_text("before\n")
    tail = Tail("db", file)
    with file.open("a") as log:
        log.write("one\ntw")
    tail.copy_to(journal)
    with file.open("a") as log:
        log.write("o\n")
    tail.copy_to(journal)
    tail.copy_to(journal)
    assert journal.lines == ["db     | one", "db     | two"]


def test_static_files_are_collected_again_when_one_changes(tmp_path):
    file = tmp_path / "crm" / "static" / "app.css"
    file.parent.mkdir(parents=True)
    file.write_text("a")
    before = setup.static_fingerprint(tmp_path)
    assert setup.static_fingerprint(tmp_path) == before
    file.write_text("ab")
    assert setup.static_fingerprint(tmp_path) != before
