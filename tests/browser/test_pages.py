"""Every page in a real browser: it opens without an error, keeps its policy, and axe finds nothing (WCAG 2.2 AA)."""

from __future__ import annotations

import os
import shutil
import unittest
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.test import LiveServerTestCase
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, sync_playwright

from crm import defaults
from crm.tenancy.context import tenant_context
from customers.services import stats
from feedback.services import feedback as feedback_services
from segmentation.services.classify import classify
from tests import factories as make
from tests.cases import CommittedTestCase

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = [("light", 1440), ("dark", 1440), ("light", 390)]

if BROWSER is None and os.environ.get("REQUIRE_BROWSER") == "1":
    raise RuntimeError(
        "REQUIRE_BROWSER is set and no Chromium was found: install it (apt-get install chromium)."
    )


@unittest.skipIf(BROWSER is None, "NO BROWSER: install Chromium to run the browser tests")
class Pages(CommittedTestCase, LiveServerTestCase):
    def setUp(self) -> None:
        super().setUp()
        # The browser's own loop runs in this thread; the data was made before it and is only read after.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        with tenant_context(self.acme.pk):
            self._furnish()
        self.playwright = sync_playwright().start()
        self.addCleanup(self.playwright.stop)
        self.browser = self.playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        self.addCleanup(self.browser.close)

    def _furnish(self) -> None:
        defaults.furnish(self.admin)
        self.customer = make.customer(name="Harbour Logistics", owner=self.admin, industry="Transport")
        for days in (5, 40, 90, 200):
            make.purchase(customer=self.customer, purchased_at=timezone.now() - timedelta(days=days))
        for name in ("远山", "A" * 120, "Z"):
            make.customer(name=name, owner=self.alice)
        make.contact(customer=self.customer, name="Dana Reed", primary=True)
        make.interaction(customer=self.customer, author=self.admin)
        make.follow_up(self.admin, customer=self.customer, due_at=timezone.now() - timedelta(days=1))
        self.feedback = feedback_services.record_feedback(
            text="The invoice was wrong twice.", actor=self.admin, customer=self.customer, open_ticket=True
        )
        self.survey = make.survey()
        stats.refresh()
        classify(at=timezone.now())
        self.form_path = feedback_services.path_of(
            feedback_services.save_form(form=None, actor=self.admin, name="Desk", title="Tell us")
        )

    def addresses(self) -> list[str]:
        named = [
            *("today", "insight", "settings", "customers:list", "segmentation:classes", "maintenance:home"),
            *("feedback:list", "feedback:tickets", "feedback:surveys", "feedback:forms", "retention:home"),
            *("planning:list",),
        ]
        ticket = self.feedback.tickets.values_list("pk", flat=True)
        with tenant_context(self.acme.pk):
            ticket = ticket.get()
        return [
            *map(reverse, named),
            reverse("customers:record", args=[self.customer.pk]),
            reverse("feedback:record", args=[self.feedback.pk]),
            reverse("feedback:ticket", args=[ticket]),
            reverse("feedback:survey", args=[self.survey.pk]),
        ]

    def sign_in(self, page: Page) -> None:
        page.goto(self.live_server_url + reverse("account_login"))
        page.fill("input[name=login]", self.admin.user.email)
        page.fill("input[name=password]", make.PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(self.live_server_url + "/")

    def violations(self, page: Page) -> list[str]:
        page.evaluate(AXE.read_text())
        found = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]

    def look_at(self, page: Page, address: str, look: tuple[str, int]) -> None:
        with self.subTest(address=address, look=look):
            answer = page.goto(self.live_server_url + address)
            page.wait_for_load_state("networkidle")
            self.assertEqual(answer.status, 200)
            self.assertEqual(self.violations(page), [])
            wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            self.assertLessEqual(wider, 0, "the page scrolls sideways")

    def test_every_page_opens_clean_in_light_dark_and_on_a_phone(self) -> None:
        for look in LOOKS:
            scheme, width = look
            context = self.browser.new_context(
                color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=False
            )
            page = context.new_page()
            complaints: list[str] = []
            page.on(
                "console",
                lambda said, heard=complaints: heard.append(said.text) if said.type == "error" else None,
            )
            self.sign_in(page)
            for address in [*self.addresses(), self.form_path]:
                self.look_at(page, address, look)
            self.assertEqual(complaints, [])
            context.close()

    def test_a_follow_up_is_done_from_today_and_the_palette_finds_a_customer(self) -> None:
        page = self.browser.new_page(viewport={"width": 1440, "height": 900})
        self.sign_in(page)
        entry = page.locator(".agenda-entry", has_text="Call about the renewal")
        entry.get_by_role("button").first.click()
        sheet = page.locator("#sheet-body form")
        sheet.wait_for()
        sheet.locator("textarea").first.fill("All is well")
        sheet.get_by_role("button", name="Done").or_(sheet.locator("button[type=submit]")).first.click()
        entry.wait_for(state="detached")
        page.keyboard.press("Control+k")
        page.locator("#palette input").fill("harbour")
        page.locator("#palette").get_by_text("Harbour Logistics").first.wait_for()
        page.keyboard.press("Escape")
        with tenant_context(self.acme.pk):
            self.assertEqual(self.customer.follow_ups.filter(outcome="done").count(), 1)
