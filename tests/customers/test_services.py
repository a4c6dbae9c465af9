from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.errors import Stale
from crm.models import AuditEntry, WakeUp
from customers.errors import CustomerGone, ExternalIdTaken, FollowUpClosed, Nameless, WrongContact
from customers.models import Contact, Customer, CustomerStats, FollowUp, Interaction
from customers.services import contacts, customers, follow_ups, interactions, purchases
from customers.services.follow_ups import NextStep
from tests import factories as make
from tests.cases import TenantTestCase


def stats_of(customer):
    return CustomerStats.objects.get(customer=customer)


class Customers(TenantTestCase):
    def test_a_new_one_is_a_lead_and_can_be_found(self):
        customer = customers.create_customer(
            actor=self.alice,
            name=" 明远机械 ",
            email="Info@MingYuan.cn",
            phone="+86 138 0013 8000",
            owner=self.alice,
        )
        customer = Customer.objects.get(pk=customer.pk)
        self.assertEqual(
            (customer.name, customer.name_norm, customer.pinyin), ("明远机械", "明远机械", "mingyuanjixie")
        )
        self.assertEqual((customer.email_norm, customer.phone_norm), ("info@mingyuan.cn", "8613800138000"))
        self.assertEqual(stats_of(customer).stage, "lead")
        deed = AuditEntry.objects.about(customer).get(kind="deed")
        self.assertEqual((deed.deed, deed.member_id), ("customer.created", self.alice.pk))

    def test_a_name_is_needed_and_only_fields_can_be_set(self):
        with self.assertRaises(Nameless):
            customers.create_customer(actor=self.alice, name="  ")
        with self.assertRaises(TypeError):
            customers.create_customer(actor=self.alice, name="A", version=7)
        self.assertEqual(Customer.objects.count(), 0)

    def test_an_external_id_belongs_to_one(self):
        customers.create_customer(actor=self.alice, name="A", external_id="7")
        other = customers.create_customer(actor=self.alice, name="B")
        with self.assertRaises(ExternalIdTaken) as caught:
            customers.update_customer(customer=other, actor=self.alice, external_id="7")
        self.assertIn("external_id", caught.exception.errors)
        self.assertEqual(Customer.objects.get(pk=other.pk).external_id, "")

    def test_who_saves_an_older_reading_is_refused(self):
        customer = customers.create_customer(actor=self.alice, name="A")
        mine = Customer.objects.get(pk=customer.pk)
        customers.update_customer(customer=customer, actor=self.lead, version=1, name="Ä", city="Bern")
        with self.assertRaises(Stale):
            customers.update_customer(customer=mine, actor=self.alice, version=1, name="C")
        saved = Customer.objects.get(pk=customer.pk)
        self.assertEqual((saved.name, saved.name_norm, saved.city, saved.version), ("Ä", "ä", "Bern", 2))
        self.assertGreater(saved.updated_at, saved.created_at)

    def test_nothing_changed_is_nothing_written(self):
        customer = customers.create_customer(actor=self.alice, name="A")
        entries = AuditEntry.objects.count()
        customers.update_customer(customer=customer, actor=self.alice, version=1, name="A")
        self.assertEqual((AuditEntry.objects.count(), Customer.objects.get().version), (entries, 1))

    def test_deleted_once_and_restored(self):
        customer = customers.create_customer(actor=self.alice, name="A")
        customers.delete_customer(customer=customer, actor=self.alice)
        with self.assertRaises(CustomerGone):
            customers.delete_customer(customer=customer, actor=self.alice)
        self.assertFalse(Customer.objects.living().exists())
        customers.restore_customer(customer=customer, actor=self.alice)
        self.assertTrue(Customer.objects.living().exists())


class Contacts(TenantTestCase):
    def test_there_is_one_first_contact(self):
        customer = make.customer()
        ann = contacts.create_contact(customer=customer, actor=self.alice, name="Ann")
        bob = contacts.create_contact(customer=customer, actor=self.alice, name="Bob")
        self.assertEqual((ann.primary, bob.primary), (True, False))
        contacts.update_contact(contact=bob, actor=self.alice, primary=True, phone="+44 20 7946 0018")
        self.assertEqual(Contact.objects.get(primary=True), bob)
        self.assertEqual(Contact.objects.get(pk=bob.pk).phone_norm, "442079460018")

    def test_deleting_keeps_what_was_said(self):
        customer = make.customer()
        ann = contacts.create_contact(customer=customer, actor=self.alice, name="Ann")
        call = interactions.log_interaction(customer=customer, actor=self.alice, kind="call", contact=ann)
        contacts.delete_contact(contact=ann, actor=self.alice)
        self.assertIsNone(Interaction.objects.get(pk=call.pk).contact_id)


