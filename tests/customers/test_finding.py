"""What Ctrl/⌘K finds of contracts and open follow-ups: over all of them, as far as they may be seen."""

from datetime import timedelta

from django.utils import timezone

from crm.finding import LATEST, found_by
from crm.people.roles import Visibility
from crm.tenancy.context import tenant_context
from customers.models import Contract, FollowUp, Interaction
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
                title="Lamp service 灯光 QA",
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
            said = {"kind": "call", "happened_at": now - timedelta(days=900)}
            cls.said = make.interaction(customer=cls.customer, text="Asked for a lamp 灯光 of 5G", **said)
            Interaction.objects.bulk_create(
                Interaction(customer=theirs, text=f"Common {n}") for n in range(LATEST + 1)
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
        both = {
            "Contracts": ["Lamp service 灯光 QA"],
            "Follow-ups": ["Ask of the lamp 灯光"],
            "Timeline": ["Asked for a lamp 灯光 of 5G"],
        }
        for words in ("LAMP", "灯光", "灯"):
            self.assertEqual(self.found(words), both, words)
        self.alice.visibility = Visibility.OWN
        self.assertEqual(self.found("lamp", self.alice), both)
        self.assertEqual(self.found("common", self.alice), {})

    def test_words_of_two_letters_are_found_behind_the_first_five_hundred(self):
        for words, labels in (("5g", ["Timeline"]), ("qa", ["Contracts"]), ("a l", []), ("x", [])):
            self.assertEqual(list(self.found(words)), labels, words)

    def test_what_is_closed_or_deleted_is_not_found(self):
        with self.inside():
            FollowUp.objects.filter(pk=self.follow_up.pk).update(closed_at=timezone.now(), outcome="done")
            Contract.objects.filter(pk=self.contract.pk).update(deleted_at=timezone.now())
        self.assertEqual(self.found("lamp service"), {})
        self.assertEqual(self.found("ask of"), {})
        with self.inside():
            type(self.customer).objects.filter(pk=self.customer.pk).update(deleted_at=timezone.now())
        self.assertEqual(self.found("lamp"), {})
