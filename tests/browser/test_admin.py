"""The admin in a real browser: every list and a form of each, light and dark; asked for like every page."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Page

from crm.api.scopes import all_scopes
from crm.services import deliveries, jobs, keys
from tests import factories as make
from tests.browser.cases import BrowserCase, every_page

PAGES = ("admin:index", "admin:choose-company", "admin:health", "admin:crm_tenant_add")


@every_page
class Admin(BrowserCase):
    def furnish(self) -> None:
        make.customer(name="Harbour Logistics", owner=self.admin)
        deliveries.enqueue(kind="email", dedup_key="one", payload={"title": "t"}, member=self.alice)
        jobs.start(kind="import", params={}, actor=self.admin)
        keys.create_key(name="Website", member=self.admin, scopes=all_scopes(), actor=self.admin)
        self.operator = make.user(email="ops@example.com", is_staff=True, is_superuser=True)

    def test_every_list_and_form_is_clean_in_light_and_dark(self) -> None:
        for scheme in ("light", "dark"):
            context = self.browser.new_context(
                color_scheme=scheme, viewport={"width": 1440, "height": 900}, bypass_csp=False
            )
            page = context.new_page()
            complaints: list[str] = []
            page.on(
                "console",
                lambda said, heard=complaints: heard.append(said.text) if said.type == "error" else None,
            )
            self.give_password(page, self.operator)
            page.wait_for_load_state("networkidle")
            self.enter(page)
            for name in PAGES:
                self.look_at(page, reverse(name), scheme)
            for model in admin.site._registry:
                self.look_at_table(page, f"admin:{model._meta.app_label}_{model._meta.model_name}", scheme)
            self.assertEqual(complaints, [])
            context.close()

    def enter(self, page: Page) -> None:
        page.goto(self.live_server_url + reverse("admin:choose-company"))
        page.get_by_role("button", name="Enter Acme").click()
        page.wait_for_load_state("networkidle")

    def look_at_table(self, page: Page, name: str, scheme: str) -> None:
        self.look_at(page, reverse(f"{name}_changelist"), scheme)
        first = page.locator("#result_list tbody a[href*='/change/']").first
        if first.count():
            self.look_at(page, first.get_attribute("href").partition("?")[0], scheme)
