"""Whoever may not see personal data sees none of it, over every page and operation there is."""

import itertools

from django.contrib import admin
from django.db import transaction
from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import timezone

from crm.exports.listings import all_listings
from crm.exports.services import file_of
from crm.models import Job, SavedView
from crm.people.roles import Role
from crm.personal import mask_json
from crm.services import jobs
from crm.services.saved_views import save_view
from crm.tenancy.context import act_as, tenant_context
from customers.models import Capture, Customer
from customers.services.contacts import create_contact
from customers.services.customers import create_customer, delete_customer, update_customer
from feedback.services.feedback import record_feedback
from segmentation.models import Segment
from segmentation.services.classify import classify
from segmentation.services.segments import create_segment
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase
from tests.isolation.routes import all_routes
from tests.isolation.rows import Rows
from tests.isolation.test_routes import body_of, is_api, visit

SECRETS = (
    "okapi55",
    "88776655",
    "zebra77",
    "7946 0018",
    "442079460018",
    "79460018",
    "Quagga Lane",
    "QZ7 4XB",
    "1987-06-05",
)


def shown(text):
    return [secret for secret in SECRETS if secret in text]


class Crawl(ApiTestCase, BrowserTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        with tenant_context(cls.acme.pk):
            cls.analyst = make.member(display_name="Ann Analyst", role=Role.ANALYST)
            secret = {"email": "zebra77@example.com", "phone": "+44 20 7946 0018", "birthday": "1987-06-05"}
            cls.customer = create_customer(
                name="Wu", address="Quagga Lane 1", postcode="QZ7 4XB", actor=cls.alice, **secret
            )
            update_customer(customer=cls.customer, email="zebra77@other.example", actor=cls.alice)
            own = cls.own_fields()
            update_customer(customer=cls.customer, custom=own, actor=cls.alice)
            update_customer(customer=cls.customer, custom={"badge": "okapi55 new"}, actor=cls.alice)
            cls.contact = create_contact(
                customer=cls.customer, name="Jo", custom={"nickname": "okapi55"}, actor=cls.alice, **secret
            )
            gone = create_customer(name="Gone", email="zebra77@gone.example", actor=cls.alice)
            delete_customer(customer=gone, actor=cls.alice)
            sender = {"sender_email": "zebra77@third.example", "sender_phone": "+44 20 7946 0018"}
            record_feedback(text="Hello", actor=None, channel="web", **sender)
            Capture.objects.create(
                channel="form",
                title="Wu",
                values={"contact.email": "zebra77@fourth.example", "custom.badge": "okapi55 asked"},
            )
            cls.rule = [[{"field": "custom:badge", "op": "eq", "value": "okapi55 new"}]]
            cls.segment = create_segment(name="Badges", given=cls.rule, actor=cls.admin)
            asked = {"where": "custom.badge.starts(okapi55)"}
            cls.view = save_view(
                actor=cls.admin, listing="customers", name="Of badges", filters=asked, sharing="everyone"
            )
            jobs.start(kind="export", params={"query": asked}, actor=cls.admin)
            known = [{"field": "custom:salary", "op": "not_null"}]
            make.customer_class("K", [known], priority=0)
            classify(at=timezone.now())
            cls.rows = Rows("plain").one_of_each() | {
                Customer: cls.customer,
                type(cls.contact): cls.contact,
                Segment: cls.segment,
                SavedView: cls.view,
            }

    @classmethod
    def own_fields(cls):
        make.custom_field("text", "nickname", record="contact", personal=True)
        for kind, key in (
            ("text", "badge"),
            ("long_text", "story"),
            ("number", "salary"),
            ("link", "profile"),
        ):
            make.custom_field(kind, key, personal=True)
        return {
            "badge": "okapi55",
            "story": "okapi55 was here",
            "salary": "88776655",
            "profile": "https://okapi55.example",
        }

    def pages(self, member):
        self.sign_in(member)
        routes = [route for route in all_routes() if not route.path.startswith("api/")]
        return visit(self.client, routes, self.rows, ("get",))

    def operations(self, member):
        headers = {"Authorization": f"Bearer {self.key_of(member)}"}
        routes = [route for route in all_routes() if is_api(route)]
        return visit(self.client, routes, self.rows, ("get",), headers=headers)

    def test_no_page_and_no_operation_tells_an_analyst(self):
        for _m, address, answer in itertools.chain(self.pages(self.analyst), self.operations(self.analyst)):
            self.assertEqual(shown(body_of(answer)), [], address)

    def test_the_same_visit_tells_who_may_see_it(self):
        seen = [a for _m, a, answer in self.operations(self.admin) if shown(body_of(answer))]
        record = self.sign_in(self.alice).get(f"/customers/{self.customer.pk}/")
        self.assertEqual(
            shown(body_of(record)),
            ["okapi55", "zebra77", "7946 0018", "Quagga Lane", "QZ7 4XB", "1987-06-05"],
        )
        self.assertGreater(len(seen), 5)

    def test_nor_does_an_operator_who_is_not_told_see_it(self):
        operator = make.user(is_staff=True)
        self.client.force_login(operator)
        self.client.post(reverse("admin:enter-company", args=[self.acme.pk]))
        for everything in (False, True):
            type(operator).objects.filter(pk=operator.pk).update(is_superuser=everything)
            telling = [address for address in self.of_the_admin() if shown(self.body(address))]
            self.assertEqual(telling[:1] != [], everything, telling)

    def of_the_admin(self):
        """Every list of the admin and the record of each that there is."""
        for model in admin.site._registry:
            name = f"admin:{model._meta.db_table}"
            yield reverse(f"{name}_changelist")
            if model in self.rows:
                yield reverse(f"{name}_change", args=[self.rows[model].pk])

    def body(self, address):
        return body_of(self.client.get(address))

    def told_by_file(self, listing, member):
        params = {"list": listing, "query": {}, "columns": [], "ids": [], "whole": True, "format": "csv"}
        with self.inside():
            job = jobs.start(kind="export", params=params, actor=member)
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        with self.inside():
            job = Job.objects.get(pk=job.pk)
            self.assertEqual(job.state, "done", job.message)
            path = file_of(job)
        told = shown(path.read_text())
        path.unlink()
        return told

    def test_nor_does_a_file_of_any_list_or_a_filter(self):
        lists = [one.name for one in all_listings()]
        for member, telling in ((self.analyst, []), (self.alice, ["contacts", "customers"])):
            found = [name for name in lists if self.told_by_file(name, member)]
            self.assertEqual(found if member == self.analyst else sorted(set(telling) & set(found)), telling)
        key = self.key_of(self.analyst)
        for asked in (
            {"where": '{"field": "email", "op": "is", "value": "zebra77@other.example"}'},
            {"where": '{"field": "custom.badge", "op": "starts", "value": "o"}'},
            {"custom.badge__prefix": "o"},
            {"ordering": "custom.salary"},
        ):
            answer = self.client.get("/api/v1/customers", asked, headers={"Authorization": f"Bearer {key}"})
            self.assertEqual(answer.status_code, 400, asked)

    def test_nor_does_who_is_in_a_segment_or_a_class_or_stands_in_a_view(self):
        segment, view, rule = self.segment, self.view, self.rule
        badge = ("Badges", f"/customers/{self.customer.pk}/", "okapi55")
        for member, told in ((self.analyst, [True, False, False]), (self.alice, [True, True, True])):
            page = body_of(self.sign_in(member).get(f"/segments/{segment.pk}/"))
            self.assertEqual([one in page for one in badge], told)
            record = body_of(self.client.get(f"/customers/{self.customer.pk}/beside/"))
            self.assertEqual("Badges" in record, told[1])
            listed = body_of(self.client.get("/customers/", {"segment": str(segment.pk)}))
            self.assertEqual(badge[1] in listed, told[1])
            self.assertEqual("Of badges" in listed, told[1])
            key = self.key_of(member)
            api = self.call("GET", f"segments/{segment.pk}/customers", key=key).json()
            self.assertEqual(len(api["results"]), told[1])
            self.assertEqual(
                self.call("GET", f"saved-views/{view.pk}", key=key).status_code, 200 if told[1] else 404
            )
            shown_rule = self.call("GET", f"segments/{segment.pk}", key=key).json()["criteria"]
            self.assertEqual(shown_rule, rule if told[1] else [[{"field": "•••"}]])
            moved = self.call("GET", f"class-memberships/{self.customer.pk}", key=key).json()["why"]
            self.assertEqual([one["field"] for one in moved], ["custom:salary" if told[1] else "•••"])
            why = body_of(self.client.get(f"/segments/customers/{self.customer.pk}/class/why/"))
            self.assertEqual(["salary" in why.lower(), "rule holds" in why], [told[1], True])
        self.sign_in(self.analyst)
        self.assertEqual(self.client.get(f"/segments/{segment.pk}/edit/").status_code, 403)
        told_anew = {"criteria": [[{"field": "spend", "op": "gte", "value": 1}]]}
        answer = self.call("PATCH", f"segments/{segment.pk}", told_anew, key=self.key_of(self.analyst))
        self.assertEqual(answer.json()["code"], "rule_hidden")

    def test_nor_does_a_list_or_a_segment(self):
        browser = self.sign_in(self.analyst)
        asked = {"columns": ["name", "custom:badge", "custom:salary"], "custom.badge__prefix": "x"}
        page = browser.get("/customers/", asked)
        self.assertContains(page, f"/customers/{self.customer.pk}/")
        self.assertContains(page, "•••")
        self.assertEqual(shown(page.content.decode()), [])
        rule = [[{"field": "custom:badge", "op": "eq", "value": "okapi55 new"}]]
        for member, status in ((self.analyst, 400), (self.admin, 201)):
            body = {"name": "Those", "criteria": rule}
            answer = self.call("POST", "segments", body, key=self.key_of(member))
            self.assertEqual(answer.status_code, status, answer.content)


class Masks(TenantTestCase):
    def test_a_mask_is_never_written(self):
        make.custom_field("number", "salary", personal=True)
        customer = make.customer(email="wu@example.com")
        own = make.customer(custom={"salary": "12"})
        act_as(self.reader.pk, sees_personal=False)
        masked = Customer.objects.get(pk=customer.pk)
        self.assertEqual(masked.email, "w•••@•••")
        with self.assertRaises(ValueError), transaction.atomic():
            masked.save()
        with self.assertRaises(ValueError), transaction.atomic():
            Customer.objects.get(pk=own.pk).save()
        act_as(self.admin.pk)
        self.assertEqual(Customer.objects.get(pk=customer.pk).email, "wu@example.com")


class Json(SimpleTestCase):
    def test_what_stands_under_a_personal_name_is_masked_however_deep(self):
        told = {"values": [{"contact.email": "wu@example.com", "name": "Wu"}], "phone": "+44 18", "n": 1}
        masked = {"values": [{"contact.email": "w•••@•••", "name": "Wu"}], "phone": "•••18", "n": 1}
        self.assertEqual(mask_json(told), masked)
