"""Saved questions that name a person mean nobody once the person is erased, and no longer say who was meant."""

import json

from django.urls import reverse

from crm.audit.verification import verify
from crm.models import AuditEntry, SavedView
from crm.saved_views.selectors import address
from crm.services.saved_views import save_view
from customers.models import Customer
from customers.selectors.lists import Wish, rows_of
from customers.services.customers import create_customer, update_customer
from customers.services.privacy.erasing import erase_person, preview
from tests import factories as make
from tests.cases import BrowserTestCase, TenantTestCase

NOBODY = "erased.is(true)"


class Named(TenantTestCase):
    """A person with an address and a number now and before, and somebody else of the same company."""

    def setUp(self):
        super().setUp()
        self.person = create_customer(
            name="Xmarkerx Wu",
            email="xw.old@example.com",
            phone="+44 20 7946 0018",
            kind="person",
            external_id="XW-0001",
            actor=self.alice,
        )
        update_customer(customer=self.person, email="xw@example.com", actor=self.alice)
        self.other = create_customer(name="Somebody Else", email="else@example.com", actor=self.alice)

    def erase(self):
        return erase_person(person=self.person, reason="Asked by letter", actor=self.admin)


class Views(Named):
    def view(self, name="Mine", listing="customers", **filters):
        return save_view(actor=self.alice, listing=listing, name=name, filters=filters)

    def left_of(self, view):
        view.refresh_from_db()
        return view.filters

    def shown(self, view):
        rows = rows_of(Wish.of(view.filters), self.admin)
        return set(rows.values_list("customer__name", flat=True))

    def test_one_that_looks_for_the_person_in_any_writing_shows_nobody(self):
        views = [
            self.view(q=words)
            for words in (
                *("Xmarkerx Wu", "XW@Example.com", "xw.old@example.com", "xw-0001"),
                *("020 7946-0018", "0044 20 79460018", "79460018", "mail xw@example.com"),
            )
        ]

        self.erase()

        for view in views:
            self.assertEqual(self.left_of(view), {"where": NOBODY})
            self.assertEqual(self.shown(view), set())

    def test_what_else_it_asks_stays(self):
        view = self.view(q="xw@example.com", stage="lead", where="orders.gte(2)")
        self.erase()
        self.assertEqual(self.left_of(view), {"stage": "lead", "where": f"{NOBODY},orders.gte(2)"})

    def test_of_a_filter_with_groups_only_the_questions_that_name_the_person_change(self):
        asked = {
            "email.is(xw@example.com)": NOBODY,
            "email.in(xw@example.com,else@example.com)": "email.in(else@example.com)",
            "email.in(xw@example.com,xw.old@example.com)": NOBODY,
            "name.is('xmarkerx wu'),orders.gte(2)": f"{NOBODY},orders.gte(2)",
            "or(phone.is(+442079460018),name.starts(Some))": f"or({NOBODY},name.starts(Some))",
            "email.not(xw@example.com)": f"not({NOBODY})",
            "not(email.is(xw@example.com))": f"not({NOBODY})",
            "name.not_in('Xmarkerx Wu',Else)": "name.not_in(Else)",
        }
        views = {where: self.view(where=where) for where in asked}
        before = {where: self.shown(view) for where, view in views.items()}

        self.erase()

        for where, view in views.items():
            self.assertEqual(self.left_of(view), {"where": asked[where]})
            self.assertEqual(self.shown(view), before[where] - {"Xmarkerx Wu"})

    def test_a_namesake_among_choices_and_who_only_shares_a_part_are_left_alone(self):
        Customer.objects.filter(pk=self.person.pk).update(name="Lead")
        views = [self.view(stage="lead"), self.view(q="example.com"), self.view(q="@example.com")]
        before = [dict(view.filters) for view in views]
        self.erase()
        self.assertEqual([self.left_of(view) for view in views], before)

    def test_its_name_loses_the_person_and_is_never_empty(self):
        names = {
            "Xmarkerx Wu only": "[erased] only",
            "XW@example.com": "Erased",
            "Xmarkerx Wu (020 7946 0018)": "Erased",
            "Mine": "Mine",
        }
        views = {name: self.view(name, q="xw@example.com") for name in names}
        unrelated = self.view("Without Xmarkerx Wu", stage="lead")
        deleted = self.view("xw@example.com", q="xw@example.com")
        SavedView.objects.filter(pk=deleted.pk).update(deleted_at=self.person.created_at)

        self.erase()

        for name, view in views.items():
            view.refresh_from_db()
            self.assertEqual((view.name, view.version), (names[name], 2))
        unrelated.refresh_from_db()
        self.assertEqual((unrelated.name, unrelated.filters), ("Without [erased]", {"stage": "lead"}))
        deleted.refresh_from_db()
        self.assertEqual((deleted.name, deleted.filters), ("Erased", {"where": NOBODY}))
        told = json.dumps(list(AuditEntry.objects.values_list("before", "after"))).lower()
        self.assertNotIn("xw@example.com", told)
        self.assertNotIn("7946 0018", told)
        self.assertEqual(verify().findings, [])

    def test_views_of_other_lists_too(self):
        asked = {"contacts": {"where": "email.is(xw@example.com)"}, "follow-ups": {"q": "Xmarkerx Wu"}}
        views = [self.view(listing=name, **filters) for name, filters in asked.items()]
        self.erase()
        for view in views:
            self.assertEqual(self.left_of(view), {"where": NOBODY})

    def test_before_it_happens_one_is_told_how_many(self):
        self.view(q="xw@example.com")
        self.view(q="else@example.com")
        self.assertIn((SavedView, 1), preview(self.person).emptied)


class OnThePage(BrowserTestCase):
    def test_the_list_says_why_it_is_empty_and_its_filter_can_be_edited_without_losing_that(self):
        with self.inside():
            make.customer(name="Somebody Else")
            person = create_customer(name="Xmarkerx Wu", kind="person", actor=self.alice)
            view = save_view(actor=self.admin, listing="customers", name="Hers", filters={"q": "Xmarkerx Wu"})
            erase_person(person=person, reason="Asked", actor=self.admin)
            view.refresh_from_db()
        self.sign_in(self.admin)

        page = self.client.get(reverse("customers:list") + address(view))
        self.assertContains(page, "Erased person")
        self.assertNotContains(page, "Somebody Else")
        sheet = self.client.get(reverse("customers:filters"), {"where": NOBODY})
        self.assertContains(sheet, '<option value="erased" selected>Erased person</option>', html=True)
        typed = {"node": ["(a", "b", ")"], "kind.a": "and", "f.b": "erased", "o.b": "is", "v.b": "true"}
        answer = self.client.post(reverse("customers:filters"), typed)
        self.assertIn(f"where={NOBODY}", answer.headers["HX-Redirect"])
        new = self.client.get(reverse("customers:filters"))
        self.assertNotContains(new, "Erased person")
