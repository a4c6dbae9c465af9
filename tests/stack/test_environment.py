import stat

import pytest

from crm import stack
from crm.stack import dotenv
from crm.stack.home import Home
from crm.stack.tuning import settings_for


def test_addresses_that_are_set_are_taken_as_they_are(own_home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://crm_app:x@db/tenure")
    monkeypatch.setenv("REDIS_URL", "redis://queue/0")
    assert stack.environment(own_home) == {
        "DATABASE_URL": "postgresql://crm_app:x@db/tenure",
        "DATABASE_OWNER_URL": "postgresql://crm_app:x@db/tenure",
        "REDIS_URL": "redis://queue/0",
    }


def test_without_servers_the_error_says_what_to_start(own_home):
    with pytest.raises(stack.StackError, match=r"DATABASE_URL is not set.*make servers"):
        stack.environment(own_home)


def test_the_secret_key_is_made_once_and_for_its_owner_only(own_home):
    first = stack.secret_key(own_home)
    assert len(first) >= 50
    assert stack.secret_key(own_home) == first
    assert stat.S_IMODE((own_home / "secret").stat().st_mode) == 0o600


def test_a_home_is_closed_to_others(own_home):
    home = Home(own_home / "new").create()
    others = [stat.S_IMODE(path.stat().st_mode) & 0o066 for path in (home.path, *home.path.iterdir())]
    assert others == [0] * 5


def test_the_state_file_holds_passwords_and_is_for_its_owner_only(own_home):
    home = Home(own_home).create()
    home.remember(valkey={"port": 1}, kept=True)
    home.remember(kept=None)
    assert home.state() == {"valkey": {"port": 1}}
    assert stat.S_IMODE((own_home / "stack.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=value", "value"),
        ("export NAME = value # why", "value"),
        ("NAME='a # b'", "a # b"),
        ('NAME="postgresql://u:p=@h/d"', "postgresql://u:p=@h/d"),
        ("NAME=", ""),
    ],
)
def test_a_line_of_dotenv(line, value):
    assert dotenv.parse(f"# NAME=no\n\n{line}\n") == {"NAME": value}


def test_dotenv_does_not_overrule_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TENURE_TEST_SET", "from outside")
    monkeypatch.delenv("TENURE_TEST_UNSET", raising=False)
    file = tmp_path / ".env"
    file.write_text("TENURE_TEST_SET=from file\nTENURE_TEST_UNSET=from file\n")
    dotenv.load(file)
    assert dotenv.os.environ["TENURE_TEST_SET"] == "from outside"
    assert dotenv.os.environ.pop("TENURE_TEST_UNSET") == "from file"


def test_a_small_machine_gets_a_small_database():
    assert "shared_buffers = '128MB'" in settings_for(5432, memory=2 * 2**30)
    assert "shared_buffers = '3072MB'" in settings_for(5432, memory=24 * 2**30)
