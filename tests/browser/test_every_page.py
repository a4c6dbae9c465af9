"""Every page and sheet the URL resolver knows, in a browser, over a demo company: wide in both colours, on a phone.

It takes minutes, so it runs where it is asked for: ``EVERY_PAGE=1 make test ARGS="tests/browser/test_every_page.py
tests/browser/test_admin.py"``.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from crm import defaults
from crm.tenancy.middleware import SESSION_KEY
from customers.models import Customer
from segmentation.services.classify import classify
from tests.browser.cases import PHONE, WIDE, BrowserCase, every_page
from tests.isolation.routes import Route, all_routes
from tests.isolation.rows import Rows, tenant_models

# Leads away from the pages: to a file, to the door.
LEFT_OUT = ("accounts/", "healthz", "readyz")
_OPEN = """url => new Promise((done, failed) => {
    document.body.addEventListener("htmx:afterSettle", () => done(), {once: true});
    document.body.addEventListener("htmx:responseError", event => failed(event.detail.xhr.status), {once: true});
    htmx.ajax("GET", url, {source: document.body, target: "#sheet-body"});
})"""


@every_page
class EveryPage(BrowserCase):
    def furnish(self) -> None:
        defaults.furnish(self.admin)
        call_command("seed_demo", "--tenant", self.acme.slug, "--customers", "60", stdout=StringIO())
        classify(at=timezone.now())
        rows = Rows("Sample")
        rows.made = {model: row for model in tenant_models() if (row := model.objects.last())}
        self.rows = rows.one_of_each()

    def test_nothing_is_wrong_with_any(self) -> None:
        pages, sheets = self.found()
        self.assertGreater(len(pages), 30)
        self.assertGreater(len(sheets), 20)
        context = self.browser.new_context(viewport=WIDE, bypass_csp=False)
        page = context.new_page()
        heard: list[str] = []
        page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
        self.sign_in(page)
        for address in pages:
            heard.clear()
            self.look_everywhere(page, address)
            with self.subTest(address=address):
                self.assertEqual(heard, [])
        self.look_at_sheets(page, sheets)
        context.close()

    def look_at_sheets(self, page: Page, addresses: list[str]) -> None:
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)
            page.goto(self.live_server_url + reverse("customers:list"))
            page.wait_for_load_state("networkidle")
            for address in addresses:
                with self.subTest(sheet=address, width=size["width"]):
                    page.evaluate(_OPEN, address)
                    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
                    self.assertTrue(page.evaluate("document.getElementById('sheet').open"))
                    self.look(page)
                page.evaluate("dispatchEvent(new Event('sheet-close'))")

    def found(self) -> tuple[list[str], list[str]]:
        """One address of each route that shows a whole page to the administrator, and of each that fills the sheet."""
        client = Client()
        client.force_login(self.admin.user)
        session = client.session
        session[SESSION_KEY] = str(self.acme.pk)
        session.save()
        pages, sheets = [], []
        for route in all_routes():
            if route.path.startswith((*LEFT_OUT, "api/")):
                continue
            for address in self.addresses(route):
                kind = self.kind_of(client, address)
                if kind:
                    (pages if kind == "page" else sheets).append(address)
                    break
        return pages, sheets

    def addresses(self, route: Route) -> Iterator[str]:
        app = route.callback.__module__.split(".")[0]
        rows = [row for model, row in self.rows.items() if model._meta.app_label == app]
        yield from route.addresses([row.pk for row in (self.rows[Customer], *rows)], ["customers"])

    def kind_of(self, client: Client, address: str) -> str:
        answer = client.get(address)
        if answer.status_code != 200 or answer.streaming or "text/html" not in answer["Content-Type"]:
            return ""
        text = answer.content.decode()
        if "sheet-head" in text:
            return "sheet"
        return "page" if "<html" in text else ""
