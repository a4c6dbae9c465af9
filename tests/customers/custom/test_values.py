"""Values of custom fields: read, kept, and standing in typed rows exactly as in the record."""

from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm.errors import Conflict
from crm.models import AuditEntry
from customers.custom.kinds import COLUMNS, stored, typed
from customers.models import Contact, ContactValue, Customer, CustomerValue, CustomField
from customers.models.custom import FieldKind
from customers.services import contacts, custom_fields, customers
from customers.services.custom_values import WrongValues
from tests import factories as make
from tests.cases import CastTestCase, TenantTestCase

EVERY = {
    "text": ("  Gold ", "Gold"),
    "long_text": ("One\nTwo", "One\nTwo"),
    "number": ("0012.50", "12.5"),
    "money": (123_456, 123_456),
    "date": (date(2025, 3, 1), "2025-03-01"),
    "moment": ("2025-03-01T10:00:00+08:00", "2025-03-01T02:00:00+00:00"),
    "choice": ("b", "b"),
    "multi_choice": (["c", "a", "a"], ["a", "c"]),
    "yes_no": (False, False),
    "link": ("example.com/a", "https://example.com/a"),
}
WRONG = {
    "text": ["x" * 201, 5, "a\0b", "a\nb"],
    "number": ["x", "1e400", "NaN", "Infinity", 10**12, "0.0000001", True, [1]],
    "money": [1.5, "x", True, 10**16],
    "date": ["2025-02-30", "x", datetime(2025, 1, 1, tzinfo=UTC), 5],
    "moment": ["2025-02-30T00:00Z", "x", 5, "0001-01-01T00:00:00+14:00"],
    "choice": ["d", "A", 5],
    "multi_choice": ["a", ["d"], [["a"]], 5],
    "yes_no": ["true", 1],
    "link": ["javascript:alert(1)", "ftp://a.example", "x y", "https://" + "a" * 500, 5],
    "member": ["x", 5],
    "customer": ["x", 5],
}


def side_of(record, model=CustomerValue):
    """The typed rows of a record, by key."""
    found = {}
    rows = model.objects.filter(record=record).select_related("field")
    for row in rows:
        values = [value for value in (row.text, row.whole, row.moment, row.ref) if value is not None]
        found.setdefault(row.field.key, []).extend(values)
    return {key: sorted(values) for key, values in found.items()}


def expected_of(custom):
    """What the typed rows must be, told from the record alone."""
    fields = {field.key: field for field in CustomField.objects.all()}
    found = {}
    for key, value in custom.items():
        each = value if isinstance(value, list) else [value]
        values = [typed(fields[key], one) for one in each]
        if COLUMNS[fields[key].type] == "text" and not fields[key].type.has_choices:
            values = [folded(one) for one in values]
        found[key] = sorted(values)
    return found