class Interactions(TenantTestCase):
    def test_a_call_is_the_last_contact_and_a_note_is_not(self):
        customer, at = make.customer(), timezone.now() - timedelta(days=3)
        interactions.log_interaction(customer=customer, actor=self.alice, kind="note", text="Thinks it over")
        self.assertIsNone(stats_of(customer).last_contact_at)
        interactions.log_interaction(customer=customer, actor=self.alice, kind="call", happened_at=at)
        interactions.log_interaction(
            customer=customer, actor=self.alice, kind="visit", happened_at=at - timedelta(days=9)
        )
        self.assertEqual(stats_of(customer).last_contact_at, at)

    def test_the_next_step_is_promised_with_it(self):
        customer, due = make.customer(), timezone.now() + timedelta(days=2)
        step = NextStep("Send the offer", due, "email")
        interactions.log_interaction(customer=customer, actor=self.alice, kind="call", next_step=step)
        follow_up = FollowUp.objects.get()
        self.assertEqual(
            (follow_up.subject, follow_up.owner, follow_up.channel), ("Send the offer", self.alice, "email")
        )
        self.assertEqual(stats_of(customer).next_follow_up_at, due)

    def test_another_customers_contact_is_refused(self):
        contact = make.contact()
        with self.assertRaises(WrongContact):
            interactions.log_interaction(
                customer=make.customer(), actor=self.alice, kind="call", contact=contact
            )


class Purchases(TenantTestCase):
    def test_lines_are_told_under_their_purchase_when_made_and_one_by_one_when_they_go(self):
        order = purchases.record_purchase(
            customer=make.customer(),
            actor=None,
            purchased_at=timezone.now(),
            lines=[
                {"description": "Deep clean", "unit_price": 30},
                {"description": "Windows", "unit_price": 12},
            ],
        )
        made = AuditEntry.objects.filter(
            kind="insert", subject_id=order.pk, after__has_key="customers.purchaseline"
        )
        (entry,) = made
        self.assertEqual(entry.subject_type, "customers.purchase")
        told = entry.after["customers.purchaseline"]
        self.assertEqual([line["description"] for line in told], ["Deep clean", "Windows"])
        self.assertEqual({line["id"] for line in told}, {str(line.pk) for line in order.lines.all()})
        purchases.delete_purchase(purchase=order, actor=None)
        gone = AuditEntry.objects.filter(kind="delete", subject_type="customers.purchaseline")
        self.assertEqual({str(entry.subject_id) for entry in gone}, {line["id"] for line in told})


class FollowUps(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.customer = make.customer()
        self.soon, self.later = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(days=5)
        self.first = self.promise("First", self.soon)
        self.second = self.promise("Second", self.later)

    def promise(self, subject, due_at):
        return follow_ups.schedule_follow_up(
            customer=self.customer, owner=self.alice, subject=subject, due_at=due_at, actor=self.alice
        )

    def next_at(self):
        return stats_of(self.customer).next_follow_up_at

    def test_keeping_one_logs_the_contact_and_looks_to_the_next(self):
        self.assertEqual(self.next_at(), self.soon)
        follow_ups.complete_follow_up(
            follow_up=self.first, actor=self.lead, result="All is well", kind="visit"
        )
        done = FollowUp.objects.get(pk=self.first.pk)
        self.assertEqual((done.outcome, done.closed_by, done.result), ("done", self.lead, "All is well"))
        self.assertEqual((done.interaction.kind, done.interaction.text), ("visit", "All is well"))
        self.assertEqual(self.next_at(), self.later)
        self.assertEqual(stats_of(self.customer).last_contact_at, done.interaction.happened_at)

    def test_who_comes_second_is_refused_and_logs_nothing(self):
        stale = FollowUp.objects.get(pk=self.first.pk)
        follow_ups.complete_follow_up(follow_up=self.first, actor=self.alice)
        for again in (
            lambda: follow_ups.complete_follow_up(follow_up=stale, actor=self.lead),
            lambda: follow_ups.skip_follow_up(follow_up=stale, because="x", actor=self.lead),
            lambda: follow_ups.move_follow_up(
                follow_up=stale, due_at=self.later, because="x", actor=self.lead
            ),
        ):
            with self.assertRaises(FollowUpClosed):
                again()
        self.assertEqual(Interaction.objects.count(), 1)

    def test_moving_keeps_the_first_promise_and_wakes_the_company(self):
        WakeUp.objects.all().delete()
        at = self.soon - timedelta(minutes=30)
        follow_ups.move_follow_up(follow_up=self.second, due_at=at, because="Asked for it", actor=self.alice)
        moved = FollowUp.objects.get(pk=self.second.pk)
        self.assertEqual(
            (moved.due_at, moved.first_due_at, moved.moved_because), (at, self.later, "Asked for it")
        )
        self.assertEqual(self.next_at(), at)
        self.assertEqual(WakeUp.objects.filter(at=at).count(), 1)

    def test_with_the_last_one_skipped_there_is_no_next_step(self):
        follow_ups.skip_follow_up(follow_up=self.first, because="Moved away", actor=self.alice)
        follow_ups.skip_follow_up(follow_up=self.second, because="Moved away", actor=self.alice)
        self.assertIsNone(self.next_at())
        self.assertEqual(FollowUp.objects.get(pk=self.first.pk).result, "Moved away")

    def test_the_next_step_is_looked_up_by_customer_never_walked_to_by_date(self):
        """An ordered walk with a limit took twenty minutes where a night had promised something to 100,000."""
        with CaptureQueriesContext(connection) as asked:
            follow_ups.refresh_next_step([self.customer.pk])
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {asked.captured_queries[-1]['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        self.assertIn("customers_followup", plan)
        self.assertNotIn("Limit", plan)

    def test_handing_over(self):
        follow_ups.reassign_follow_up(follow_up=self.first, owner=self.lead, actor=self.alice)
        self.assertEqual(FollowUp.objects.get(pk=self.first.pk).owner, self.lead)
