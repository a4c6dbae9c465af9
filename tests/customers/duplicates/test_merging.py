"""Merging and unmerging: everything goes along, and everything comes back as it was."""

from django.apps import apps
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from crm.ids import uuid7
from crm.models import AuditEntry
from crm.tenancy.context import tenant_context
from crm.tenancy.fields import TenantModel
from customers.errors import (
    CustomerGone,
    MergedAgain,
    MergedAway,
    MergeUndone,
    NothingToMerge,
    WrongChoice,
)
from customers.models import (
    Contact,
    Customer,
    CustomerStats,
    CustomerValue,
    CustomField,
    Duplicate,
    FollowUp,
    Interaction,
    Purchase,
)
from customers.selectors.merging import choices_of
from customers.services import contacts, customers, follow_ups, purchases, stats
from customers.services.duplicates.journal import relations
from customers.services.duplicates.merging import merge_customers, unmerge
from tests import factories as make
from tests.cases import CastTestCase, TenantTestCase
from tests.isolation.rows import Rows

JOURNAL = {"crm_auditentry", "customers_merge", "customers_mergestep"}


def rows_of_company():
    """Every row of the open company but the journals', as text, by table."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if issubclass(model, TenantModel) and table not in JOURNAL:
                cursor.execute(f"SELECT t::text FROM {table} t ORDER BY {model._meta.pk.column}")
                found[table] = [row[0] for row in cursor.fetchall()]
    return found


class Merging(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.one = customers.create_customer(actor=self.alice, name="Harbour Ltd", phone="+44 113 200 0000")
        self.two = customers.create_customer(
            actor=self.alice, name="Harbour Limited", email="o@harbour.example", notes="Prefers mail."
        )

    def merge(self, **options):
        return merge_customers(survivor=self.one, others=[self.two], actor=self.alice, **options)

    def test_gaps_are_filled_and_the_survivors_values_stand(self):
        self.merge()
        self.one.refresh_from_db()
        self.two.refresh_from_db()
        self.assertEqual((self.one.name, self.one.email), ("Harbour Ltd", "o@harbour.example"))
        self.assertEqual((self.one.email_norm, self.one.notes), ("o@harbour.example", "Prefers mail."))
        self.assertEqual(self.two.merged_into, self.one)
        self.assertFalse(Customer.objects.living().filter(pk=self.two.pk).exists())
        self.assertFalse(Customer.objects.deleted().exists(), "it is not among what can be restored")
        with self.assertRaises(MergedAway):
            customers.restore_customer(customer=self.two, actor=self.alice)

    def test_custom_values_of_the_others_fill_the_survivors_gaps(self):
        for key in ("tax", "fleet"):
            CustomField.objects.create(record="customer", key=key, label=key, kind="text")
        Customer.objects.filter(pk=self.one.pk).update(custom={"tax": "1"})
        Customer.objects.filter(pk=self.two.pk).update(custom={"tax": "2", "fleet": "7"})
        merge = self.merge()
        self.one.refresh_from_db()
        self.assertEqual(self.one.custom, {"tax": "1", "fleet": "7"})
        unmerge(merge=merge, actor=self.alice)
        self.one.refresh_from_db()
        self.assertEqual(self.one.custom, {"tax": "1"})

    def test_own_fields_are_shown_side_by_side_and_chosen(self):
        make.custom_field("number", "fee", label="Fee")
        make.custom_field("yes_no", "vip", label="VIP")
        one = make.customer(custom={"fee": "1", "vip": False})
        two = make.customer(custom={"fee": "2"})
        shown = {choice.name: choice for choice in choices_of([one, two])}
        self.assertEqual(
            [(value.text, value.chosen) for value in shown["custom.fee"].values], [("1", True), ("2", False)]
        )
        self.assertEqual([value.text for value in shown["custom.vip"].values], ["no", ""])
        picked = {"custom.fee": two.pk, "custom.vip": two.pk}
        made = merge_customers(survivor=one, others=[two], actor=self.alice, choices=picked)
        one.refresh_from_db()
        self.assertEqual(one.custom, {"fee": "2"})
        unmerge(merge=made, actor=self.alice)
        one.refresh_from_db()
        self.assertEqual(one.custom, {"fee": "1", "vip": False})
        with self.assertRaises(WrongChoice):
            merge_customers(survivor=one, others=[two], actor=self.alice, choices={"custom.no": two.pk})

    def test_own_fields_that_speak_of_the_merged_speak_of_the_survivor(self):
        make.custom_field("customer", "parent")
        make.custom_field("customer", "agent", record="contact")
        child = make.customer(custom={"parent": str(self.two.pk)})
        kept = make.customer(custom={"parent": str(self.one.pk)})
        person = make.contact(customer=child, custom={"agent": str(self.two.pk)})
        before = rows_of_company()
        made = merge_customers(survivor=self.one, others=[self.two], actor=self.alice)
        for record, key in ((child, "parent"), (kept, "parent"), (person, "agent")):
            record.refresh_from_db()
            self.assertEqual(record.custom, {key: str(self.one.pk)})
        unmerge(merge=made, actor=self.alice)
        after = rows_of_company()
        for table in ("customers_customer", "customers_contact"):
            self.assertEqual(after[table], before[table], table)
        told = CustomerValue.objects.filter(record=child).values_list("ref", flat=True)
        self.assertEqual(list(told), [self.two.pk])

    def test_a_chosen_value_wins(self):
        self.merge(choices={"name": self.two.pk})
        self.one.refresh_from_db()
        self.assertEqual((self.one.name, self.one.name_norm), ("Harbour Limited", "harbour limited"))

    def test_what_cannot_be_is_refused_and_changes_nothing(self):
        before = rows_of_company()
        stranger = Customer(pk=uuid7(), name="Nobody")
        for refused, options in (
            (NothingToMerge, {"survivor": self.one, "others": [self.one]}),
            (WrongChoice, {"survivor": self.one, "others": [self.two], "choices": {"name": stranger.pk}}),
            (WrongChoice, {"survivor": self.one, "others": [self.two], "choices": {"version": self.two.pk}}),
            (CustomerGone, {"survivor": self.one, "others": [stranger]}),
        ):
            with self.assertRaises(refused):
                merge_customers(actor=self.alice, **options)
        self.assertEqual(rows_of_company(), before)

    def test_what_hangs_on_it_goes_along_and_figures_are_counted_anew(self):
        for customer, amount in ((self.one, 100), (self.two, 250)):
            purchases.record_purchase(
                customer=customer, actor=self.alice, purchased_at=timezone.now(), amount=amount
            )
            contacts.create_contact(customer=customer, actor=self.alice, name=f"Contact {amount}")
            make.ticket(customer=customer)
        self.merge()
        figures = CustomerStats.objects.get(customer=self.one)
        self.assertEqual((figures.orders, figures.spend, figures.open_tickets), (2, 350, 2))
        people = Contact.objects.filter(customer=self.one).order_by("-primary")
        self.assertEqual([person.primary for person in people], [True, False])
        self.assertFalse(Contact.objects.filter(customer=self.two).exists())

    def test_the_external_ids_of_both_lead_to_the_survivor(self):
        Customer.objects.filter(pk=self.one.pk).update(external_id="C-1")
        Customer.objects.filter(pk=self.two.pk).update(external_id="C-2")
        before = rows_of_company()
        merge = self.merge(choices={"external_id": self.two.pk})
        self.one.refresh_from_db()
        self.two.refresh_from_db()
        self.assertEqual((self.one.external_id, self.two.external_id), ("C-2", "C-1"))
        unmerge(merge=merge, actor=self.alice)
        self.assertEqual(rows_of_company(), before)

    def test_a_row_of_every_kind_comes_back_as_it_was(self):
        made = Rows("x").one_of_each()
        other = made[Customer]
        Customer.objects.filter(pk=other.pk).update(deleted_at=None, merged_into=None)
        stats.refresh()
        before = rows_of_company()
        merge = merge_customers(survivor=self.one, others=[other], actor=self.alice)
        left = {
            reference.model._meta.label
            for reference in relations()
            if reference.model._base_manager.filter(**{reference.name: other}).exists()
        }
        self.assertEqual(left, set(), "all but what is keyed by the customer goes along")
        unmerge(merge=merge, actor=self.alice)
        self.assertEqual(rows_of_company(), before)

    def test_unmerge_keeps_and_lists_what_others_changed(self):
        promise = follow_ups.schedule_follow_up(
            customer=self.two, actor=self.alice, owner=self.alice, subject="Call", due_at=timezone.now()
        )
        person = contacts.create_contact(customer=self.two, actor=self.alice, name="Ann")
        merge = self.merge()
        self.one.refresh_from_db()
        customers.update_customer(customer=self.one, actor=self.lead, email="new@harbour.example")
        person.refresh_from_db()
        contacts.delete_contact(contact=person, actor=self.lead)
        done = unmerge(merge=merge, actor=self.alice)
        self.one.refresh_from_db()
        self.assertEqual(self.one.email, "new@harbour.example")
        self.assertEqual(FollowUp.objects.get(pk=promise.pk).customer, self.two)
        kept = {(one["model"], name) for one in done.kept for name in one["columns"]}
        self.assertIn(("customers.customer", "email"), kept)
        self.assertIn(("customers.contact", "customer_id"), kept)
        self.assertNotIn(("customers.customer", "notes"), kept)
        with self.assertRaises(MergeUndone):
            unmerge(merge=merge, actor=self.alice)

    def test_merges_are_undone_in_any_order_but_from_the_end_of_a_chain(self):
        three = customers.create_customer(
            actor=self.alice, name="Harbour", website="harbour.example", email="x@y.example"
        )
        four = customers.create_customer(actor=self.alice, name="Port")
        before = rows_of_company()
        first = self.merge(choices={"name": self.two.pk})
        second = merge_customers(
            survivor=self.one,
            others=[three],
            actor=self.alice,
            choices={"name": three.pk, "email": three.pk},
        )
        third = merge_customers(survivor=four, others=[self.one], actor=self.alice)
        with self.assertRaises(MergedAgain):
            unmerge(merge=first, actor=self.alice)
        unmerge(merge=third, actor=self.alice)
        unmerge(merge=first, actor=self.alice)
        self.one.refresh_from_db()
        self.assertEqual((self.one.name, self.one.email), ("Harbour", "x@y.example"))
        unmerge(merge=second, actor=self.alice)
        after = rows_of_company()
        for table, rows in before.items():
            if table != "customers_customer":
                self.assertEqual(after[table], rows, table)
        self.one.refresh_from_db()
        self.assertEqual((self.one.name, self.one.email, self.one.notes), ("Harbour Ltd", "", ""))

    def test_the_pair_is_decided_and_open_again_after(self):
        left, right = sorted((self.one, self.two), key=lambda one: one.pk)
        pair = Duplicate.objects.create(left=left, right=right, probability=0.97, level="likely")
        merge = self.merge()
        pair.refresh_from_db()
        self.assertEqual((pair.status, pair.decided_by), ("merged", self.alice))
        unmerge(merge=merge, actor=self.alice)
        self.assertEqual(list(Duplicate.objects.open()), [pair])

    def test_deeds_are_named_on_both_records(self):
        merge = self.merge()
        unmerge(merge=merge, actor=self.alice)
        for customer, wanted in (
            (self.one, {"customer.merged", "customer.unmerged"}),
            (self.two, {"customer.merged_away", "customer.separated"}),
        ):
            deeds = AuditEntry.objects.about(customer).filter(kind="deed").values_list("deed", flat=True)
            self.assertLessEqual(wanted, set(deeds))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["merge", "unmerge", "edit", "buy", "call"]), st.integers(0, 5), st.integers(0, 5)
    ),
    min_size=2,
    max_size=9,
)


class AnySequence(HypothesisTestCase, CastTestCase):
    """Whatever was done, undoing the merges from the last to the first leaves what was done by others alone."""

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=STEPS)
    def test_merges_undone_leave_only_what_others_did(self, steps):
        with tenant_context(self.other.pk):
            make.customer(name="Elsewhere")
            elsewhere = rows_of_company()
        with tenant_context(self.acme.pk):
            merged, plain = _played(self.alice, steps, True), _played(self.alice, steps, False)
            self.assertEqual(merged, plain)
        with tenant_context(self.other.pk):
            self.assertEqual(rows_of_company(), elsewhere)


def _played(actor, steps, merging):
    """The customers' rows after the steps, with or without merges; all merges are undone at the end."""
    Customer.objects.all().delete()
    people = [
        customers.create_customer(
            actor=actor,
            name=f"Customer {n}",
            email=f"c{n}@x.example" if n % 2 else "",
            city="" if n % 3 else "Hull",
        )
        for n in range(6)
    ]
    standing = []
    for at_step, (kind, one, two) in enumerate(steps):
        a, b = (Customer.objects.get(pk=people[at].pk) for at in (one, two))
        if kind == "merge" and merging and a != b and not a.deleted_at and not b.deleted_at:
            standing.append(merge_customers(survivor=a, others=[b], actor=actor))
        elif kind == "unmerge" and merging and standing:
            unmerge(merge=standing.pop(), actor=actor)
        elif kind == "edit":
            customers.update_customer(customer=a, actor=actor, industry=f"Trade {at_step}")
        elif kind == "buy":
            purchases.record_purchase(customer=a, actor=actor, purchased_at=timezone.now(), amount=100 + two)
        elif kind == "call":
            Interaction.objects.create(customer=a, author=actor, kind="call", text=f"Said {two}")
    for merge in reversed(standing):
        unmerge(merge=merge, actor=actor)
    return _told(people)


def _told(people):
    """What stands on each of them, without ids and moments."""
    columns = ["name", "email", "city", "industry", "notes", "deleted_at", "merged_into", "external_id"]
    found = []
    for customer in people:
        found.append(
            (
                Customer.objects.filter(pk=customer.pk).values_list(*columns).get(),
                sorted(Purchase.objects.filter(customer=customer).values_list("amount", flat=True)),
                sorted(Interaction.objects.filter(customer=customer).values_list("text", flat=True)),
                CustomerStats.objects.filter(customer=customer).values_list("orders", "spend").get(),
            )
        )
    return found
