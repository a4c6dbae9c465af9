"""No body that names another company's record is taken: not by a form, not by an operation."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from crm.api import docs, router
from customers.models import Contact, Customer
from tests.cases import ApiTestCase, BrowserTestCase
from tests.isolation.bodies import Described, Filled, references, seen_forms
from tests.isolation.routes import Route, all_routes
from tests.isolation.rows import Rows, fingerprint, written
from tests.isolation.test_routes import MARKER, body_of


class Bodies(BrowserTestCase):
    """Mallory of the other company acts; Acme's records are the foreign ones."""

    def setUp(self) -> None:
        with self.inside():
            self.foreign = Rows(MARKER).one_of_each()
            self.before = fingerprint()
        with self.inside(self.other):
            self.own = Rows("OTHER").one_of_each()
        self.pattern = "|".join(str(row.pk) for row in self.foreign.values())
        self.answers: Counter[int] = Counter()
        logging.disable(logging.WARNING)  # refusals by the hundred
        self.addCleanup(logging.disable, logging.NOTSET)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Afterwards everything is as it was, so that each body meets the same records."""
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    def refused(self, method: str, address: str, body: Any, **extra: Any) -> None:
        """Send what names a foreign record: nothing of it is stored or shown, and nobody stumbles."""
        with self.undone():
            begun = written()
            response = getattr(self.client, method)(address, body, **extra)
            self.answers[response.status_code] += 1
            self.assertLess(response.status_code, 500)
            self.assertNotIn(MARKER, body_of(response).replace(f"/{MARKER}", ""))
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self.assertEqual(self.left_since(begun), [])

    def left_since(self, begun: dict[str, int]) -> list[str]:
        """Own columns that hold a foreign id now, and tables with other foreign rows than at the beginning.

        Only what was written to since is read again: there are hundreds of bodies and as many tables.
        """
        tables = [table for table, count in written().items() if count != begun.get(table)]
        if not tables:
            return []
        with self.inside(self.other):
            found = self._stored(tables)
        with self.inside():
            now = fingerprint(*tables)
        return found + [table for table in tables if now[table] != self.before[table]]

    def _stored(self, tables: list[str]) -> list[str]:
        seen = [
            f"SELECT DISTINCT '{table}.' || e.key FROM {table} t, jsonb_each_text(to_jsonb(t)) e "
            "WHERE e.value ~ %(ids)s"
            for table in tables
        ]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(seen), {"ids": self.pattern})
            return [column for (column,) in cursor.fetchall()]


class Control(Bodies):
    def test_a_foreign_id_that_is_stored_and_a_foreign_row_that_is_changed_are_seen(self) -> None:
        begun = written()
        with self.undone(), self.inside(self.other):
            Customer.objects.update(notes=str(self.foreign[Customer].pk))
        self.assertEqual(self.left_since(begun), [])
        with self.inside(self.other):
            Customer.objects.update(notes=str(self.foreign[Customer].pk))
        with self.inside():
            Contact.objects.update(name="Other")
        found = self.left_since(begun)
        self.assertLessEqual({"customers_customer.notes", "customers_contact"}, {*found})


class Forms(Bodies):
    def setUp(self) -> None:
        super().setUp()
        self.sign_in(self.mallory)
        self.routes = [route for route in all_routes() if not route.path.startswith(("api/", "accounts/"))]

    def test_every_form_takes_own_records_and_none_takes_a_foreign_one(self) -> None:
        taken: Counter[int] = Counter()
        for address, filled in self.forms():
            with self.undone():
                taken[self.client.post(address, filled.own).status_code] += 1
            for name, body in filled.foreign():
                with self.subTest(address=address, field=name):
                    self.refused("post", address, body)
            elsewhere = self._at_foreign(address)
            if elsewhere != address:
                with self.subTest(address=elsewhere):
                    self.refused("post", elsewhere, filled.own)
        self.assertEqual(set(self.answers), {404, 422})
        self.assertGreater(self.answers[422], 20)
        self.assertGreater(taken[302] + taken[204], 25)

    def test_no_page_filters_its_way_to_a_foreign_record(self) -> None:
        query = {name: str(self.foreign[model].pk) for name, model in references().items()}
        for route in self.routes:
            if not route.parameters:
                with self.subTest(route=route.path):
                    self.refused("get", f"/{route.path}", query)

    def forms(self) -> Iterator[tuple[str, Filled]]:
        """Every form behind an address that takes a POST for own records: the address and its bodies."""
        for route in self.routes:
            for address in route.addresses(self._ids(route), ["OTHER"]):
                status, filled = self._open(address)
                if status != 404:
                    if filled.own:
                        yield address, filled
                    break

    def _ids(self, route: Route) -> list[UUID]:
        app = route.callback.__module__.split(".")[0]
        taken = [model for model in self.own if model._meta.app_label in (app, "customers")]
        return [self.own[model].pk for model in route.likely(taken)]

    def _open(self, address: str) -> tuple[int, Filled]:
        with self.undone(), seen_forms() as found:
            response = self.client.post(address, {"probe": "1"})
            with self.inside(self.other):
                filled = Filled([form for form in found if form.is_bound], self.own, self.foreign)
        return response.status_code, filled

    def _at_foreign(self, address: str) -> str:
        """The same address for the foreign record of the same model."""
        for model, row in self.own.items():
            address = address.replace(str(row.pk), str(self.foreign[model].pk))
        return address


class Operations(Bodies, ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.headers = {"Authorization": f"Bearer {self.key_of(self.mallory)}"}
        self.extra = {"headers": self.headers, "content_type": "application/json"}

    def operations(self) -> Iterator[tuple[str, str, type, Described]]:
        document = docs.description()
        for path, methods in document["paths"].items():
            viewset = dict(router.routes())[path.removeprefix(router.PREFIX).partition("/")[0]]
            for method, operation in methods.items():
                if method in ("post", "put", "patch"):
                    many = path.endswith("/bulk")  # its items are what one is made of
                    one = document["paths"][path.removesuffix("/bulk")]["post"] if many else operation
                    described = Described(document, one, self.own, self.foreign, many=many)
                    yield method, path, viewset.queryset.model, described

    def address(self, path: str, model: type, rows: dict) -> str:
        return (
            path.replace("{id}", str(rows[model].pk))
            .replace("{external_id}", "X-1")
            .replace("{number}", "X-1")
        )

    def test_no_operation_takes_a_foreign_record(self) -> None:
        tried = 0
        for method, path, model, described in self.operations():
            for name, body in described.foreign():
                tried += 1
                with self.subTest(method=method, path=path, field=name):
                    self.refused(method, self.address(path, model, self.own), json.dumps(body), **self.extra)
        self.assertGreater(tried, 25)

    def test_no_foreign_record_is_changed_by_a_whole_body(self) -> None:
        for method, path, model, described in self.operations():
            if "{id}" in path:
                with self.subTest(method=method, path=path):
                    self.refused(
                        method,
                        self.address(path, model, self.foreign),
                        json.dumps(described.own),
                        **self.extra,
                    )
        self.assertLessEqual(set(self.answers), {400, 404})  # 400: the body was looked at first

    def test_the_same_operations_take_own_records(self) -> None:
        for method, path, model, described in self.operations():
            with self.undone():
                address = self.address(path, model, self.own)
                response = getattr(self.client, method)(address, json.dumps(described.own), **self.extra)
            self.answers[response.status_code] += 1
        self.assertGreater(self.answers[200] + self.answers[201], 35)
