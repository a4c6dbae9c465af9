"""Real servers: made, killed, found again. Slow for a test, so there are few."""

import os
import signal
import socket
from contextlib import closing

import psycopg2
import pytest
import redis

from crm import stack
from crm.stack.home import Home
from crm.stack.postgres import Postgres
from crm.stack.processes import is_alive, wait_until
from crm.stack.valkey import Valkey


def query(url, statement, *, fetch=True):
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if fetch else None


def kill(process):
    process.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not is_alive(process), seconds=5)


def test_what_was_written_survives_kill_9(own_home):
    stack.ensure_running(own_home)
    addresses = stack.environment(own_home)
    query(addresses["DATABASE_OWNER_URL"], "CREATE TABLE kept AS SELECT 42 AS answer", fetch=False)
    redis.from_url(addresses["REDIS_URL"]).set("kept", "42")

    kill(Postgres(Home(own_home)).process())
    kill(Valkey(Home(own_home)).process())
    stack.ensure_running(own_home)

    assert stack.environment(own_home) == addresses
    assert query(addresses["DATABASE_OWNER_URL"], "SELECT answer FROM kept") == [(42,)]
    assert redis.from_url(addresses["REDIS_URL"]).get("kept") == b"42"


def test_servers_live_as_long_as_their_last_user_and_keep_their_data_on_another_port(own_home):
    with stack.lease(own_home):
        first = Postgres(Home(own_home)).process()
        with stack.lease(own_home):
            assert Postgres(Home(own_home)).process() == first
        assert is_alive(first)
        old = stack.environment(own_home)
    assert not is_alive(first)
    assert Valkey(Home(own_home)).process() is None

    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", Postgres(Home(own_home)).entry["port"]))
        stranger.listen()
        with stack.lease(own_home):
            new = stack.environment(own_home)
            assert query(new["DATABASE_URL"], "SELECT current_user") == [("crm_app",)]
    assert new["DATABASE_URL"] != old["DATABASE_URL"]
    assert new["REDIS_URL"] == old["REDIS_URL"]


def test_servers_that_were_asked_for_outlast_their_users(own_home, monkeypatch):
    stack.ensure_running(own_home)
    with stack.lease(own_home):
        pass
    for name, address in stack.environment(own_home).items():
        monkeypatch.setenv(name, address)
    with stack.lease(own_home):
        pass

    assert is_alive(Postgres(Home(own_home)).process())
    assert is_alive(Valkey(Home(own_home)).process())


@pytest.mark.usefixtures("running_servers")
class TestRoles:
    """``roles.sql``, on the servers the tests run on."""

    def test_only_the_owner_and_the_search_pass_the_policies(self):
        rows = query(
            stack.environment()["DATABASE_OWNER_URL"],
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname LIKE 'crm%' ORDER BY rolname",
        )
        assert rows == [
            ("crm_app", True, False, False, False, False),
            ("crm_owner", True, False, True, True, False),
            ("crm_search", False, False, True, False, False),
        ]

    def test_the_application_makes_no_tables_but_temporary_ones(self):
        application = stack.environment()["DATABASE_URL"]
        query(application, "CREATE TEMPORARY TABLE fine (id int)", fetch=False)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(application, "CREATE TABLE refused (id int)", fetch=False)

    def test_the_owner_hands_functions_to_the_search_role_and_replaces_them_later(self):
        rows = query(
            stack.environment()["DATABASE_OWNER_URL"],
            """
            BEGIN;
            GRANT CREATE ON SCHEMA public TO crm_search;
            CREATE FUNCTION found() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
            ALTER FUNCTION found() OWNER TO crm_search;
            CREATE OR REPLACE FUNCTION found() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = ''
                AS 'SELECT 2';
            SELECT found(), pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'found';
            """,
        )
        assert rows == [(2, "crm_search")]

    def test_a_new_database_of_the_owner_has_the_extensions(self):
        owner = stack.environment()["DATABASE_OWNER_URL"]
        name = f"tenure_extensions_{os.getpid()}"
        query(owner, f"CREATE DATABASE {name}", fetch=False)
        try:
            rows = query(owner.rpartition("/")[0] + f"/{name}", "SELECT extname FROM pg_extension ORDER BY 1")
        finally:
            query(owner, f"DROP DATABASE {name}", fetch=False)
        assert {row[0] for row in rows} >= {"btree_gin", "fuzzystrmatch", "pg_trgm", "unaccent"}


@pytest.fixture
def running_servers():
    with stack.lease():
        yield