def folded(text):
    """As the database folds it: Python would lower "İ" to two characters."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT custom_fold(%s)", [text])
        return cursor.fetchone()[0]


class Kinds(TenantTestCase):
    def test_each_is_kept_in_one_writing(self):
        for kind, (written, kept) in EVERY.items():
            with self.subTest(kind=kind):
                self.assertEqual(stored(make.custom_field(kind), written), kept)
                self.assertEqual(stored(make.custom_field(kind), kept), kept, "and read back the same")

    def test_nothing_is_nothing_in_every_kind(self):
        for kind in FieldKind:
            for blank in (None, "", "  ", []):
                self.assertIsNone(stored(make.custom_field(kind), blank))

    def test_no_and_nought_are_values(self):
        self.assertEqual(stored(make.custom_field("number"), 0), "0")
        self.assertEqual(stored(make.custom_field("number"), "-0.000"), "0")
        self.assertEqual(stored(make.custom_field("money"), 0), 0)
        self.assertIs(stored(make.custom_field("yes_no"), False), False)

    def test_what_does_not_fit_is_refused(self):
        for kind, given_values in WRONG.items():
            field = make.custom_field(kind)
            for value in given_values:
                with self.subTest(kind=kind, value=value), self.assertRaises(ValueError):
                    stored(field, value)

    def test_numbers_keep_every_digit(self):
        field = make.custom_field("number")

        @settings(max_examples=100, deadline=None)
        @given(st.decimals(min_value=-(10**11), max_value=10**11, places=6))
        def keep(number):
            kept = stored(field, number)
            self.assertEqual(Decimal(kept), number)
            self.assertEqual(typed(field, kept), int(number * 10**6))

        keep()


class Records(TenantTestCase):
    def setUp(self):
        super().setUp()
        for kind in EVERY:
            make.custom_field(kind, f"f_{kind}")
        make.custom_field("member", "f_member")
        make.custom_field("customer", "f_customer")
        self.peer = make.customer(name="Peer")
        self.given = {f"f_{kind}": written for kind, (written, _kept) in EVERY.items()}
        self.given |= {"f_member": str(self.alice.pk), "f_customer": str(self.peer.pk)}

    def test_made_changed_and_emptied_in_both_places(self):
        customer = customers.create_customer(name="A", custom=self.given, actor=self.admin)
        self.assertEqual(customer.custom["f_number"], "12.5")
        self.assertEqual(side_of(customer), expected_of(customer.custom))
        self.assertEqual(side_of(customer)["f_multi_choice"], ["a", "c"])
        customers.update_customer(
            customer=customer,
            custom={"f_number": 7, "f_text": None, "f_multi_choice": ["b"]},
            actor=self.admin,
        )
        self.assertEqual((customer.custom["f_number"], "f_text" in customer.custom), ("7", False))
        self.assertEqual(customer.custom["f_link"], "https://example.com/a", "what is not named stays")
        self.assertEqual(side_of(customer), expected_of(customer.custom))
        everything = dict.fromkeys(customer.custom)
        customers.update_customer(customer=customer, custom=everything, actor=self.admin)
        self.assertEqual((customer.custom, side_of(customer)), ({}, {}))

    def test_each_wrong_value_is_named(self):
        with self.assertRaises(WrongValues) as refused:
            customers.create_customer(
                name="A",
                custom={"f_number": "x", "nothing": 1, "f_member": str(self.mallory.pk), "f_text": "fine"},
                actor=self.admin,
            )
        self.assertEqual(
            sorted(refused.exception.errors), ["custom.f_member", "custom.f_number", "custom.nothing"]
        )
        self.assertFalse(Customer.objects.filter(name="A").exists())

    def test_a_customer_one_may_not_see_cannot_be_chosen(self):
        self.alice.visibility = "own"
        self.alice.save()
        with self.assertRaises(WrongValues):
            customers.create_customer(name="A", custom={"f_customer": str(self.peer.pk)}, actor=self.alice)

    def test_required_and_default(self):
        must = make.custom_field("text", "must", required=True)
        make.custom_field("choice", "tier", default="b")
        with self.assertRaises(WrongValues):
            customers.create_customer(name="A", custom={}, actor=self.admin)
        self.assertEqual(customers.create_customer(name="B", actor=None).custom, {"tier": "b"})
        made = customers.create_customer(name="C", custom={"must": "x", "tier": None}, actor=self.admin)
        self.assertEqual(made.custom, {"must": "x"}, "a default does not overrule what was said")
        with self.assertRaises(WrongValues):
            customers.update_customer(customer=made, custom={"must": ""}, actor=self.admin)
        customers.update_customer(customer=made, city="Bern", actor=self.admin)
        custom_fields.archive_field(field=must, actor=self.admin)
        with self.assertRaisesMessage(WrongValues, ""):
            customers.update_customer(customer=made, custom={"must": "y"}, actor=self.admin)
        customers.create_customer(name="D", custom={}, actor=self.admin)

    def test_history_names_each_field_that_changed_and_no_other(self):
        customer = customers.create_customer(name="A", custom=self.given, actor=self.admin)
        customers.update_customer(customer=customer, custom={"f_money": 5, "f_text": None}, actor=self.admin)
        change = AuditEntry.objects.about(customer).filter(kind="update").first()
        self.assertEqual(change.before, {"custom.f_money": 123_456, "custom.f_text": "Gold"})
        self.assertEqual(change.after, {"custom.f_money": 5, "custom.f_text": None})
        made = AuditEntry.objects.about(customer).filter(kind="insert").get()
        self.assertEqual(made.after["custom.f_multi_choice"], ["a", "c"])

    def test_contacts_have_their_own(self):
        make.custom_field("number", "shoe_size", record="contact")
        contact = contacts.create_contact(
            customer=self.peer, name="C", custom={"shoe_size": 43}, actor=self.admin
        )
        self.assertEqual(side_of(contact, ContactValue), {"shoe_size": [43_000_000]})
        contacts.update_contact(contact=contact, custom={"shoe_size": 44}, actor=self.admin)
        self.assertEqual(Contact.objects.get(pk=contact.pk).custom, {"shoe_size": "44"})
        contacts.delete_contact(contact=contact, actor=self.admin)
        self.assertEqual(ContactValue.objects.count(), 0)


class Raw(TenantTestCase):
    """Whatever writes the column, the typed rows follow."""

    def sql(self, text, *values):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(text, values)

    def test_statements_over_many_rows(self):
        make.custom_field("number", "n")
        made = [make.customer() for _ in range(3)]
        self.sql('UPDATE customers_customer SET custom = \'{"n": "1.5"}\'')
        self.assertEqual([side_of(one) for one in made], [{"n": [1_500_000]}] * 3)
        self.sql("UPDATE customers_customer SET custom = custom - 'n' WHERE id = %s", str(made[0].pk))
        self.assertEqual([side_of(one) for one in made], [{}] + [{"n": [1_500_000]}] * 2)
        self.sql("DELETE FROM customers_customerstats WHERE customer_id = %s", str(made[1].pk))
        self.sql("DELETE FROM customers_customer WHERE id = %s", str(made[1].pk))
        self.assertEqual(CustomerValue.objects.count(), 1)

    def test_what_is_no_field_or_no_value_is_refused(self):
        make.custom_field("number", "n")
        make.customer()
        for custom in ('{"nothing": 1}', '{"n": "x"}', "[1]"):
            with self.subTest(custom=custom), self.assertRaises((IntegrityError, Exception)) as refused:
                self.sql("UPDATE customers_customer SET custom = %s", custom)
            self.assertIn(type(refused.exception).__name__, ("IntegrityError", "DataError"))


class Definitions(TenantTestCase):
    def test_keys_are_made_from_names_and_unique(self):
        made = [
            custom_fields.create_field(record="customer", kind="text", label=label, actor=None).key
            for label in ("Monthly charge", "Monthly  charge!", "月费", "24/7", "—")
        ]
        self.assertEqual(made, ["monthly_charge", "monthly_charge_2", "yuefei", "f_24_7", "field"])
        with self.assertRaises(custom_fields.KeyTaken):
            make.custom_field("text", "yuefei")
        make.custom_field("text", "yuefei", record="contact")
        for wrong in ("A", "1a", "a-b", "a" * 41):
            with self.assertRaises(custom_fields.WrongField):
                make.custom_field("text", wrong)

    def test_a_choice_that_goes_is_taken_from_every_record(self):
        one, many = make.custom_field("choice", "one"), make.custom_field("multi_choice", "many")
        first = customers.create_customer(name="A", custom={"one": "a", "many": ["a", "b"]}, actor=None)
        second = customers.create_customer(name="B", custom={"one": "b", "many": ["a"]}, actor=None)
        for field in (one, many):
            self.assertEqual(custom_fields.users_of_choice(field, ["a"], most=10), 1 if field is one else 2)
            custom_fields.change_field(field=field, choices=field.choices[1:], actor=self.admin)
        for record in (first, second):
            record.refresh_from_db()
            self.assertEqual(side_of(record), expected_of(record.custom))
        self.assertEqual((first.custom, second.custom), ({"many": ["b"]}, {"one": "b"}))

    def test_a_label_may_change_and_the_default_must_fit(self):
        field = make.custom_field("choice", "one", default="a")
        renamed = [{"value": "a", "label": "Alpha"}, "b"]
        custom_fields.change_field(field=field, choices=renamed, actor=self.admin)
        self.assertEqual(field.labels, {"a": "Alpha", "b": "b"})
        for wrong in ({"default": "c"}, {"choices": []}, {"choices": ["b"]}, {"choices": ["b", "b"]}):
            with self.subTest(wrong=wrong), self.assertRaises(custom_fields.WrongField):
                custom_fields.change_field(
                    field=CustomField.objects.get(pk=field.pk), **wrong, actor=self.admin
                )

    def test_archived_once_and_restored_with_its_values(self):
        field = make.custom_field("text", "gone")
        customer = customers.create_customer(name="A", custom={"gone": "x"}, actor=None)
        custom_fields.archive_field(field=field, actor=self.admin)
        with self.assertRaises(Conflict):
            custom_fields.archive_field(field=field, actor=self.admin)
        custom_fields.restore_field(field=field, actor=self.admin)
        customers.update_customer(customer=customer, custom={"gone": "y"}, actor=None)
        self.assertEqual(customer.custom, {"gone": "y"})


_texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=30)
VALUES = {
    "f_text": st.none() | _texts,
    "f_number": st.none() | st.decimals(min_value=-(10**9), max_value=10**9, places=6),
    "f_date": st.none() | st.dates(),
    "f_moment": st.none() | st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)),
    "f_multi_choice": st.none() | st.lists(st.sampled_from("abc")),
    "f_yes_no": st.none() | st.booleans(),
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "update", "raw", "delete"]),
        st.integers(0, 3),
        st.fixed_dictionaries({}, optional=VALUES),
    ),
    max_size=12,
)


class Together(TenantTestCase):
    """After any operations the typed rows say what the records say."""

    def test_the_table_equals_the_records(self):
        for key in VALUES:
            make.custom_field(key.removeprefix("f_"), key)

        @settings(max_examples=40, deadline=None)
        @given(STEPS)
        @example([("create", 0, {"f_text": "İ"})])
        def follow(steps):
            with transaction.atomic():
                for deed, number, values in steps:
                    self.do(deed, number, values)
                for customer in Customer.objects.all():
                    self.assertEqual(side_of(customer), expected_of(customer.custom))
                transaction.set_rollback(True)

        follow()

    def do(self, deed, number, values):
        known = list(Customer.objects.order_by("id"))
        if deed == "create" or not known:
            customers.create_customer(name="A", custom=values, actor=None)
            return
        customer = known[number % len(known)]
        if deed == "update":
            customers.update_customer(customer=customer, custom=values, actor=None)
        elif deed == "raw":
            Customer.objects.filter(pk=customer.pk).update(custom=known[0].custom)
        else:
            with connection.cursor() as cursor:
                cursor.execute(
                    "DELETE FROM customers_customerstats WHERE customer_id = %s", [str(customer.pk)]
                )
                cursor.execute("DELETE FROM customers_customer WHERE id = %s", [str(customer.pk)])


class OlderCompanies(CastTestCase):
    def test_each_gets_the_field_of_tags_once_unless_it_has_one_of_that_name(self):
        with self.inside():
            own = make.custom_field("text", "labels", label="tags")
        add_tags = import_module("customers.migrations.0030_tags_for_all").add_tags
        editor = SimpleNamespace(connection=connection)
        with transaction.atomic():
            add_tags(apps, editor)
            add_tags(apps, editor)
        with self.inside():
            self.assertEqual([(one.pk, one.kind) for one in CustomField.objects.all()], [(own.pk, "text")])
        with self.inside(self.other):
            (field,) = CustomField.objects.all()
            self.assertEqual((field.key, field.kind, len(field.choices)), ("tags", "multi_choice", 4))
            tagged = customers.update_customer(
                customer=make.customer(), custom={"tags": ["partner"]}, actor=self.mallory
            )
            self.assertEqual(tagged.custom, {"tags": ["partner"]})
