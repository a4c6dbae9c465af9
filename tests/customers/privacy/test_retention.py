"""What is older than its period goes at night; what is younger stays."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from crm.audit.sealing import seal
from crm.audit.verification import verify
from crm.models import AuditEntry, Notification
from customers.models import Customer, Interaction, RetentionPeriod
from customers.services.customers import create_customer, delete_customer
from customers.services.privacy.retention import RULES, keep_periods, set_period, would_end
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase

NOW = timezone.now()


def days_ago(days):
    return NOW - timedelta(days=days)


class Periods(TenantTestCase):
    def test_words_deleted_people_and_silent_leads_go_and_the_younger_stay(self):
        buyer = make.customer(stats__orders=1, stats__stage="active", created_at=days_ago(900))
        old = make.interaction(customer=buyer, text="xold said", happened_at=days_ago(400))
        young = make.interaction(customer=buyer, text="young", happened_at=days_ago(300))
        lead = create_customer(name="Xold Lead", created_at=days_ago(500), actor=self.alice)
        create_customer(name="Young Lead", created_at=days_ago(300), actor=self.alice)
        gone = create_customer(name="Xold Gone", actor=self.alice)
        delete_customer(customer=gone, actor=self.alice)
        Customer.objects.filter(pk=gone.pk).update(deleted_at=days_ago(400))
        seal()
        for kind in RULES:
            set_period(kind=kind, days=365, actor=self.admin)
        self.assertEqual([would_end(kind, 365) for kind in ("talk", "leads", "deleted")], [1, 1, 1])

        self.assertEqual(keep_periods(NOW), 3)

        erased = set(Customer.objects.exclude(erased_at=None).values_list("pk", flat=True))
        self.assertEqual(erased, {lead.pk, gone.pk})
        self.assertEqual(Interaction.objects.get(pk=old.pk).text, "")
        self.assertEqual(Interaction.objects.get(pk=young.pk).text, "young")
        told = AuditEntry.objects.filter(after__icontains="xold")
        self.assertFalse(told.exists())
        self.assertEqual(verify().findings, [])
        self.assertEqual(keep_periods(NOW), 0)

    def test_the_period_of_leads_leaves_what_is_in_review_or_was_rejected_there(self):
        for review in Customer.Review.values:
            lead = create_customer(name=f"Lead {review}", created_at=days_ago(500), actor=self.alice)
            Customer.objects.filter(pk=lead.pk).update(review=review)
        set_period(kind="leads", days=365, actor=self.admin)
        self.assertEqual(would_end("leads", 365), 1)
        self.assertEqual(keep_periods(NOW), 1)
        erased = Customer.objects.exclude(erased_at=None).get()
        self.assertEqual(erased.review, Customer.Review.ACCEPTED)

    def test_without_a_period_everything_stays(self):
        Notification.objects.create(
            member=self.alice, kind="x", title="Old", dedup_key="x", created_at=days_ago(4000)
        )
        self.assertEqual(keep_periods(NOW), 0)
        set_period(kind="notes", days=30, actor=self.admin)
        self.assertEqual(keep_periods(NOW), 1)


class Page(BrowserTestCase):
    def test_that_nothing_would_go_is_told_in_words_of_its_own(self):
        self.sign_in(self.admin)
        answer = self.client.post(reverse("customers:period", args=["deleted"]), {"days": "90"})
        self.assertContains(answer, "Nothing is older than that today.", status_code=422)
        self.assertNotContains(answer, "Save and delete these", status_code=422)

    def test_how_much_would_go_is_told_before_it_is_saved(self):
        with self.inside():
            gone = make.customer(deleted_at=days_ago(100))
        self.sign_in(self.admin)
        url = reverse("customers:period", args=["deleted"])
        self.assertContains(self.client.post(url, {"days": "90"}), "1 row is older", status_code=422)
        self.assertEqual(self.client.post(url, {"days": "90", "sure": "90"}).status_code, 204)
        self.assertContains(self.client.get(reverse("customers:periods")), "1 goes next")
        with self.inside():
            self.assertEqual(RetentionPeriod.objects.get().days, 90)
            self.assertEqual(Customer.objects.get(pk=gone.pk).erased_at, None)


class Api(ApiTestCase):
    def test_a_period_is_set_changed_and_taken_away_by_administrators(self):
        key = self.key_of(self.admin)
        with self.inside():
            Notification.objects.create(
                member=self.alice, kind="x", title="Old", dedup_key="x", created_at=days_ago(400)
            )
        made = self.call("POST", "retention-periods", {"kind": "notes", "days": 365}, key=key)
        self.assertEqual((made.status_code, made.json()["would_end"]), (201, 1))
        again = self.call("POST", "retention-periods", {"kind": "notes", "days": 90}, key=key)
        self.assertEqual(again.status_code, 409)
        one = f"retention-periods/{made.json()['id']}"
        self.assertEqual(self.call("PATCH", one, {"days": 29}, key=key).status_code, 400)
        self.assertEqual(self.call("PATCH", one, {"kind": "talk"}, key=key).status_code, 400)
        changed = self.call("PATCH", one, {"days": 500}, key=key).json()
        self.assertEqual((changed["id"], changed["days"], changed["would_end"]), (made.json()["id"], 500, 0))
        self.assertEqual(self.call("GET", one, key=self.key_of(self.lead)).status_code, 403)
        self.assertEqual(self.call("DELETE", one, key=key).status_code, 204)
        with self.inside():
            self.assertFalse(RetentionPeriod.objects.exists())
