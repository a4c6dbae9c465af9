"""Companies stay apart through a pooler in transaction mode, with concurrent and failing work.

The control keeps the tenant in a session-level setting: the same run must see it leak.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import psycopg2
from django.db import connection

from crm.tenancy.context import tenant_context
from customers.models import Customer
from tests import factories as make
from tests.cases import CommittedTestCase

PGBOUNCER = shutil.which("pgbouncer") or (
    "/usr/sbin/pgbouncer" if Path("/usr/sbin/pgbouncer").exists() else None
)
THREADS, ROUNDS = 6, 40

if PGBOUNCER is None and os.environ.get("REQUIRE_POOLER") == "1":
    raise RuntimeError(
        "REQUIRE_POOLER is set and no PgBouncer was found: install it (apt-get install pgbouncer)."
    )


class Refused(Exception):
    """Work that fails in the middle, on purpose."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pooler:
    """PgBouncer with two server connections in transaction mode in front of the test database."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp())
        told = connection.settings_dict
        (self.folder / "users").write_text(f'"{told["USER"]}" "{told["PASSWORD"]}"\n')
        (self.folder / "ini").write_text(
            f"[databases]\n* = host={told['HOST']} port={told['PORT']}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {self.port}\nunix_socket_dir =\nauth_type = plain\nauth_file = {self.folder}/users\n"
            f"logfile = {self.folder}/log\npool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 50\n"
        )
        command = [str(PGBOUNCER), str(self.folder / "ini")]
        if os.geteuid() == 0:
            command[1:1] = ["-u", "nobody"]
            shutil.chown(self.folder, "nobody")
            for file in self.folder.iterdir():
                shutil.chown(file, "nobody")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("PgBouncer did not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder)


@unittest.skipUnless(PGBOUNCER, "PgBouncer is not installed")
class ThroughAPooler(CommittedTestCase):
    def setUp(self) -> None:
        super().setUp()
        for tenant in (self.acme, self.other):
            with tenant_context(tenant.pk):
                for _ in range(3):
                    make.customer(name=tenant.slug)
        self.pooler = Pooler()
        self.addCleanup(self.pooler.stop)

    def run_threads(self, work) -> list[str]:
        """Every name that a company's work read and that was another company's."""
        foreign: list[str] = []
        errors: list[Exception] = []

        def loop(seed: int) -> None:
            dice = random.Random(seed)
            try:
                for _ in range(ROUNDS):
                    tenant = dice.choice((self.acme, self.other))
                    fails = dice.random() < 0.3
                    foreign.extend(name for name in work(tenant, fails) if name != tenant.slug)
            except Exception as error:
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=loop, args=(seed,)) for seed in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        return foreign

    def test_no_work_sees_another_companys_rows(self):
        def work(tenant, fails):
            seen: list[str] = []
            try:
                with tenant_context(tenant.pk):
                    with connection.cursor() as cursor:  # the policies alone, without Django's filter
                        cursor.execute("SELECT name FROM customers_customer")
                        seen = [name for (name,) in cursor.fetchall()]
                    Customer.objects.update(city=tenant.slug)
                    if fails:
                        raise Refused
            except Refused:
                pass
            with connection.cursor() as cursor:
                cursor.execute("SELECT name FROM customers_customer")  # after it: nobody's
                seen += [f"left over: {name}" for (name,) in cursor.fetchall()]
            return seen

        told = connection.settings_dict  # shared by the connections of all threads
        direct = told["PORT"]
        told["PORT"] = self.pooler.port
        try:
            self.assertEqual(self.run_threads(work), [])
        finally:
            told["PORT"] = direct
        for tenant in (self.acme, self.other):
            with tenant_context(tenant.pk):
                self.assertLessEqual(set(Customer.objects.values_list("city", flat=True)), {"", tenant.slug})

    def test_the_control_with_a_session_setting_is_caught(self):
        told = connection.settings_dict

        def work(tenant, fails):
            pooled = psycopg2.connect(
                host="127.0.0.1",
                port=self.pooler.port,
                dbname=told["NAME"],
                user=told["USER"],
                password=told["PASSWORD"],
            )
            pooled.autocommit = True
            try:
                with pooled.cursor() as cursor:
                    cursor.execute("SET app.tenant_id = %s", [str(tenant.pk)])
                    cursor.execute("SELECT pg_sleep(0.001)")
                    cursor.execute("SELECT name FROM customers_customer")
                    return [name for (name,) in cursor.fetchall()]
            finally:
                pooled.close()

        self.assertGreater(len(self.run_threads(work)), 0)
