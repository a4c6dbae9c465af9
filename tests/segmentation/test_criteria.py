from datetime import date, timedelta

from django.utils import timezone, translation

from customers.models import Customer
from segmentation import criteria
from segmentation.criteria import BadCriteria, parse, reasons, told
from segmentation.members import customers_matching, reference_at
from tests import factories as make
from tests.cases import TenantTestCase


def one(field, op, value=None):
    return [[{"field": field, "op": op} | ({} if value is None else {"value": value})]]


class Operators(TenantTestCase):
    """Three customers who spent 100, 200 and 300; the third has no satisfaction on record."""

    def setUp(self):
        super().setUp()
        for index, satisfaction in enumerate([40, 80, None], start=1):
            make.customer(name=str(index), stats__spend=index * 100, stats__satisfaction=satisfaction)

    def names(self, given):
        return sorted(customers_matching(parse(given)).values_list("name", flat=True))

    def test_numbers_are_compared(self):
        expected = {
            "eq": ["2"],
            "ne": ["1", "3"],
            "gte": ["2", "3"],
            "lte": ["1", "2"],
            "gt": ["3"],
            "lt": ["1"],
        }
        for op, names in expected.items():
            with self.subTest(op):
                self.assertEqual(self.names(one("spend", op, 200)), names)
        self.assertEqual(self.names(one("spend", "in", [100, 300])), ["1", "3"])

    def test_what_is_unknown_meets_no_comparison_but_is_not(self):
        self.assertEqual(self.names(one("satisfaction", "gte", 0)), ["1", "2"])
        self.assertEqual(self.names(one("satisfaction", "ne", 40)), ["2", "3"])
        self.assertEqual(self.names(one("satisfaction", "is_null")), ["3"])
        self.assertEqual(self.names(one("satisfaction", "not_null")), ["1", "2"])

    def test_criteria_of_an_alternative_all_hold_and_any_alternative_will_do(self):
        both = [
            [
                {"field": "spend", "op": "gte", "value": 200},
                {"field": "satisfaction", "op": "gte", "value": 50},
            ]
        ]
        self.assertEqual(self.names(both), ["2"])
        self.assertEqual(self.names(both + one("spend", "eq", 100)), ["1", "2"])
        self.assertEqual(self.names([]), ["1", "2", "3"])


class Fields(TenantTestCase):
    def matches(self, given):
        return customers_matching(parse(given)).exists()

    def test_every_field_runs_with_every_operator(self):
        make.customer()
        samples = {"money": 1, "int": 1, "days": 1, "probability": 0.5, "text": "x", "bool": True}
        for field in criteria.fields():
            value = field.choices()[0][0] if field.choices and field.choices() else samples.get(field.kind)
            for op in field.operators if value is not None else ("is_null", "not_null"):
                with self.subTest(field=field.key, op=op):
                    given = None if op in ("is_null", "not_null") else [value] if op == "in" else value
                    rule = parse(one(field.key, op, given))
                    list(customers_matching(rule))
                    self.assertTrue(told(rule, reference_at()))

    def test_days_are_the_companys_own(self):
        type(self.acme).objects.filter(pk=self.acme.pk).update(timezone="Pacific/Kiritimati")
        today = self.acme.__class__.objects.get(pk=self.acme.pk).today()
        make.customer(stats__last_purchase_on=today - timedelta(days=30))
        self.assertTrue(self.matches(one("days_since_last_purchase", "lte", 30)))
        self.assertFalse(self.matches(one("days_since_last_purchase", "lt", 30)))

    def test_an_empty_text_is_unknown(self):
        make.customer(industry="")
        self.assertTrue(self.matches(one("industry", "is_null")))
        self.assertFalse(self.matches(one("industry", "eq", "Retail")))

    def test_deleted_and_unreviewed_customers_are_nobodys(self):
        make.customer(deleted_at=timezone.now())
        make.customer(review=Customer.Review.WAITING)
        self.assertFalse(self.matches([]))
        self.assertFalse(self.matches(one("orders", "eq", 0)))

    def test_a_value_is_never_sql(self):
        make.customer(industry="Retail")
        self.assertFalse(self.matches(one("industry", "eq", "x') OR TRUE --")))
        self.assertTrue(self.matches(one("industry", "ne", "100%s")))


class Refusals(TenantTestCase):
    def test_what_cannot_be_read_is_refused_with_its_place(self):
        wrong = {
            "nope": "Criteria are a list",
            "[[]]": "Alternative 1 has no criterion",
        }
        for given, message in {**wrong}.items():
            with self.subTest(given), self.assertRaisesMessage(BadCriteria, message):
                parse([[]] if given == "[[]]" else given)
        for given, message in (
            (one("nothing", "eq", 1), "there is no field “nothing”"),
            (one("spend", "like", 1), "cannot be asked with “like”"),
            (one("spend", "gte", "5000"), "needs a number"),
            (one("spend", "gte", 1.5), "needs a whole number"),
            (one("spend", "gte", True), "needs a number"),
            (one("spend", "gte", 10**16), "needs a whole number"),
            (one("churn_probability", "gte", 60), "lies between 0 and 1"),
            (one("stage", "eq", "gone"), "has no value “gone”"),
            (one("has_purchase", "eq", "yes"), "is true or false"),
            (one("industry", "in", []), "needs a list of 1 to 200"),
            (one("industry", "eq", " "), "needs a text"),
            ([[{"field": "spend", "op": "gte", "value": 1, "or": 2}]], "nothing else"),
        ):
            with self.subTest(given=given), self.assertRaisesMessage(BadCriteria, message):
                parse([[{"field": "orders", "op": "gte", "value": 1}], given[0]])

    def test_a_class_cannot_depend_on_classes(self):
        with self.assertRaisesMessage(BadCriteria, "a class cannot ask for class"):
            parse(one("class", "is_null"), for_class=True)


class Words(TenantTestCase):
    def test_a_rule_reads_as_a_sentence(self):
        rule = parse(
            [
                [
                    {"field": "spend_12m", "op": "gte", "value": 5_000_000},
                    {"field": "orders_12m", "op": "gte", "value": 4},
                ],
                [{"field": "industry", "op": "in", "value": ["Retail", "Hotels"]}],
            ]
        )
        now = criteria.Reference(date(2025, 6, 1), "UTC", "CNY", 90)
        with translation.override("en"):
            self.assertEqual(
                told(rule, now),
                "spent at least ¥50,000 in 12 months and bought at least 4 times in 12 months, "
                "or industry is one of Retail, Hotels",
            )
            why = [
                {"field": "spend_12m", "op": "gte", "threshold": 5_000_000, "value": 6_100_050, "met": True}
            ]
            self.assertEqual(
                reasons(why, now),
                [
                    {
                        "text": "Spent at least ¥50,000 in 12 months",
                        "value": "¥61,000.50",
                        "met": True,
                        "alternative": 0,
                    }
                ],
            )
