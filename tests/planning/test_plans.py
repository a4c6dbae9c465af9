from datetime import date

from django.urls import reverse

from crm import kpis
from crm.errors import DomainError, Stale
from crm.tenancy.context import current
from planning import selectors, services
from planning.forms import ObjectiveForm
from planning.models import Objective, Plan
from tests.cases import BrowserTestCase, TenantTestCase


def a_plan(actor, **fields):
    given = {"name": "2027", "starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31), **fields}
    return services.create_plan(actor=actor, **given)


class Plans(TenantTestCase):
    def test_a_plan_cannot_end_before_it_starts(self):
        with self.assertRaises(DomainError):
            a_plan(self.lead, ends_on=date(2026, 12, 31))
        self.assertEqual(Plan.objects.count(), 0)

    def test_the_second_of_two_editors_is_told(self):
        plan = a_plan(self.lead)
        services.change_plan(plan=plan, actor=self.lead, version=1, name="First")
        with self.assertRaises(Stale):
            services.change_plan(plan=plan, actor=self.alice, version=1, name="Second")
        self.assertEqual(Plan.objects.get().name, "First")

    def test_an_objective_knows_whether_it_is_met(self):
        plan = a_plan(self.lead)
        up = kpis.Kpi("a", "A", "?", lambda period: kpis.Value(0.5, 10))
        objective = Objective(plan=plan, kpi="a", target=0.4, due_on=date(2027, 6, 1))
        self.assertTrue(selectors.Standing(objective, up, kpis.Value(0.5, 10)).met)
        self.assertIsNone(selectors.Standing(objective, up, None).met)
        down = kpis.Kpi("b", "B", "?", lambda period: None, better="down")
        self.assertFalse(selectors.Standing(objective, down, kpis.Value(0.5, 10)).met)

    def test_a_target_in_money_is_typed_in_whole_units_of_any_currency(self):
        for currency, minor in (("EUR", 500_000), ("JPY", 5_000)):
            self.acme.currency = currency
            self.acme.save()
            current().memory.clear()
            given = {"kpi": "value-at-risk", "target": "5000", "term": "short", "due_on": "2027-06-01"}
            form = ObjectiveForm(given)
            self.assertTrue(form.is_valid(), form.errors)
            self.assertEqual(form.cleaned_data["target"], minor)
            shown = ObjectiveForm(instance=Objective(kpi="value-at-risk", target=minor))
            self.assertEqual(shown.initial["target"], 5_000)

    def test_an_unknown_kpi_is_refused(self):
        with self.assertRaises(DomainError):
            services.save_objective(
                plan=a_plan(self.lead),
                objective=None,
                actor=self.lead,
                kpi="nonsense",
                target=1,
                due_on=date(2027, 1, 1),
            )


class Pages(BrowserTestCase):
    def test_a_plan_is_made_and_opened(self):
        client = self.sign_in(self.lead)
        answer = client.post(
            reverse("planning:new"), {"name": "2027", "starts_on": "2027-01-01", "ends_on": "2027-12-31"}
        )
        self.assertEqual(answer.status_code, 204)
        page = client.get(answer["HX-Redirect"])
        self.assertContains(page, "2027")

    def test_what_two_changed_of_a_plan_is_asked(self):
        client = self.sign_in(self.lead)
        with self.inside():
            plan = a_plan(self.lead)
            services.change_plan(plan=plan, actor=self.alice, name="Theirs", background="Why")
        typed = {"name": "Mine", "background": "", "starts_on": plan.starts_on, "ends_on": plan.ends_on}
        where = reverse("planning:edit", args=[plan.pk])
        self.assertContains(client.post(where, typed), "which version of the record", status_code=422)
        asked = client.post(where, typed | {"version": 1})
        for words in ("<td>Theirs</td>", "<td>Mine</td>", "Keep mine"):
            self.assertContains(asked, words, status_code=422)
        self.assertEqual(client.post(where, typed | {"version": 2, "background": "Why"}).status_code, 204)
        with self.inside():
            plan.refresh_from_db()
            self.assertEqual((plan.name, plan.background, plan.version), ("Mine", "Why", 3))

    def test_a_reader_may_look_but_not_change(self):
        client = self.sign_in(self.reader)
        self.assertEqual(client.get(reverse("planning:list")).status_code, 200)
        self.assertEqual(client.get(reverse("planning:new")).status_code, 403)
