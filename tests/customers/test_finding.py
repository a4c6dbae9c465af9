"""What Ctrl/⌘K finds of contracts and open follow-ups: over all of them, as far as they may be seen."""

from datetime import timedelta

from django.utils import timezone

from crm.finding import LATEST, found_by
from crm.people.roles import Visibility
from crm.tenancy.context import tenant_context
from customers.models import Contract, FollowUp
from tests import factories as make
from tests.cases import CastTestCase


class FarBack(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        now = timezone.now()
        with tenant_context(cls.acme.pk):
            cls.customer = make.customer(name="Mine", owner=cls.alice)
            theirs = make.customer(name="Theirs", owner=cls.admin)
            fixed = {"starts_on": now.date(), "ends_on": now.date(), "renewal": "fixed"}
            cls.contract = Contract.objects.create(
                customer=cls.customer,
                title="Lamp service 灯光",
                created_at=now - timedelta(days=900),
                **fixed,
            )
            Contract.objects.bulk_create(
                Contract(customer=theirs, title=f"Common {n}", **fixed) for n in range(LATEST + 1)
            )
            last = now + timedelta(days=900)
            cls.follow_up = make.follow_up(
                cls.alice, customer=cls.customer, subject="Ask of the lamp 灯光", due_at=last
            )
            FollowUp.objects.bulk_create(
                FollowUp(
                    customer=theirs, owner=cls.admin, subject=f"Common {n}", due_at=now, first_due_at=now
                )
                for n in range(LATEST + 1)
            )

    def found(self, words, member=None):
        with self.inside():
            groups = found_by(words, member or self.admin)
        return {str(group.label): [hit.title for hit in group.items] for group in groups}

    def test_words_are_found_behind_the_first_five_hundred(self):
        both = {"Contracts": ["Lamp service 灯光"], "Follow-ups": ["Ask of the lamp 灯光"]}
        for words in ("LAMP", "灯光", "灯"):
            self.assertEqual(self.found(words), both, words)
        self.alice.visibility = Visibility.OWN
        self.assertEqual(self.found("lamp", self.alice), both)
        self.assertEqual(self.found("common", self.alice), {})

    def test_what_is_closed_or_deleted_is_not_found(self):
        with self.inside():
            FollowUp.objects.filter(pk=self.follow_up.pk).update(closed_at=timezone.now(), outcome="done")
            Contract.objects.filter(pk=self.contract.pk).update(deleted_at=timezone.now())
        self.assertEqual(self.found("lamp"), {})
