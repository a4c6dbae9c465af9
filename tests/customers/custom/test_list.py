"""The list of customers narrowed and sorted by custom fields, exactly."""

from customers.models import Customer
from customers.selectors.customer_pages import customer_page
from customers.selectors.lists import Wish, customer_count, customers_of
from customers.services.customers import create_customer
from tests import factories as make
from tests.customers.walking import ListCase


class Lists(ListCase):
    def walk(self, size=2, **query):
        return "".join(super().walk(size, **query))

    def found(self, member=None, **query):
        """The names on the one page there is; the count says the same."""
        wish = Wish.of(query)
        page = customer_page(wish, member or self.admin)
        names = [row.customer.name for row in page.page.rows]
        counts = (page.count, customer_count(wish, member or self.admin))
        self.assertEqual(counts, (len(names), len(names)))
        chosen = customers_of(wish, member or self.admin).values_list("name", flat=True)
        self.assertEqual(sorted(chosen), sorted(names))
        return "".join(names)

    def fill(self, key, values, names="ABCDEFGHIJ"):
        for name, value in zip(names, values, strict=False):
            custom = {} if value is None else {key: value}
            known = Customer.objects.filter(name=name).first()
            if known is None:
                create_customer(name=name, custom=custom, actor=None)
            else:
                Customer.objects.filter(pk=known.pk).update(custom={**known.custom, **custom})

    def test_ties_lose_and_repeat_nothing_and_blanks_come_last_both_ways(self):
        make.custom_field("number", "n")
        self.fill("n", ["2", None, "10", "2", "-1.5", None, "2", None])
        for size in (1, 2, 3, 20):
            self.assertEqual(self.walk(size, sort="custom.n"), "EADGCBFH")
            self.assertEqual(self.walk(size, sort="-custom.n"), "CGDAEHFB")

    def test_every_kind_sorts_by_its_own_order(self):
        kinds = {
            "text": (["b", "Ä", "a", "B"], "CADB"),
            "money": ([200, 1000, -5, 30], "CDAB"),
            "date": (["2025-10-01", "2025-09-30", "0999-01-01", "2030-01-01"], "CBAD"),
            "moment": (
                ["2025-01-01T10:00:00+08:00", "2025-01-01T03:00Z", "2025-01-01T01:00Z", "1960-01-01T00:00Z"],
                "DCAB",
            ),
            "yes_no": ([True, False, True, False], "BDAC"),
            "choice": (["c", "a", "b", "a"], "BDCA"),
            "link": (
                ["https://b.example", "https://A.example", "https://c.example", "https://a.example/x"],
                "BDAC",
            ),
        }
        for kind, (values, order) in kinds.items():
            field = make.custom_field(kind)
            Customer.objects.update(custom={})
            self.fill(field.key, values)
            with self.subTest(kind=kind):
                self.assertEqual(self.walk(3, sort=f"custom.{field.key}"), order)

    def test_those_who_speak_of_one_member_or_customer_stand_together(self):
        make.custom_field("member", "m")
        make.custom_field("customer", "c")
        first, second = sorted(str(make.customer(name=name).pk) for name in ("Y", "Z"))
        Customer.objects.filter(name__in="YZ").update(review="rejected")
        alice, lead = sorted((str(self.alice.pk), str(self.lead.pk)))
        self.fill("m", [lead, alice, None, lead, alice])
        self.fill("c", [second, None, first, second, first])
        for size in (1, 2, 20):
            self.assertEqual(self.walk(size, sort="custom.m"), "BEADC")
            self.assertEqual(self.walk(size, sort="-custom.m"), "DAEBC")
            self.assertEqual(self.walk(size, sort="custom.c"), "CEADB")
            self.assertEqual(self.walk(size, sort="-custom.c"), "DAECB")
        self.assertEqual(self.found(**{"custom.m": alice}), "BE")
        self.assertEqual(self.found(**{"custom.c": second, "sort": "-custom.m"}), "DA")

    def test_filters_narrow_and_begin_with_their_field(self):
        make.custom_field("money", "fee")
        make.custom_field("choice", "tier")
        make.custom_field("multi_choice", "tags")
        self.fill("fee", [3000, 1000, None, 2000, 5000])
        self.fill("tier", ["a", "b", "a", None, "a"])
        self.fill("tags", [["a", "b"], ["b"], None, ["c"], ["a"]])
        for query, names in {
            "fee__gte=20": "DAE",
            "fee__lt=20.01": "BD",
            "fee=30": "A",
            "fee__isnull=true": "C",
            "fee__isnull=false": "BDAE",
            "tier=a": "ACE",
            "tier__in=a,b": "ACEB",
            "tags=b": "AB",
            "tags__in=a,b": "ABE",
            "fee__gte=20&custom.tier=a": "AE",
            "tier=a&sort=-custom.fee": "EAC",
            "fee__gte=10&sort=-custom.fee": "EADB",
            "fee__gte=x": "",
            "tier=z": "",
        }.items():
            pairs = [part.partition("=") for part in f"custom.{query}".split("&")]
            with self.subTest(query):
                self.assertEqual(self.found(**{name: value for name, _is, value in pairs}), names)

    def test_what_is_no_filter_is_left_out(self):
        make.custom_field("number", "n")
        self.fill("n", ["1", "2"])
        for name in ("custom.no", "custom.n__prefix", "custom.", "custom.n__x"):
            self.assertEqual(self.found(**{name: "1"}), "AB", name)
        self.assertEqual(self.walk(sort="custom.no"), "AB")

    def test_deleted_rejected_and_unseen_ones_are_neither_shown_nor_counted(self):
        make.custom_field("number", "n")
        self.fill("n", ["1"] * 4)
        Customer.objects.filter(name="A").update(deleted_at="2025-01-01T00:00Z")
        Customer.objects.filter(name="B").update(review="rejected")
        Customer.objects.filter(name="C").update(owner=self.alice)
        self.assertEqual(self.found(**{"custom.n": "1"}), "CD")
        self.alice.visibility = "own"
        self.assertEqual(self.found(self.alice, **{"custom.n": "1"}), "C")
        self.assertEqual(self.found(self.alice, sort="custom.n"), "C")

    def test_what_is_kept_of_one_wish_answers_another(self):
        """The SQL of a list's beginning is kept; values, fields, companies and members differ from time to time."""
        make.custom_field("money", "fee")
        make.custom_field("choice", "tier", choices=["a", "b"])
        make.custom_field("money", "due")
        for name, fee, tier, due in (
            ("A", 500, "a", 100),
            ("B", 700, "b", 200),
            ("C", 900, "a", None),
            ("D", 700, "a", 900),
        ):
            create_customer(name=name, custom={"fee": fee, "tier": tier, "due": due}, actor=None)
        asked = {"custom.fee__gte": "7", "custom.tier": "a"}
        self.assertEqual(self.walk(1, **asked), "DC")
        self.assertEqual(self.walk(1, **{**asked, "custom.fee__gte": "5"}), "ADC")
        self.assertEqual(self.walk(1, **{**asked, "custom.tier": "b"}), "B")
        self.assertEqual(self.walk(1, **{"custom.due__gte": "2", "custom.tier": "a"}), "D")
        self.assertEqual(self.walk(1, **asked, sort="-custom.due"), "DC")
        self.assertEqual(self.walk(1, **asked, sort="custom.fee"), "DC")
        self.assertEqual(self.walk(1, **asked, sort="name", industry="Retail"), "")
