"""Rules over a company's custom fields."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.tenancy.context import current
from customers.models import Customer
from customers.services import custom_fields
from customers.services.customers import create_customer
from customers.services.duplicates.merging import merge_customers
from segmentation import criteria
from segmentation.criteria import BadCriteria, parse, reasons, told
from segmentation.members import customers_matching, reference_at
from segmentation.models import Segment
from segmentation.rule_form import Row, RuleForm
from segmentation.selectors.segments import counted_segments
from segmentation.services.segments import create_segment, save_segment
from tests import factories as make
from tests.cases import TenantTestCase


def one(field, op, value=None):
    return [[{"field": field, "op": op} | ({} if value is None else {"value": value})]]


class CustomCriteria(TenantTestCase):
    def setUp(self):
        super().setUp()
        for kind in (
            "text",
            "long_text",
            "number",
            "money",
            "date",
            "moment",
            "choice",
            "multi_choice",
            "yes_no",
        ):
            make.custom_field(kind, f"f_{kind}", label=f"My {kind}")
        make.custom_field("member", "f_member")
        today = timezone.localdate()
        values = {
            "f_text": "Gold",
            "f_long_text": "x",
            "f_number": "12.5",
            "f_money": 990,
            "f_date": str(today + timedelta(days=20)),
            "f_moment": timezone.now() - timedelta(days=3),
            "f_choice": "a",
            "f_multi_choice": ["a", "b"],
            "f_yes_no": False,
            "f_member": str(self.alice.pk),
        }
        create_customer(name="A", custom=values, actor=None)
        create_customer(name="B", actor=None)

    def names(self, given):
        return "".join(sorted(customers_matching(parse(given)).values_list("name", flat=True)))

    def test_each_kind_with_its_operators(self):
        for given, names in (
            (one("custom:f_text", "eq", "Gold"), "A"),
            (one("custom:f_text", "ne", "Gold"), "B"),
            (one("custom:f_long_text", "is_null"), "B"),
            (one("custom:f_number", "gte", 12.5), "A"),
            (one("custom:f_number", "gt", 12.5), ""),
            (one("custom:f_number", "in", [1, 12.5]), "A"),
            (one("custom:f_number", "eq", "12.50"), "A"),
            (one("custom:f_number", "gt", "-0.000001"), "A"),
            (one("custom:f_number", "in", ["1", "12.5"]), "A"),
            (one("custom:f_money", "lt", 1000), "A"),
            (one("custom:f_date:until", "lte", 30), "A"),
            (one("custom:f_date:until", "lte", 19), ""),
            (one("custom:f_date", "gte", 0), ""),
            (one("custom:f_moment", "gte", 2), "A"),
            (one("custom:f_choice", "in", ["a", "b"]), "A"),
            (one("custom:f_multi_choice", "eq", "b"), "A"),
            (one("custom:f_multi_choice", "eq", "c"), ""),
            (one("custom:f_multi_choice", "ne", "b"), "B"),
            (one("custom:f_multi_choice", "in", ["b", "c"]), "A"),
            (one("custom:f_multi_choice", "not_null"), "A"),
            (one("custom:f_yes_no", "eq", False), "A"),
            (one("custom:f_member", "eq", str(self.alice.pk)), "A"),
        ):
            with self.subTest(given):
                self.assertEqual(self.names(given), names)

    def test_what_makes_no_sense_is_refused(self):
        for given in (
            one("custom:nothing", "eq", 1),
            one("custom:f_long_text", "eq", "x"),
            one("custom:f_number", "gte", "x"),
            one("custom:f_number", "gte", "1e3"),
            one("custom:f_number", "gte", "NaN"),
            one("custom:f_money", "eq", "990"),
            one("custom:f_multi_choice", "gte", "a"),
        ):
            with self.subTest(given), self.assertRaises(BadCriteria):
                parse(given)

    def test_told_and_explained(self):
        rule = parse([[*one("custom:f_number", "gte", 12.5)[0], *one("custom:f_multi_choice", "eq", "a")[0]]])
        self.assertEqual(told(rule, reference_at()), "My number at least 12.5 and My multi_choice has a")
        why = [
            {
                "field": "custom:f_multi_choice",
                "op": "in",
                "threshold": ["a"],
                "value": ["a", "b"],
                "met": True,
            }
        ]
        self.assertEqual(reasons(why, reference_at())[0]["value"], "a, b")

    def test_a_rule_outlives_its_field_and_its_choice(self):
        segment = create_segment(name="S", given=one("custom:f_choice", "eq", "a"), actor=None)
        field = next(f for f in criteria.fields() if f.key == "custom:f_choice")
        self.assertEqual(str(field.group), "Own fields")
        own = Customer.objects.get(name="A")
        fields = {f.key: f for f in custom_fields.CustomField.objects.all()}
        custom_fields.archive_field(field=fields["f_choice"], actor=None)
        self.assertNotIn("custom:f_choice", [f.key for f in criteria.fields()])
        self.assertEqual([c.pk for c in segment.customers()], [own.pk])
        custom_fields.restore_field(field=fields["f_choice"], actor=None)
        custom_fields.change_field(field=fields["f_choice"], choices=["b"], actor=None)
        self.assertEqual(list(segment.customers()), [])

    def test_typed_numbers_keep_their_fraction(self):
        form = RuleForm([[Row("custom:f_number", "gte", ["12.5"])]], currency="USD", for_class=False)
        self.assertTrue(form.is_valid(), form.problem)
        self.assertEqual(form.criteria, one("custom:f_number", "gte", 12.5))

    def test_a_customer_is_asked_for_by_its_id(self):
        make.custom_field("customer", "f_customer", label="Parent")
        parent, other = make.customer(name="Parent"), make.customer(name="Other")
        create_customer(name="C", custom={"f_customer": str(parent.pk)}, actor=None)
        create_customer(name="D", custom={"f_customer": str(other.pk)}, actor=None)
        for given, names in (
            (one("custom:f_customer", "eq", str(parent.pk)), "C"),
            (one("custom:f_customer", "ne", str(parent.pk)), "ABDOtherParent"),
            (one("custom:f_customer", "in", [str(parent.pk).upper(), str(other.pk)]), "CD"),
            (one("custom:f_customer", "not_null"), "CD"),
        ):
            with self.subTest(given):
                self.assertEqual(self.names(given), names)
        rule = parse(one("custom:f_customer", "in", [str(parent.pk), str(other.pk)]))
        self.assertEqual(told(rule, reference_at()), "Parent is one of Parent, Other")
        for wrong, message in (
            ("Parent", "Parent needs the id of a customer."),
            (None, "Parent needs the id of a customer."),
            (str(self.alice.pk), f"Parent: there is no customer “{self.alice.pk}”."),
        ):
            with self.subTest(wrong), self.assertRaisesMessage(BadCriteria, message):
                create_segment(name="S", given=one("custom:f_customer", "eq", wrong), actor=None)

    def test_who_was_merged_into_another_is_meant_by_that_one(self):
        make.custom_field("customer", "f_customer")
        stays, goes = make.customer(name="Stays"), make.customer(name="Goes")
        create_customer(name="C", custom={"f_customer": str(goes.pk)}, actor=None)
        merge_customers(survivor=stays, others=[goes], choices={}, actor=self.alice)
        self.assertEqual(self.names(one("custom:f_customer", "eq", str(goes.pk))), "C")
        self.assertEqual(self.names(one("custom:f_customer", "eq", str(stays.pk))), "C")

    def test_the_builder_takes_customers_by_name_and_shows_them_so(self):
        make.custom_field("customer", "f_customer")
        first, twin, gone = (make.customer(name=name) for name in ("Only", "Twin", "Gone"))
        make.customer(name="twin")
        Customer.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
        form = RuleForm([[Row("custom:f_customer", "in", ["only", ""])]], currency="USD", for_class=False)
        self.assertTrue(form.is_valid(), form.problem)
        self.assertEqual(form.criteria, one("custom:f_customer", "in", [str(first.pk)]))
        for name, message in (
            ("Twin", "Several customers are called this"),
            ("Nobody", "no customer of this"),
        ):
            row = Row("custom:f_customer", "eq", [name])
            self.assertFalse(RuleForm([[row]], currency="USD", for_class=False).is_valid())
            self.assertIn(message, row.error)
        ids = [str(one.pk) for one in (first, twin, gone)]
        with self.assertNumQueries(2):
            names = Row("custom:f_customer", "in", ids).names
        self.assertEqual(names, ["Only", f"Twin · {twin.pk}", f"Gone · {gone.pk}", ""])
        again = RuleForm([[Row("custom:f_customer", "in", names)]], currency="USD", for_class=False)
        self.assertTrue(again.is_valid(), again.problem)
        self.assertEqual(again.criteria, one("custom:f_customer", "in", ids))

    def test_the_list_of_segments_asks_for_all_names_at_once(self):
        make.custom_field("customer", "f_customer")
        for number in range(3):
            customer = make.customer(name=f"Customer {number}")
            create_segment(
                name=str(number), given=one("custom:f_customer", "eq", str(customer.pk)), actor=None
            )
        current().memory.clear()
        with CaptureQueriesContext(connection) as asked:
            words = [found.words for found in counted_segments(self.alice)]
        self.assertEqual([text[-10:] for text in words], ["Customer 0", "Customer 1", "Customer 2"])
        names = [one for one in asked.captured_queries if '"customers_customer"."name"' in one["sql"]]
        self.assertEqual(len(names), 1)

    def test_a_choice_that_is_not_there_is_refused_by_name(self):
        for given, message in (
            (one("custom:f_choice", "eq", "zzz"), "My choice has no value “zzz”, only: a, b, c."),
            (one("custom:f_choice", "in", ["a", "zzz"]), "has no value “zzz”"),
            (one("custom:f_multi_choice", "ne", "zzz"), "My multi_choice has no value “zzz”, only: a, b, c."),
            (one("custom:f_member", "eq", "zzz"), f"{self.alice.pk} (Alice)"),
        ):
            with self.subTest(given), self.assertRaisesMessage(BadCriteria, message):
                create_segment(name="S", given=given, actor=None)
        self.assertEqual(Segment.objects.count(), 0)

    def test_what_a_rule_already_compares_with_stays_and_nothing_else_that_is_gone(self):
        segment = create_segment(name="S", given=one("custom:f_choice", "in", ["a", "b"]), actor=None)
        field = custom_fields.CustomField.objects.get(key="f_choice")
        custom_fields.change_field(field=field, choices=["b", "d"], actor=None)
        save_segment(
            segment=segment, version=1, actor=self.alice, criteria=one("custom:f_choice", "in", ["a", "d"])
        )
        self.assertEqual(segment.criteria, one("custom:f_choice", "in", ["a", "d"]))
        with self.assertRaisesMessage(BadCriteria, "has no value “c”, only: b, d"):
            save_segment(
                segment=segment, version=2, actor=self.alice, criteria=one("custom:f_choice", "eq", "c")
            )

    def test_the_builder_still_shows_a_choice_that_is_gone(self):
        row, offered = Row("custom:f_choice", "eq", ["old"]), [("a", "a"), ("b", "b"), ("c", "c")]
        self.assertEqual(row.choices, [*offered, ("old", "old (no longer there)")])
        self.assertEqual(Row("custom:f_choice", "eq", ["a"]).choices, offered)
