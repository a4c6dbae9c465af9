"""What a page offers a member, the member may do: no link and no button of it ends in a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve

from crm.tenancy.context import tenant_context
from tests.cases import BrowserTestCase
from tests.isolation.routes import all_routes
from tests.isolation.rows import Rows
from tests.isolation.test_routes import MARKER, visit

_TARGET = re.compile(r'\s(?:href|action|formaction|hx-get|hx-post|data-edit|data-href|data-why)="([^"#?]+)')


def targets(address: str, body: str) -> Iterator[str]:
    """The addresses of this site that a page leads to."""
    for target in _TARGET.findall(body):
        parts = urlsplit(urljoin(address, target))
        if not parts.netloc and not parts.path.startswith(("/static/", "/accounts/", "/admin/")):
            yield parts.path


class Offers(BrowserTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        with tenant_context(cls.acme.pk):
            cls.rows = Rows(MARKER).one_of_each()

    def test_a_page_offers_a_reader_only_what_a_reader_may_do(self):
        self.sign_in(self.reader)
        refused = {
            (target, address)
            for address, body in self.pages()
            for target in targets(address, body)
            if not self.may(target)
        }
        self.assertEqual(refused, set())

    def pages(self) -> Iterator[tuple[str, str]]:
        """One page of each route that a reader may see."""
        for route in all_routes():
            if route.path.startswith("api/") or not self.may_view(route.callback):
                continue
            for _method, address, response in visit(self.client, [route], self.rows, ("get",)):
                if response.status_code == 405:
                    break
                if response.status_code == 200:
                    yield address, "" if response.streaming else response.content.decode()
                    break

    def may(self, target: str) -> bool:
        try:
            return self.may_view(resolve(target).func)
        except Resolver404:
            return True

    def may_view(self, view) -> bool:
        capability = getattr(view, "capability", None)
        return capability is None or self.reader.can(capability)
