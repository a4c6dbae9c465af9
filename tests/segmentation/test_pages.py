import re
from datetime import timedelta
from unittest.mock import patch

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.kpis import Period
from crm.models import Job
from customers import panels, timeline
from customers.models import Customer, CustomerStats
from segmentation import defaults, kpis
from segmentation.models import ClassMembership, CustomerClass, Segment
from segmentation.services import applying, classes, overrides
from segmentation.services.classify import classify
from tests import factories as make
from tests.cases import BrowserTestCase, TenantTestCase
from tests.sent import sent_of

RULE = {"field-0-0": "spend_12m", "op-0-0": "gte", "value-0-0": "60"}


class Pages(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            defaults.make_classes(self.admin)
            defaults.make_segments(self.admin)
            today = self.acme.today()
            self.customer = make.customer(
                name="Great Wall",
                owner=self.alice,
                stats__spend=900_000,
                stats__spend_12m=900_000,
                stats__orders=9,
                stats__orders_12m=9,
                stats__first_purchase_on=today - timedelta(days=300),
                stats__last_purchase_on=today - timedelta(days=3),
            )
            self.quiet = make.customer(name="Quiet")
            classify()
            self.move("Great Wall", "Quiet")
            self.key = CustomerClass.objects.get(code="key")
            self.segment = Segment.objects.get(name="Key customers")

    def move(self, *names):
        """Make key customers of those named, or of all, and let them fall back to where they were."""
        rows = (
            CustomerStats.objects.filter(customer__name__in=names) if names else CustomerStats.objects.all()
        )
        figures = rows.in_bulk()
        rows.update(spend_12m=3_000_000)
        classify()
        for one in figures.values():
            CustomerStats.objects.filter(pk=one.pk).update(spend_12m=one.spend_12m)
        classify()

    def page(self, name, *args, member=None, **query):
        return self.sign_in(member or self.lead).get(reverse(f"segmentation:{name}", args=args), query)

    def test_every_page_shows_what_it_is_for(self):
        for name, args, words in (
            ("classes", [], ["Key", "spent at least $5,000 in 12 months", "Whoever no other rule takes."]),
            ("class", [self.key.pk], ["Nobody would move.", 'value="5000"']),
            ("new-class", [], ["New class", "No criteria yet"]),
            ("rfm", [], ["Where do our buyers stand?", "rfm_cell=33"]),
            ("moves", [], ["Quiet", "Spent at least $20,000 in 12 months"]),
            ("segments", [], ["Key customers", "class is Key", "No contact for 90 days"]),
            ("segment", [self.segment.pk], ["Great Wall", "class is Key"]),
            ("edit-segment", [self.segment.pk], ["Great Wall", 'value="key" selected']),
            ("new-segment", [], ["New segment"]),
            ("why-class", [self.customer.pk], ["Why Key", "$9,000", "Set by hand"]),
            ("why-stage", [self.customer.pk], ["Why Active", "3 days ago", "Reward loyalty"]),
            ("override", [self.customer.pk], ["Set the class by hand"]),
        ):
            with self.subTest(name):
                response = self.page(name, *args)
                self.assertEqual(response.status_code, 200)
                for word in words:
                    self.assertContains(response, word)

    def test_pages_stand_empty_too(self):
        with self.inside():
            Segment.objects.all().delete()
            Customer.objects.all().delete()
        empty = {"rfm": "No purchases yet", "moves": "Nobody has moved yet", "segments": "No segments yet"}
        for name, word in empty.items():
            with self.subTest(name):
                self.assertContains(self.page(name), word)

    def test_lists_ask_as_much_for_thirty_as_for_one(self):
        def asked(name):
            self.sign_in(self.lead)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                self.assertEqual(self.client.get(reverse(f"segmentation:{name}")).status_code, 200)
            return len(queries)

        names = ("classes", "segments", "moves", "rfm")
        few = {name: asked(name) for name in names}
        with self.inside():
            for number in range(30):
                make.customer(name=f"More {number}", stats__orders=number)
                make.segment(f"Segment {number}", [[{"field": "orders", "op": "gte", "value": number}]])
            classify()
        self.assertEqual({name: asked(name) for name in names}, few)

    def test_moves_turn_pages_without_losing_any(self):
        with self.inside():
            names = [make.customer(name=f"More {number}").name for number in range(30)]
            classify()
            self.move(*names)
        first = self.page("moves")
        self.assertEqual(len(first.context["listing"]["rows"]), 50)
        second = self.client.get(reverse("segmentation:moves") + first.context["listing"]["next_url"])
        seen = {row.pk for response in (first, second) for row in response.context["listing"]["rows"]}
        self.assertEqual((len(seen), second.context["listing"]["next_url"]), (62, ""))
        back = self.client.get(reverse("segmentation:moves") + second.context["listing"]["previous_url"])
        self.assertEqual(back.context["listing"]["rows"], first.context["listing"]["rows"])

    def test_why_is_answered_for_a_customer_the_rules_have_not_read_yet(self):
        with self.inside():
            fresh = make.customer(name="Fresh")
        self.assertContains(self.page("why-class", fresh.pk), "In no class yet")

    def test_another_companys_records_are_not_found(self):
        for name, args in (
            ("class", [self.key.pk]),
            ("segment", [self.segment.pk]),
            ("edit-segment", [self.segment.pk]),
            ("why-class", [self.customer.pk]),
            ("why-stage", [self.customer.pk]),
            ("override", [self.customer.pk]),
        ):
            with self.subTest(name):
                self.assertEqual(self.page(name, *args, member=self.mallory).status_code, 404)

    def test_a_customer_one_may_not_see_is_not_found_nor_counted(self):
        with self.inside():
            self.alice.visibility = "own"
            self.alice.save()
        self.assertEqual(self.page("why-class", self.quiet.pk, member=self.alice).status_code, 404)
        self.assertEqual(self.page("why-class", self.customer.pk, member=self.alice).status_code, 200)
        self.assertNotContains(self.page("moves", member=self.alice), "Quiet")
        found = self.page("segments", member=self.alice).context["segments"]
        counts = {one.segment.name: one.customers for one in found}
        self.assertEqual(counts["All customers"], 1)

    def test_readers_look_and_managers_of_segments_change(self):
        for member, status in ((self.reader, 403), (self.alice, 403), (self.lead, 200)):
            self.assertEqual(self.page("class", self.key.pk, member=member).status_code, status)
        self.assertEqual(self.page("override", self.customer.pk, member=self.reader).status_code, 403)

    def test_a_rule_is_tried_as_it_changes_and_nothing_is_written(self):
        with self.inside():
            CustomerStats.objects.filter(customer=self.quiet).update(spend_12m=7_000)
        self.sign_in(self.lead)
        where = reverse("segmentation:try-class", args=[self.key.pk])
        response = self.client.post(where, RULE)
        self.assertContains(response, "Quiet")
        self.assertContains(response, "General")
        self.assertContains(self.client.post(where, RULE | {"add": "0"}), 'name="field-0-1"')
        self.assertContains(self.client.post(where, RULE | {"add": "new"}), 'name="field-1-0"')
        self.assertNotContains(self.client.post(where, RULE | {"remove": "0-0"}), 'name="field-0-0"')
        self.assertContains(self.client.post(where, RULE | {"value-0-0": "many"}), "Enter a number.")
        other = {"field-0-0": "industry", "op-0-0": "gte", "anew": "0-0"}
        self.assertNotContains(self.client.post(where, RULE | other), 'value="60"')
        with self.inside():
            self.assertEqual(CustomerClass.objects.get(code="key").version, self.key.version)

    def test_saving_a_rule_moves_who_it_concerns(self):
        with self.inside():
            CustomerStats.objects.filter(customer=self.quiet).update(spend_12m=7_000)
        self.sign_in(self.lead)
        where = reverse("segmentation:class", args=[self.key.pk])
        fields = {"name": "Key", "rank": "1", "version": self.key.version}
        response = self.client.post(where, RULE | fields)
        self.assertRedirects(response, reverse("segmentation:classes"))
        with self.inside():
            self.assertEqual(CustomerStats.objects.get(customer=self.quiet).class_code, "key")
        self.assertEqual(self.client.post(where, RULE | fields | {"value-0-0": ""}).status_code, 422)

    def test_two_who_change_a_rule_see_both_in_words(self):
        self.sign_in(self.lead)
        where = reverse("segmentation:class", args=[self.key.pk])
        with self.inside():
            mended = [[{"field": "spend_12m", "op": "gte", "value": 900_000}]]
            classes.save_class(customer_class=self.key, version=1, actor=self.admin, criteria=mended)
        mine = RULE | {"name": "Dearest", "rank": "2", "version": "1"}
        late = self.client.post(where, mine)
        cells = ("at least $5,000", "at least $9,000", "at least $60")
        told = [clash.__dict__ for clash in late.context["clashes"]]
        self.assertEqual([one["label"] for one in told], ["Rule"])
        for cell, words in zip(cells, ("before", "theirs", "mine"), strict=True):
            self.assertIn(cell, told[0][words])
        self.assertContains(late, "Take theirs", status_code=422)
        kept = self.client.post(where, mine | {"version": "2"})
        self.assertRedirects(kept, reverse("segmentation:classes"))
        with self.inside():
            self.key.refresh_from_db()
        self.assertEqual(
            (self.key.name, self.key.rank, self.key.criteria[0][0]["value"]), ("Dearest", 2, 6_000)
        )

    def test_what_only_one_changed_does_not_clash(self):
        self.sign_in(self.lead)
        where = reverse("segmentation:class", args=[self.key.pk])
        opened = sent_of(self.client.get(where).content.decode())
        with self.inside():
            mended = [[{"field": "spend_12m", "op": "gte", "value": 900_000}]]
            classes.save_class(customer_class=self.key, version=1, actor=self.admin, criteria=mended)
        saved = self.client.post(where, opened | {"name": "Dearest"})
        self.assertRedirects(saved, reverse("segmentation:classes"))
        with self.inside():
            self.key.refresh_from_db()
        self.assertEqual((self.key.name, self.key.criteria), ("Dearest", mended))

    def test_a_class_is_made_used_and_deleted(self):
        self.sign_in(self.lead)
        fields = {"name": "Spenders", "rank": "2"}
        self.client.post(reverse("segmentation:new-class"), RULE | fields)
        with self.inside():
            made = CustomerClass.objects.get(code="spenders")
            self.assertEqual(made.criteria, [[{"field": "spend_12m", "op": "gte", "value": 6_000}]])
        self.assertEqual(
            self.client.post(reverse("segmentation:delete-class", args=[made.pk])).status_code, 204
        )
        with self.inside():
            self.assertFalse(CustomerClass.objects.filter(code="spenders").exists())

    def test_in_a_large_company_changing_and_deleting_lead_to_the_job(self):
        client = self.sign_in(self.lead)
        with self.inside():
            potential = CustomerClass.objects.get(code="potential")
        body = {"name": "Potential", "rank": "2", "version": "1", "description": ""} | RULE
        with patch.object(classes, "AT_ONCE", 1):
            changed = client.post(reverse("segmentation:class", args=[potential.pk]), body)
            deleted = client.post(reverse("segmentation:delete-class", args=[potential.pk]))
        with self.inside():
            first, second = Job.objects.filter(kind=applying.APPLY).order_by("created_at")
        self.assertRedirects(changed, reverse("job", args=[first.pk]), fetch_redirect_response=False)
        self.assertEqual(deleted.headers["HX-Redirect"], reverse("job", args=[second.pk]))
        page = client.get(deleted.headers["HX-Redirect"])
        self.assertContains(page, "Applying the classes")
        self.assertContains(page, "Class deleted")

    def test_of_several_names_only_the_wrong_one_is_marked_and_described(self):
        with self.inside():
            field = make.custom_field("customer", "parent")
        self.sign_in(self.lead)
        rule = {
            "field-0-0": f"custom:{field.key}",
            "op-0-0": "in",
            "value-0-0": ["Great Wall", "Grate Wall", "Quiet"],
        }
        refused = self.client.post(reverse("segmentation:new-segment"), rule | {"name": "Daughters"})
        self.assertEqual(refused.status_code, 422)
        boxes = re.findall(r'<input [^>]*name="value-0-0"[^>]*>', refused.content.decode())
        marked = ['aria-invalid="true" aria-describedby="error-0-0"' in box for box in boxes]
        self.assertEqual(marked, [False, True, False, False])
        self.assertContains(refused, 'id="error-0-0"', status_code=422)

    def test_a_segment_is_made_changed_and_deleted(self):
        self.sign_in(self.lead)
        rule = {"field-0-0": "industry", "op-0-0": "in", "value-0-0": "Retail, Hotels"}
        response = self.client.post(reverse("segmentation:new-segment"), rule | {"name": "Shops"})
        with self.inside():
            segment = Segment.objects.get(name="Shops")
        self.assertRedirects(response, reverse("segmentation:segment", args=[segment.pk]))
        self.assertEqual(
            segment.criteria, [[{"field": "industry", "op": "in", "value": ["Retail", "Hotels"]}]]
        )
        taken = self.client.post(reverse("segmentation:new-segment"), rule | {"name": "Shops"})
        self.assertContains(taken, "There is already one of this name.", status_code=422)
        where = reverse("segmentation:edit-segment", args=[segment.pk])
        self.client.post(where, rule | {"name": "Stores", "version": "1"})
        late = self.client.post(where, rule | {"name": "Late", "value-0-0": "Retail", "version": "1"})
        for cell in ("<td>Shops</td>", "<td>Stores</td>", "<td>Late</td>", "Keep mine"):
            self.assertContains(late, cell, status_code=422)
        self.assertNotContains(late, '<th scope="row">Rule</th>', status_code=422)
        ahead = self.client.post(where, rule | {"name": "Late", "version": "9"})
        self.assertEqual(ahead.status_code, 412)
        self.client.post(reverse("segmentation:delete-segment", args=[segment.pk]))
        with self.inside():
            self.assertFalse(Segment.objects.filter(name__in=["Shops", "Stores", "Late"]).exists())

    def test_a_class_set_by_hand_from_the_record(self):
        self.sign_in(self.alice)
        where = reverse("segmentation:override", args=[self.quiet.pk])
        refused = self.client.post(
            where, {"customer_class": self.key.pk, "reason": "x", "until": "2020-01-01"}
        )
        self.assertContains(refused, "has passed", status_code=422)
        self.assertEqual(
            self.client.post(where, {"customer_class": self.key.pk, "reason": "Strategic"}).status_code, 204
        )
        self.assertContains(
            self.page("why-class", self.quiet.pk, member=self.alice), "Set by hand by Alice: Strategic"
        )
        self.client.post(reverse("segmentation:clear-override", args=[self.quiet.pk]))
        with self.inside():
            self.assertEqual(ClassMembership.objects.get(customer=self.quiet).customer_class.code, "general")


class Sockets(TenantTestCase):
    def setUp(self):
        super().setUp()
        make.customer_class("rich", [[{"field": "spend", "op": "gte", "value": 10}]], 1)
        make.customer_class("rest", [], 2)
        self.customer, self.other_customer = make.customer(), make.customer()
        classify(at=timezone.now() - timedelta(days=40))
        CustomerStats.objects.filter(customer=self.customer).update(spend=10)
        classify()

    def test_moves_stand_on_the_timeline(self):
        titles = [(entry.title, entry.text) for entry in timeline.entries_of(self.customer, kind="class")]
        self.assertEqual(titles, [("Class Rest → Rich", "Spent at least $0.10 in all")])

    def test_the_record_shows_class_stage_and_segments(self):
        make.segment("Spenders", [[{"field": "spend", "op": "gte", "value": 10}]])
        heads = [panel.key for panel, _context in panels.panels_for(self.customer, self.reader, "head")]
        cards = [
            (panel.key, context)
            for panel, context in panels.panels_for(self.customer, self.reader, "context")
        ]
        self.assertEqual([key for key in heads if key in ("class", "stage")], ["class", "stage"])
        self.assertEqual([c["segments"][0].name for key, c in cards if key == "segments"], ["Spenders"])

    def test_the_kpis_count_moves_by_how_dear_the_class_is(self):
        today = self.acme.today()
        period = Period(today - timedelta(days=7), today)
        self.assertEqual(kpis.moved_up(period), kpis.Value(0.5, 2))
        self.assertEqual(kpis.moved_down(period), kpis.Value(0.0, 2))
        CustomerStats.objects.filter(customer=self.other_customer).update(
            orders=1, first_purchase_on=today, last_purchase_on=today
        )
        classify()
        self.assertEqual(kpis.active(period), kpis.Value(1, 2))

    def test_no_figures_before_the_first_count(self):
        long_ago = self.acme.today() - timedelta(days=900)
        self.assertIsNone(kpis.moved_up(Period(long_ago, long_ago)))


class Overridden(TenantTestCase):
    def test_the_badge_says_so(self):
        rich = make.customer_class("rich", [], 1)
        customer = make.customer()
        overrides.override_class(customer=customer, customer_class=rich, reason="Because", actor=self.alice)
        [context] = [c for p, c in panels.panels_for(customer, self.alice, "head") if p.key == "class"]
        self.assertTrue(context["membership"].overridden)


class CustomerList(BrowserTestCase):
    def test_the_list_opens_behind_a_segment_and_a_square(self):
        with self.inside():
            defaults.make_classes(self.admin)
            make.customer(
                name="Best",
                stats__spend=50,
                stats__rfm_recency=5,
                stats__rfm_frequency=5,
                stats__rfm_monetary=4,
            )
            make.customer(name="Last", stats__rfm_recency=1, stats__rfm_frequency=1, stats__rfm_monetary=1)
            segment = make.segment("Spenders", [[{"field": "spend", "op": "gte", "value": 50}]])
        self.sign_in(self.lead)
        for query, seen, words in (
            (f"segment={segment.pk}", True, "Spenders"),
            ("rfm_cell=55", True, "5 · 5"),
            ("rfm_cell=54", False, "5 · 4"),
            ("segment=nobody", False, "nobody"),
        ):
            with self.subTest(query):
                response = self.client.get(f"{reverse('customers:list')}?{query}")
                self.assertContains(response, words)
                self.assertEqual("Best" in response.content.decode(), seen)
                self.assertNotContains(response, "Last<")
