"""What a company's work left behind: measured past the walls, by the owner's connection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

from django.core import mail
from django.db import connection, connections
from django.db.models import Manager

from crm.models import Tenant
from crm.tenancy import fields

# Each with the column that tells its rows apart: the last one of its primary key.
_TABLES = """
    SELECT t.relname, k.attname FROM pg_class t
    JOIN pg_index x ON x.indrelid = t.oid AND x.indisprimary
    JOIN pg_attribute k ON k.attrelid = t.oid AND k.attnum = x.indkey[x.indnkeyatts - 1]
    WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace AND EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    ) ORDER BY 1
"""

_UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


class Foreign:
    """The company that must neither be changed nor be seen in what is done for ``acting``."""

    def __init__(self, company: Tenant, acting: Tenant, marker: str) -> None:
        self.company, self.acting, self.marker = company, acting, marker
        self.tables = dict(_ask(_TABLES))
        self._ids = [str(company.pk), *map(str, self._rows())]
        self._marks = re.compile("|".join(map(re.escape, [marker, *self._ids])), re.IGNORECASE)
        self.watch()

    def watch(self) -> None:
        """Take what is there now, and nothing sent, as the beginning."""
        self._begin(self._digests(), self._seen())

    def _begin(self, digests: dict[str, str], seen: set[tuple[str, str, str]]) -> None:
        self._before, self._planted, self._mails = digests, seen, len(mail.outbox)

    def findings(self, *told: Any, folder: Path | None = None) -> list[str]:
        """What was changed or let out since the beginning, in the tables, the mails, the files and what was ``told``.

        What is there now is the next beginning.
        """
        after, seen = self._digests(), self._seen()
        found = [
            f"{table} of {self.company} changed" for table, was in self._before.items() if after[table] != was
        ]
        found += [f"{table}.{column} holds it" for table, _pk, column in sorted(seen - self._planted)]
        letters = [
            letter.message().as_string() + str(letter.recipients()) for letter in mail.outbox[self._mails :]
        ]
        files = [file.read_text("utf-8", "replace") for file in _files(folder)]
        for kind, texts in (("a mail", letters), ("a file", files), ("an output", map(str, told))):
            found += [f"{kind} holds {match[0]}" for text in texts if (match := self._marks.search(text))]
        self._begin(after, seen)
        return found

    def _rows(self) -> list[UUID]:
        union = " UNION ".join(
            f"SELECT {key} FROM {table} WHERE tenant_id = %(company)s" for table, key in self.tables.items()
        )
        return [pk for (pk,) in _ask(union, company=str(self.company.pk))]

    def _digests(self) -> dict[str, str]:
        digests = [
            f"SELECT '{table}', md5(coalesce(string_agg(t::text, '' ORDER BY {key}), '')) FROM {table} t "
            "WHERE tenant_id = %(company)s"
            for table, key in self.tables.items()
        ]
        digests.append("SELECT 'crm_tenant', md5(t::text) FROM crm_tenant t WHERE id = %(company)s")
        return dict(_ask(" UNION ALL ".join(digests), company=str(self.company.pk)))

    def _seen(self) -> set[tuple[str, str, str]]:
        """Table, row and column of the acting company that hold the foreign company's words or ids.

        The ids are looked for by value: one expression of some hundred ids takes the database seconds.
        """
        seen = [
            f"SELECT '{table}', t.{key}::text, e.key FROM {table} t, jsonb_each_text(to_jsonb(t)) e "
            "WHERE t.tenant_id = %(acting)s AND (e.value ~* %(marker)s OR EXISTS ("
            "SELECT FROM regexp_matches(lower(e.value), %(uuid)s, 'g') m WHERE m[1] = ANY (%(ids)s)))"
            for table, key in self.tables.items()
        ]
        asked = {"acting": str(self.acting.pk), "marker": self.marker, "uuid": _UUID, "ids": self._ids}
        return set(_ask(" UNION ALL ".join(seen), **asked))


@contextmanager
def walls_down() -> Iterator[None]:
    """No filter, no joined tenant, and a role that the policies do not hold."""
    app_role = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    owner = connections["owner"].settings_dict
    with (
        mock.patch.object(fields.TenantManager, "get_queryset", Manager.get_queryset),
        mock.patch.object(fields._SameTenant, "as_sql", lambda self, compiler, connection: ("TRUE", [])),
    ):
        connection.close()
        connection.settings_dict.update(USER=owner["USER"], PASSWORD=owner["PASSWORD"])
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.update(app_role)


def _ask(sql: str, **values: Any) -> list[tuple]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall()


def _files(folder: Path | None) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.is_file()] if folder else []
