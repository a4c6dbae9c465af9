"""Every form that is refused: what is wrong stands beside its field, and the field names it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from tests.cases import BrowserTestCase
from tests.isolation.routes import Route, all_routes
from tests.isolation.rows import Rows


class Page(HTMLParser):
    """The ids of a page, what its wrong fields say describes them, and what asks for the focus."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.wrong: list[str] = []
        self.autofocus: list[str] = []
        self._fieldsets: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        self.ids += [given["id"]] if given.get("id") else []
        if tag == "fieldset":
            self._fieldsets.append(given.get("aria-describedby") or "")
        if given.get("aria-invalid") == "true":
            self.wrong.append(given.get("aria-describedby") or "".join(self._fieldsets[-1:]))
        self.autofocus += [given.get("name") or tag] if "autofocus" in given else []

    def handle_endtag(self, tag: str) -> None:
        if tag == "fieldset" and self._fieldsets:
            self._fieldsets.pop()

    @property
    def undescribed(self) -> list[str]:
        return [one for one in self.wrong if not one or not set(one.split()) <= set(self.ids)]


class EveryRefusedForm(BrowserTestCase):
    def setUp(self) -> None:
        super().setUp()
        with self.inside():
            self.rows = list(Rows("Sample").one_of_each().values())
        self.sign_in(self.admin)

    def refused(self) -> dict[str, str]:
        """Forms sent with nothing in them, and what comes back."""
        routes = [route for route in all_routes() if not route.path.startswith("api/")]
        found = {}
        for route in routes:
            for address in self.addresses(route):
                if self.has_form(address):
                    answer = self.client.post(address, {})
                    if answer.status_code == 422:
                        found[address] = answer.content.decode()
                    break
        return found

    def addresses(self, route: Route) -> list[str]:
        app = route.callback.__module__.split(".")[0]
        ids = [row.pk for row in self.rows if row._meta.app_label == app]
        return list(route.addresses(ids, ["customers", "name"]))

    def has_form(self, address: str) -> bool:
        answer = self.client.get(address)
        is_page = answer.status_code == 200 and "text/html" in answer.headers.get("Content-Type", "")
        return is_page and not answer.streaming and "<form" in answer.content.decode()

    def test_each_wrong_field_is_described_and_nothing_else_takes_the_focus(self) -> None:
        pages = {address: Page(html) for address, html in self.refused().items()}
        with_fields = {address: page for address, page in pages.items() if page.wrong}
        self.assertGreater(len(with_fields), 20, sorted(pages))
        for address, page in with_fields.items():
            with self.subTest(address=address):
                self.assertEqual(page.undescribed, [])
                self.assertEqual(page.autofocus, [])
