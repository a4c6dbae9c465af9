"""The pages everything else copies, in a real browser: no error, the policy kept, nothing for axe (WCAG 2.2 AA).

All others are looked at by ``test_every_page``.
"""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm import defaults
from crm.tenancy.context import tenant_context
from customers.services import stats
from customers.services.capture.receiving import receive
from customers.services.duplicates.merging import merge_customers
from feedback.services import feedback as feedback_services
from segmentation.services.classify import classify
from tests import factories as make
from tests.browser.cases import PHONE, WIDE, BrowserCase


class Pages(BrowserCase):
    def furnish(self) -> None:
        defaults.furnish(self.admin)
        self.customer = make.customer(name="Harbour Logistics", owner=self.admin, industry="Transport")
        for days in (5, 40, 90, 200):
            make.purchase(customer=self.customer, purchased_at=timezone.now() - timedelta(days=days))
        for name in ("远山", "A" * 120, "Z"):
            make.customer(name=name, owner=self.alice)
        make.contact(customer=self.customer, name="Dana Reed", primary=True)
        make.interaction(customer=self.customer, author=self.admin)
        make.follow_up(self.admin, customer=self.customer, due_at=timezone.now() - timedelta(days=1))
        feedback_services.record_feedback(
            text="The invoice was wrong twice.", actor=self.admin, customer=self.customer, open_ticket=True
        )
        stats.refresh()
        classify(at=timezone.now())
        self.form_path = feedback_services.path_of(
            feedback_services.save_form(form=None, actor=self.admin, name="Desk", title="Tell us")
        )

    def addresses(self) -> list[str]:
        pages = [reverse(name) for name in ("today", "customers:list", "feedback:tickets")]
        return [*pages, reverse("customers:record", args=[self.customer.pk]), self.form_path]

    def test_each_opens_clean_in_light_dark_and_on_a_phone(self) -> None:
        page = self.browser.new_context(viewport=WIDE, bypass_csp=False).new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        self.sign_in(page)
        for address in self.addresses():
            self.look_everywhere(page, address)
        self.assertEqual(complaints, [])

    def test_a_follow_up_is_done_from_today_and_the_palette_finds_a_customer(self) -> None:
        page = self.browser.new_page(viewport=WIDE)
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

    def test_the_keyboard_leads_from_a_lists_search_to_its_rows(self) -> None:
        page = self.browser.new_page(viewport=WIDE)
        self.sign_in(page)
        page.goto(self.live_server_url + reverse("customers:list"))
        search = page.locator("[data-list-search]")
        for key in ("ArrowDown", "Escape"):
            search.focus()
            page.keyboard.press(key)
            page.wait_for_function("() => document.activeElement.closest('tr[data-href]')")
        search.fill("nobody at all")
        page.locator("tr[data-href]").first.wait_for(state="detached")
        search.press("Escape")
        page.wait_for_function("() => document.querySelector('tr[data-href]')")
        self.assertEqual(search.input_value(), "")

    def test_columns_are_moved_by_keyboard_by_buttons_and_by_dragging(self) -> None:
        page = self.browser.new_page(viewport=WIDE)
        self.sign_in(page)
        page.goto(self.live_server_url + reverse("feedback:tickets") + "?view=all")
        head = page.locator("table.rows thead th:not(.col-select, .col-actions)")
        chooser = page.locator("#columns-tickets")
        page.locator(".list-columns-button").click()
        chooser.get_by_label("State", exact=True).focus()
        page.keyboard.press("Alt+ArrowUp")
        usual = ["Ticket", "Customer", "Priority", "Owner", "State", "Answer by", "Opened"]
        expect(chooser.get_by_role("status")).to_have_text("State: place 4 of 7")
        expect(head).to_have_text(["Ticket", "Customer", "Priority", "State", "Owner", "Answer by", "Opened"])
        expect(chooser.get_by_label("State", exact=True)).to_be_focused()
        for _time in range(3):
            page.keyboard.press("Alt+ArrowUp")
        expect(chooser.get_by_role("status")).to_have_text("State: place 2 of 7")
        chooser.get_by_label("Customer", exact=True).uncheck()
        chooser.get_by_role("button", name="Move down – State").click()
        expect(head).to_have_text(["Ticket", "Priority", "State", "Owner", "Answer by", "Opened"])

        grip = chooser.locator("[data-column=opened] [data-column-grip]").bounding_box()
        onto = chooser.locator("[data-column=priority]").bounding_box()
        page.mouse.move(grip["x"] + 10, grip["y"] + 10)
        page.mouse.down()
        page.mouse.move(grip["x"] + 10, onto["y"] + 4, steps=6)
        page.mouse.up()
        moved = ["Ticket", "Opened", "Priority", "State", "Owner", "Answer by"]
        expect(head).to_have_text(moved)
        self.assertEqual(self.violations(page), [])

        page.set_viewport_size(PHONE)
        page.goto(self.live_server_url + reverse("feedback:tickets") + "?view=all")
        labels = "[...document.querySelectorAll('tbody tr')].map(row => [...row.querySelectorAll('td[data-label]')]"
        told = page.evaluate(f"{labels}.map(one => one.checkVisibility() && one.dataset.label))[0]")
        self.assertEqual(told, moved[1:])
        page.locator(".list-columns-button").click()
        self.assertEqual(self.violations(page), [])
        chooser.get_by_role("button", name="Usual columns").click()
        page.set_viewport_size(WIDE)
        expect(head).to_have_text(usual)

    def test_rows_are_chosen_and_deleted_on_a_phone_and_come_back(self) -> None:
        page = self.browser.new_page(viewport=PHONE)
        self.sign_in(page)
        page.goto(self.live_server_url + reverse("customers:contacts"))
        page.locator("tbody [data-select-row]").first.click()
        page.get_by_role("checkbox", name="all on this page").uncheck()
        page.locator("tbody [data-select-row]").first.click()
        self.look(page)
        page.locator(".bulk-actions").get_by_role("button", name="Delete").click()
        page.locator("dialog[open]").get_by_role("button", name="Delete").click()
        undo = page.locator("[data-toast-undo]")
        undo.wait_for()
        with tenant_context(self.acme.pk):
            self.assertFalse(self.customer.contacts.exists())
        undo.click()
        page.get_by_text("1 record is as it was.").wait_for()
        with tenant_context(self.acme.pk):
            self.assertEqual(self.customer.contacts.get().name, "Dana Reed")

    def test_the_menu_stays_in_sight_however_far_a_long_page_is_scrolled(self) -> None:
        page = self.browser.new_page(viewport={"width": 1280, "height": 400})
        self.sign_in(page)
        page.goto(self.live_server_url + reverse("settings"))
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.wait_for_function("() => scrollY > 0")
        box = page.locator("#rail").bounding_box()
        self.assertEqual((box["y"], box["height"]), (0, 400))

    def test_a_merge_taken_back_in_the_history_shows_at_once_in_the_whole_record(self) -> None:
        with tenant_context(self.acme.pk):
            other = make.customer(name="Harbour Logistic")
            merge_customers(
                survivor=self.customer, others=[other], actor=self.admin, choices={"name": other.pk}
            )
        page = self.browser.new_page(viewport=WIDE)
        self.sign_in(page)
        record = reverse("customers:record", args=[self.customer.pk])
        page.goto(f"{self.live_server_url}{record}?tab=history")
        expect(page.locator("h1")).to_have_text("Harbour Logistic")
        page.get_by_role("button", name="Undo the merge").click()
        expect(page.locator("h1")).to_have_text("Harbour Logistics")
        expect(page.locator("#history")).to_contain_text("Merge undone")
        expect(page.get_by_role("button", name="Undo the merge")).to_have_count(0)

    def test_a_sheet_opened_by_a_rows_key_gives_the_focus_back_to_the_row(self) -> None:
        with tenant_context(self.acme.pk):
            for name in ("Quay", "Pier"):
                receive(channel="form", given={"name": name})
        page = self.browser.new_page(viewport=WIDE)
        self.sign_in(page)
        page.goto(self.live_server_url + reverse("customers:inbox"))
        sheet = page.locator("dialog#sheet[open]")
        row = page.locator("tr[data-row]").first
        page.keyboard.press("j")
        for key in ("m", "r"):
            page.keyboard.press(key)
            sheet.wait_for()
            page.keyboard.press("Escape")
            expect(sheet).to_have_count(0)
            expect(row).to_be_focused()
        page.keyboard.press("Space")
        expect(row.locator("[data-select-row]")).to_be_checked()
        expect(sheet).to_have_count(0)

    def test_a_record_is_edited_in_its_sheet_and_the_sheet_opens_again(self) -> None:
        page = self.browser.new_page(viewport=WIDE)
        self.sign_in(page)
        page.goto(self.live_server_url + reverse("customers:record", args=[self.customer.pk]))
        edit = page.get_by_role("button", name="Edit facts")
        for region in ("North", "South"):
            edit.click()
            form = page.locator("#sheet-body form")
            form.locator("input[name=region]").fill(region)
            form.locator("button[type=submit]").last.click()
            page.locator("#sheet:not([open])").wait_for(state="attached")
            page.wait_for_load_state("networkidle")
        with tenant_context(self.acme.pk):
            self.customer.refresh_from_db()
        self.assertEqual(self.customer.region, "South")

    def test_a_refused_form_leads_to_the_first_field_that_is_wrong_and_says_why(self) -> None:
        page = self.browser.new_page(viewport=WIDE)
        self.sign_in(page)
        page.goto(self.live_server_url + reverse("feedback:new-survey"))
        page.fill("#sheet-body [name=name]", "Spring")
        page.click("#sheet-body button[type=submit]")
        self.leads_to(page, "#sheet-body [name=title]", "This field is required.")

        page.goto(self.live_server_url + reverse("segmentation:new-class"))
        page.fill("[name=name]", "Large")
        page.get_by_role("button", name="Add a criterion").click()
        page.fill("[name=value-0-0]", "many")
        page.get_by_role("button", name="Save and apply").click()
        self.leads_to(page, "[name=value-0-0]", "Enter a number.")

    def leads_to(self, page: Page, field: str, why: str) -> None:
        wrong = page.locator(field)
        expect(wrong).to_be_focused()
        expect(wrong).to_have_accessible_description(why)

    def test_a_sheets_address_opens_it_over_the_frame_and_leads_back_with_what_was_told(self) -> None:
        page = self.browser.new_page(viewport=WIDE)
        self.sign_in(page)
        page.goto(self.live_server_url + reverse("new-team"))
        form = page.locator("#sheet[open] form")
        form.locator("input[name=name]").fill("Harbour crew")
        form.locator("button[type=submit]").click()
        page.wait_for_url("**/settings/")
        told = page.locator("[data-toast]")
        told.wait_for()
        self.assertIn("Harbour crew", page.locator("main").inner_text())
        page.reload()
        self.assertEqual(page.locator("[data-toast]").count(), 0)
