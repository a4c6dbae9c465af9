"""Nobody of one company sees or changes a row of another, over every route there is."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import islice

from crm.people.roles import ALL_CAPABILITIES
from customers.models import Customer
from tests.cases import ApiTestCase, BrowserTestCase, CommittedTestCase
from tests.isolation.routes import Route, all_routes
from tests.isolation.rows import Rows, fingerprint
from tests.isolation.walls import walls_down

MARKER = "XACMEX"
METHODS = ("get", "post")


def is_api(route: Route) -> bool:
    return route.path.startswith("api/v1/")


def visit(
    client, routes: list[Route], rows: dict, methods: tuple[str, ...] = METHODS, **extra
) -> Iterator[tuple]:
    """Ask every address of the routes for the ids it may take; yields method, address and answer."""
    for route in routes:
        for address in route.addresses(ids_for(route, rows), [MARKER]):
            for method in methods:
                yield method, address, getattr(client, method)(address, **extra)


def ids_for(route: Route, rows: dict) -> list:
    """An operation takes records of its own model; a page may take any of its app's, or a customer."""
    operated = getattr(getattr(route.callback, "cls", None), "queryset", None)
    if operated is not None:
        return [rows[operated.model].pk]
    app = route.callback.__module__.split(".")[0]
    taken = [model for model in rows if model is Customer or model._meta.app_label == app]
    return [rows[model].pk for model in route.likely(taken)]


def body_of(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace")


class Declared(BrowserTestCase):
    def test_every_view_names_its_capability_or_why_it_is_open(self):
        for route in all_routes():
            if route.path.startswith("api/"):
                continue
            with self.subTest(route=route.path):
                view = route.callback
                if not getattr(view, "open_because", ""):
                    self.assertIn(getattr(view, "capability", None), ALL_CAPABILITIES)

    def test_a_view_that_names_nothing_would_be_found(self):
        self.assertIsNone(getattr(lambda request: None, "capability", None))


class Pages(BrowserTestCase):
    def setUp(self) -> None:
        with self.inside():
            self.rows = Rows(MARKER).one_of_each()
        with self.inside(self.other):
            self.own = Rows("OTHER").one_of_each()
        self.ids = [row.pk for row in self.rows.values()]
        self.client.raise_request_exception = True
        logging.disable(logging.WARNING)  # refusals by the thousand
        self.addCleanup(logging.disable, logging.NOTSET)

    def test_no_row_of_another_company_is_shown_or_changed(self):
        addresses = self.opened()
        with self.inside():
            before = fingerprint()
        self.sign_in(self.mallory)
        for method, address in addresses:
            response = getattr(self.client, method)(address)
            with self.subTest(method=method, address=address):
                self.assertNotIn(MARKER, body_of(response).replace(f"/{MARKER}", ""))
                self.assertLess(response.status_code, 500)
                if any(str(pk) in address for pk in self.ids) and method == "get":
                    self.assertNotEqual(response.status_code, 200)
        with self.inside():
            self.assertEqual(fingerprint(), before)

    def opened(self) -> list[tuple[str, str]]:
        """The methods and addresses at which a member of the company itself finds something; many show its rows."""
        self.sign_in(self.admin)
        found: list[tuple[str, str]] = []
        shown = 0
        for route in all_routes():
            if not route.path.startswith("api/"):
                opened, shows = self.opened_of(route)
                found += opened
                shown += shows
        self.assertGreater(shown, 10)
        return found

    def opened_of(self, route: Route) -> tuple[list[tuple[str, str]], int]:
        """Those of one route, and how many of them show a row of the company's.

        A page that takes ids alone takes those of one model: once it shows a row, the others need not be tried. What
        only takes a POST is tried with all of them.
        """
        found, shows = [], 0
        addresses = list(route.addresses(ids_for(route, self.rows), [MARKER]))
        for address in addresses:
            response = self.client.get(address)
            if response.status_code == 405:
                return [("post", each) for each in addresses], 0
            if response.status_code != 404:
                found += [(method, address) for method in METHODS]
                shown = MARKER in body_of(response)
                shows += shown
                if shown and {kind for kind, _name in route.parameters} == {"uuid"}:
                    break
        return found, shows


class Operations(ApiTestCase):
    def setUp(self) -> None:
        with self.inside():
            self.rows = Rows(MARKER).one_of_each()
        with self.inside(self.other):
            Rows("OTHER").one_of_each()
        self.ids = [row.pk for row in self.rows.values()]
        self.routes = [route for route in all_routes() if is_api(route)]

    def visit(self, key: str, methods: tuple[str, ...]) -> Iterator[tuple]:
        headers = {"Authorization": f"Bearer {key}"}
        yield from visit(
            self.client, self.routes, self.rows, methods, headers=headers, content_type="application/json"
        )

    def test_no_row_of_another_company_is_shown_or_changed(self):
        with self.inside():
            before = fingerprint()
        for method, address, response in self.visit(
            self.key_of(self.mallory), ("get", "post", "patch", "delete")
        ):
            with self.subTest(method=method, address=address):
                self.assertNotIn(MARKER, body_of(response).replace(f"/{MARKER}", ""))
                self.assertLess(response.status_code, 500)
                if any(str(pk) in address for pk in self.ids):
                    self.assertGreaterEqual(response.status_code, 400)
        with self.inside():
            self.assertEqual(fingerprint(), before)

    def test_the_same_visit_with_its_own_key_shows_the_rows(self):
        shown = [a for _m, a, r in self.visit(self.key_of(self.admin), ("get",)) if MARKER in body_of(r)]
        self.assertGreater(len(shown), 5)


class WithoutProtection(CommittedTestCase):
    """The control: with the walls taken away the same visit finds foreign rows."""

    databases = {"default", "owner"}

    def test_the_visit_finds_foreign_rows_once_the_walls_are_gone(self):
        from crm.tenancy.context import tenant_context
        from crm.tenancy.middleware import SESSION_KEY

        with tenant_context(self.acme.pk):
            rows = Rows(MARKER).one_of_each()
        self.client.force_login(self.mallory.user)
        session = self.client.session
        session[SESSION_KEY] = str(self.other.pk)
        session.save()
        routes = [r for r in all_routes() if r.path.startswith(("customers/", "feedback/", "segments/"))]
        with walls_down():
            visited = visit(self.client, routes, rows, ("get",))
            shown = islice((a for _m, a, answer in visited if MARKER in body_of(answer)), 4)
            self.assertEqual(len(list(shown)), 4)
