"""A real browser before a live server, and what every page in it must keep."""

from __future__ import annotations

import os
import shutil
import unittest
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.test import LiveServerTestCase
from django.urls import reverse
from playwright.sync_api import Page, sync_playwright

from crm.models import User
from crm.tenancy.context import tenant_context
from tests import factories as make
from tests.cases import CommittedTestCase

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
WIDE, PHONE = ({"width": width, "height": 900} for width in (1440, 390))
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

if BROWSER is None and os.environ.get("REQUIRE_BROWSER") == "1":
    raise RuntimeError(
        "REQUIRE_BROWSER is set and no Chromium was found: install it (apt-get install chromium)."
    )


every_page = unittest.skipUnless(
    os.environ.get("EVERY_PAGE") == "1", "EVERY_PAGE=1 asks for a look at every page: it takes minutes"
)


@unittest.skipIf(BROWSER is None, "NO BROWSER: install Chromium to run the browser tests")
class BrowserCase(CommittedTestCase, LiveServerTestCase):
    """One browser for the tests of a class; a context of its own, with its own cookies, for each test's pages."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        # The browser's own loop runs in this thread, between whose turns the tests make and read their rows.
        cls.enterClassContext(mock.patch.dict(os.environ, DJANGO_ALLOW_ASYNC_UNSAFE="1"))
        playwright = cls.enterClassContext(sync_playwright())
        cls.browser = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        cls.addClassCleanup(cls.browser.close)

    def setUp(self) -> None:
        super().setUp()
        with tenant_context(self.acme.pk):
            self.furnish()
        self.addCleanup(self._close_pages)

    def _close_pages(self) -> None:
        for context in self.browser.contexts:
            context.close()

    def furnish(self) -> None:
        """Rows of Acme's that the pages show."""

    def sign_in(self, page: Page, user: User | None = None) -> None:
        self.give_password(page, user or self.admin.user)
        page.wait_for_url(self.live_server_url + "/")

    def give_password(self, page: Page, user: User) -> None:
        page.goto(self.live_server_url + reverse("account_login"))
        page.fill("input[name=login]", user.email)
        page.fill("input[name=password]", make.PASSWORD)
        page.click("form[action$='/login/'] button[type=submit]:not([form])")

    def violations(self, page: Page) -> list[str]:
        page.evaluate(AXE.read_text())
        found = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]

    def look_at(self, page: Page, address: str, *schemes: str) -> None:
        """Open an address once and look at it in each colour scheme."""
        answer = page.goto(self.live_server_url + address)
        page.wait_for_load_state("networkidle")
        seen = set()
        for scheme in schemes:
            with self.subTest(address=address, scheme=scheme, width=page.viewport_size["width"]):
                self.paint(page, scheme)
                self.assertEqual(answer.status, 200)
                seen.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
                self.look(page)
        with self.subTest(address=address):
            self.assertEqual(len(seen), len(schemes), f"looks the same in {schemes}")

    def look_everywhere(self, page: Page, address: str) -> None:
        """Open an address once and look at it wide in both colour schemes, then as on a phone."""
        page.set_viewport_size(WIDE)
        self.look_at(page, address, "light", "dark")
        with self.subTest(address=address, width=PHONE["width"]):
            page.set_viewport_size(PHONE)
            self.paint(page, "light")
            self.look(page)

    def paint(self, page: Page, scheme: str) -> None:
        """Show the page in a colour scheme. The query matches before the page is told of it, one frame later."""
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(
            "scheme => matchMedia(`(prefers-color-scheme: ${scheme})`).matches", arg=scheme
        )
        page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
        )
        page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")

    def look(self, page: Page) -> None:
        self.assertEqual(self.violations(page), [])
        flat = page.evaluate(
            "[...document.querySelectorAll('svg, canvas')].filter(one => one.getClientRects().length)"
            ".filter(one => !one.getBoundingClientRect().width || !one.getBoundingClientRect().height)"
            ".map(one => one.outerHTML.slice(0, 120))"
        )
        self.assertEqual(flat, [], "drawings without room")
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        self.assertLessEqual(wider, 0, "the page scrolls sideways")
