"""A cast of two companies, and the three ways a test acts: inside a company, as a browser, as a program.

Acme: ``admin``, ``lead`` (leads ``team``), ``alice`` (account manager in ``team``), ``reader``.
Other: ``mallory``, an administrator of another company.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import OperationalError, close_old_connections, connections
from django.test import Client, TestCase, TransactionTestCase
from django.utils import timezone

from crm.models import ApiKey, Member
from crm.people.roles import Role
from crm.tenancy import tokens
from crm.tenancy.context import Context, tenant_context
from crm.tenancy.middleware import SESSION_KEY
from tests import factories as make


def cast(holder: Any) -> None:
    """Make both companies and their people as attributes of ``holder``."""
    holder.acme = make.tenant(name="Acme", slug=f"acme-{make.unique()}")
    holder.other = make.tenant(name="Other", slug=f"other-{make.unique()}")
    with tenant_context(holder.acme.pk):
        holder.team = make.team(name="North")
        holder.admin = make.member(display_name="Ada Admin", role=Role.ADMIN)
        holder.lead = make.member(display_name="Leo Lead", role=Role.LEAD, team=holder.team)
        holder.alice = make.member(display_name="Alice", role=Role.MANAGER, team=holder.team)
        holder.reader = make.member(display_name="Rita Reader", role=Role.READER)
        holder.team.lead = holder.lead
        holder.team.save()
    with tenant_context(holder.other.pk):
        holder.mallory = make.member(display_name="Mallory", role=Role.ADMIN)


class CastTestCase(TestCase):
    """Starts outside any company."""

    @classmethod
    def setUpTestData(cls) -> None:
        cast(cls)

    @contextmanager
    def inside(self, tenant: Any = None) -> Iterator[Context]:
        with tenant_context((tenant or self.acme).pk) as context:
            yield context


class TenantTestCase(CastTestCase):
    """The test runs inside Acme; for services, selectors, query sets."""

    def setUp(self) -> None:
        super().setUp()
        self._stack = ExitStack()
        self._stack.enter_context(tenant_context(self.acme.pk))
        self.addCleanup(self._stack.close)


class BrowserTestCase(CastTestCase):
    """The test starts outside any company and acts through a signed-in browser."""

    def sign_in(self, member: Member) -> Client:
        self.client.force_login(member.user)
        session = self.client.session
        session[SESSION_KEY] = str(member.tenant_id)
        session.save()
        return self.client


class ApiTestCase(CastTestCase):
    """The test starts outside any company and acts with an API key."""

    def key_of(self, member: Member, *scopes: str) -> str:
        """A new key's text; without scopes named, one with all of them."""
        from crm.api.scopes import all_scopes

        token = tokens.make(member.tenant_id)
        with tenant_context(member.tenant_id):
            ApiKey.objects.create(
                name="test",
                member=member,
                secret_hash=token.hash,
                scopes=list(scopes or all_scopes()),
                last_used_at=timezone.now(),  # so that no call pays for writing that down
            )
        return token.text("tnr")

    def call(self, method: str, path: str, body: Any = None, *, key: str, **headers: str) -> Any:
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}", **headers},
        )


class WsgiTestCase(ApiTestCase):
    """Calls come in through the WSGI application, as from a server; the test's transaction lives through them."""

    def setUp(self) -> None:
        super().setUp()
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
            self.addCleanup(signal.connect, close_old_connections)


class CommittedTestCase(TransactionTestCase):
    """For what needs real commits: two connections, workers, poolers. Tables are emptied by the owner."""

    available_apps = None
    databases = {"default", "owner"}

    def setUp(self) -> None:
        super().setUp()
        cast(self)

    def _fixture_teardown(self) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(format('%I', relname), ',') FROM pg_class c JOIN pg_namespace n "
                "ON n.oid = relnamespace WHERE relkind = 'r' AND nspname = 'public' "
                "AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"
            )
            truncate = f"TRUNCATE {cursor.fetchone()[0]} CASCADE"
            for left in reversed(range(4)):
                try:
                    cursor.execute(truncate)
                    break
                except OperationalError:
                    # What a page that was left had asked for is still answered, and holds some of the tables.
                    if not left:
                        raise
