from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.people.roles import Visibility
from customers.models import Contact, Customer, CustomerStats, FollowUp, Interaction, Purchase
from customers.services.imports import import_file
from tests import factories as make
from tests.cases import ApiTestCase


class Customers(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.key_of(self.admin)

    def post(self, path, body, key=None):
        return self.call("POST", path, body, key=key or self.key)

    def test_made_read_changed_and_deleted(self):
        made = self.post(
            "customers", {"name": "Nordwind", "phone": "+41 44 668 18 00", "owner": str(self.alice.pk)}
        )
        self.assertEqual(made.status_code, 201, made.content)
        pk = made.json()["id"]
        changed = self.call(
            "PATCH", f"customers/{pk}", {"city": "Bern"}, key=self.key, **{"If-Match": made["ETag"]}
        )
        self.assertEqual((changed.status_code, changed.json()["version"]), (200, 2))
        stale = self.call(
            "PATCH", f"customers/{pk}", {"city": "Thun"}, key=self.key, **{"If-Match": made["ETag"]}
        )
        self.assertEqual(stale.status_code, 412)
        self.assertEqual(self.call("DELETE", f"customers/{pk}", key=self.key).status_code, 204)
        self.assertEqual(self.call("GET", f"customers/{pk}", key=self.key).status_code, 404)
        with self.inside():
            customer = Customer.objects.get(pk=pk)
            self.assertEqual((customer.phone_norm, customer.city), ("41446681800", "Bern"))
            self.assertIsNotNone(customer.deleted_at)

    def test_ids_are_never_taken_from_outside(self):
        pk = "019b0000-0000-7000-8000-000000000001"
        made = self.post("customers", {"id": pk, "name": "A"})
        self.assertEqual(made.status_code, 201)
        self.assertNotEqual(made.json()["id"], pk)

    def test_hidden_signs_go_and_a_name_of_nothing_else_is_none(self):
        pk = self.post("customers", {"name": "\u202eHar\u200bbour", "city": "\ufeffHull"}).json()["id"]
        shown = self.call("GET", f"customers/{pk}", key=self.key).json()
        self.assertEqual((shown["name"], shown["city"]), ("Harbour", "Hull"))
        for path, body in (("customers", {}), ("contacts", {"customer": pk})):
            refused = self.post(path, {**body, "name": "\u200b\u2067"})
            self.assertEqual((refused.status_code, list(refused.json()["errors"])), (400, ["name"]))
        refused = self.call("PUT", "customers/by-external-id/C\u200b1", {"name": "A"}, key=self.key)
        self.assertEqual((refused.status_code, list(refused.json()["errors"])), (400, ["external_id"]))

    def test_what_cannot_be_an_address_is_refused_and_the_rest_is_taken(self):
        pk = self.post("customers", {"name": "A", "email": "wei@例子.中国"}).json()["id"]
        for wrong in ("nobody", "a@b", "@x.de", "a b@x.de", "a@b@x.de", f"{'a' * 250}@x.de"):
            with self.subTest(wrong):
                refused = self.call("PATCH", f"customers/{pk}", {"email": wrong}, key=self.key)
                self.assertEqual((refused.status_code, list(refused.json()["errors"])), (400, ["email"]))
                refused = self.post("contacts", {"customer": pk, "name": "B", "email": wrong})
                self.assertEqual((refused.status_code, list(refused.json()["errors"])), (400, ["email"]))
        items = [{"name": "C", "email": "nobody"}, {"id": pk, "email": ""}]
        bulk = self.post("customers/bulk", {"items": items}).json()["results"]
        self.assertEqual([one["status"] for one in bulk], [400, 200])

    def test_another_companys_member_does_not_exist(self):
        answer = self.post("customers", {"name": "A", "owner": str(self.mallory.pk)})
        self.assertEqual((answer.status_code, list(answer.json()["errors"])), (400, ["owner"]))

    def test_a_likely_duplicate_names_its_candidates(self):
        first = self.post("customers", {"name": "Nordwind"}).json()["id"]
        second = self.post("customers", {"name": "NORDWIND"})
        self.assertEqual((second.status_code, second.json()["code"]), (409, "likely_duplicate"))
        self.assertEqual(second.json()["errors"]["candidates"], [first])
        self.assertEqual(self.post("customers?allow_duplicates=true", {"name": "NORDWIND"}).status_code, 201)

    def refused(self, body):
        """Level, probability and reasons of each candidate that a new customer is refused for."""
        answer = self.post("customers", body)
        self.assertEqual((answer.status_code, answer.json()["code"]), (409, "likely_duplicate"))
        return [(one["level"], one["probability"], one["reasons"]) for one in answer.json()["candidates"]]

    def test_a_company_of_the_same_name_is_likely_unless_something_speaks_against_it(self):
        self.post("customers", {"name": "Eyes One Ltd", "phone": "+44 116 496 0000"})
        self.assertEqual(self.refused({"name": "eyes one ltd"}), [("likely", 0.95, {"name": "same"})])
        other = self.refused({"name": "Eyes One Ltd", "phone": "+44 20 7946 0018"})
        self.assertEqual(other, [("possible", 0.676, {"name": "same", "phone": "other"})])

    def test_a_name_that_several_bear_says_less_of_each(self):
        for _customer in range(2):
            self.post("customers?allow_duplicates=true", {"name": "Wei Zhang", "kind": "person"})
        reasons = {"given": "same", "family": "same"}
        told = self.refused({"name": "Wei Zhang", "kind": "person"})
        self.assertEqual(told, [("possible", 0.475, reasons)] * 2)

    def test_an_equal_address_or_number_is_evidence_though_another_name_speaks_against_it(self):
        reached = {"email": "post@nordwind.example", "phone": "+44 116 496 0000"}
        self.post("customers", {"name": "Nordwind", **reached})
        same = {"name": "other", "email": "same"}
        self.assertEqual(
            self.refused({"name": "Quite Else", "email": reached["email"]}), [("possible", 0.266, same)]
        )
        same = {"name": "other", "phone": "same"}
        self.assertEqual(
            self.refused({"name": "Quite Else", "phone": reached["phone"]}), [("possible", 0.138, same)]
        )
        same = {"name": "close", "email": "same"}
        self.assertEqual(
            self.refused({"name": "Nordwint", "email": reached["email"]}), [("likely", 0.98, same)]
        )

    def test_more_candidates_and_what_they_share_cost_no_more_queries(self):
        taken = []
        body = {"name": "Nordwind", "email": "post@nordwind.example", "phone": "+44 116 496 0000"}
        for _customer in (1, 4):
            for _one in range(_customer):
                self.post("customers?allow_duplicates=true", body)
            with CaptureQueriesContext(connection) as queries:
                self.refused(body)
            taken.append(len(queries))
        self.assertEqual(taken[0], taken[1] - 3)  # of three values that five or more have, how many

    def test_a_customer_out_of_sight_is_no_candidate_and_no_reason_to_refuse(self):
        self.post("customers", {"name": "Nordwind", "owner": str(self.alice.pk)})
        with self.inside():
            type(self.lead).objects.filter(pk=self.lead.pk).update(visibility=Visibility.OWN)
        key = self.key_of(self.lead)
        body = {"name": "Nordwind", "owner": str(self.lead.pk)}
        self.assertEqual(self.post("customers", body, key=key).status_code, 201)
        refused = self.post("customers", body, key=key)
        self.assertEqual([one["probability"] for one in refused.json()["candidates"]], [0.95])

    def test_an_external_id_that_is_taken_is_refused_as_such_before_any_likeness(self):
        body = {"name": "Nordwind", "external_id": "N 1"}
        pk = self.post("customers", body).json()["id"]
        for _time in ("living", "deleted"):
            taken = self.post("customers", body)
            self.assertEqual((taken.status_code, taken.json()["code"]), (409, "external_id_taken"))
            self.assertEqual(list(taken.json()["errors"]), ["external_id"])
            self.call("DELETE", f"customers/{pk}", key=self.key)

    def test_by_external_id_makes_then_changes(self):
        path = "customers/by-external-id/E 7"
        made = self.call("PUT", path.replace(" ", "%20"), {"name": "A"}, key=self.key)
        again = self.call("PUT", path.replace(" ", "%20"), {"name": "B"}, key=self.key)
        self.assertEqual((made.status_code, again.status_code), (201, 200))
        self.assertEqual(made.json()["id"], again.json()["id"])
        taken = self.post("customers", {"name": "C", "external_id": "E 7"})
        self.assertEqual((taken.status_code, taken.json()["code"]), (409, "external_id_taken"))

    def test_an_external_id_may_hold_any_sign_but_none_around_it(self):
        path = "customers/by-external-id/INV%2F2024%2F07%3F"
        answers = [self.call("PUT", path, {"name": name}, key=self.key) for name in "AB"]
        self.assertEqual([answer.status_code for answer in answers], [201, 200])
        self.assertEqual(answers[1].json()["external_id"], "INV/2024/07?")
        for blank in ("%20", "%20E7"):
            refused = self.call("PUT", f"customers/by-external-id/{blank}", {"name": "A"}, key=self.key)
            self.assertEqual((refused.status_code, list(refused.json()["errors"])), (400, ["external_id"]))

    def test_many_at_once_stand_and_fall_alone(self):
        answer = self.post("customers/bulk", {"items": [{"name": "A"}, {"name": ""}, {"name": "C"}]})
        self.assertEqual([item["status"] for item in answer.json()["results"]], [201, 400, 201])

    def test_filtered_searched_and_only_what_may_be_seen(self):
        with self.inside():
            make.customer(name="Alpha", owner=self.alice, stats__class_code="key", stats__spend=500)
            make.customer(name="Beta", owner=self.lead)
            self.alice.visibility = Visibility.OWN
            self.alice.save()

        def names(query, key=self.key):
            return [row["name"] for row in self.call("GET", f"customers?{query}", key=key).json()["results"]]

        self.assertEqual(names("class=key&spend__gte=500"), ["Alpha"])
        self.assertEqual(names("search=eta"), ["Beta"])
        self.assertEqual(names("search="), names(""))
        self.assertEqual(self.call("GET", f"customers?search={'x' * 201}", key=self.key).status_code, 400)
        self.assertEqual(names("ordering=-name"), ["Beta", "Alpha"])
        self.assertEqual(names("", self.key_of(self.alice)), ["Alpha"])
        self.assertEqual(names("", self.key_of(self.mallory)), [])


class Files(ApiTestCase):
    def test_the_rows_that_were_not_taken_are_fetched_and_no_path_is_told(self):
        folder = Path(self.enterContext(TemporaryDirectory()))
        self.enterContext(override_settings(MEDIA_ROOT=folder / "media"))
        (folder / "they.csv").write_text("external_id,name,email\nC1,Ada,ada@x.de\nC2,Bo,nobody\n")
        key = self.key_of(self.admin)
        with self.inside():
            done = import_file(path=folder / "they.csv", kind="customers")
        told = self.call("GET", f"imports/{done['import']}", key=key)
        self.assertNotIn(str(folder), told.content.decode())
        address = told.json()["counts"]["errors_file"]
        self.assertEqual(address, f"http://testserver/api/v1/imports/{done['import']}/errors")

        file = self.client.get(address, headers={"Authorization": f"Bearer {key}"})
        lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
        self.assertEqual(lines[1:], ["3,email,nobody,not an e-mail address"])
        Path(done["errors_file"]).unlink()
        self.assertNotIn(
            "errors_file", self.call("GET", f"imports/{done['import']}", key=key).json()["counts"]
        )
        self.assertEqual(self.call("GET", f"imports/{done['import']}/errors", key=key).status_code, 404)


class Work(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.key_of(self.alice)
        with self.inside():
            self.customer = make.customer(owner=self.alice)
        with self.inside(self.other):
            self.foreign = make.customer()

    def post(self, path, body):
        return self.call("POST", path, body, key=self.key)

    def test_contacts_and_interactions_hang_on_customers_that_are_seen(self):
        made = self.post("contacts", {"customer": str(self.customer.pk), "name": "Ann"})
        self.assertEqual((made.status_code, made.json()["primary"]), (201, True))
        path = f"contacts/{made.json()['id']}"
        for title, status in (("Buyer", 200), ("Engineer", 412)):
            changed = self.call(
                "PATCH", path, {"job_title": title}, key=self.key, **{"If-Match": made["ETag"]}
            )
            self.assertEqual(changed.status_code, status)
        for path, body in (("contacts", {"name": "Ann"}), ("interactions", {"kind": "call"})):
            refused = self.post(path, {"customer": str(self.foreign.pk), **body})
            self.assertEqual((refused.status_code, list(refused.json()["errors"])), (400, ["customer"]), path)
        logged = self.post(
            "interactions", {"customer": str(self.customer.pk), "kind": "call", "contact": made.json()["id"]}
        )
        self.assertEqual((logged.status_code, logged.json()["author"]), (201, str(self.alice.pk)))
        with self.inside():
            self.assertEqual((Contact.objects.count(), Interaction.objects.count()), (1, 1))
            self.assertIsNotNone(CustomerStats.objects.get(customer=self.customer).last_contact_at)

    def test_promises_are_made_moved_and_kept_once(self):
        due = (timezone.now() + timedelta(days=1)).isoformat()
        made = self.post(
            "follow-ups",
            {"customer": str(self.customer.pk), "owner": str(self.lead.pk), "subject": "Call", "due_at": due},
        )
        self.assertEqual(made.status_code, 201, made.content)
        path = f"follow-ups/{made.json()['id']}"
        self.assertEqual(self.post(f"{path}/move", {"due_at": "2031-01-01T00:00:00Z"}).status_code, 200)
        self.assertEqual(
            self.post(f"{path}/complete", {"result": "Fine", "kind": "visit"}).json()["outcome"], "done"
        )
        self.assertEqual(self.post(f"{path}/skip", {"because": "x"}).json()["code"], "follow_up_closed")
        with self.inside():
            self.assertEqual(FollowUp.objects.get().interaction.text, "Fine")

    def test_purchases_come_with_their_lines_and_count(self):
        product = self.post("products", {"code": "P1", "name": "Tyre", "price": 9_900})
        body = {
            "customer": str(self.customer.pk),
            "order_no": "SO-1",
            "purchased_at": "2025-05-05T10:00:00Z",
            "lines": [
                {"product": product.json()["id"], "quantity": "3", "unit_price": "1.0050"},
                {"quantity": "1", "unit_price": "2"},
            ],
        }
        made = self.post("purchases", body)
        self.assertEqual(made.status_code, 201, made.content)
        self.assertEqual(
            (made.json()["amount"], [line["amount"] for line in made.json()["lines"]]), (502, [302, 200])
        )
        self.assertEqual(self.post("purchases", body).json()["code"], "order_number_taken")
        self.assertEqual(self.post("products", {"code": "P1", "name": "x"}).json()["code"], "code_taken")
        abroad = self.post("purchases", {**body, "order_no": "", "currency": "EUR"})
        self.assertEqual(abroad.json()["code"], "amount_home_required")
        with self.inside():
            stats = CustomerStats.objects.get(customer=self.customer)
            self.assertEqual((stats.orders, stats.spend), (1, 502))
            self.assertEqual(Purchase.objects.count(), 1)
