from threading import Thread

from django.db import connections
from django.test import Client, override_settings

from crm.models import AuditEntry
from crm.people.roles import Visibility
from customers.models import Customer
from tests import factories as make
from tests.cases import ApiTestCase, CommittedTestCase
from tests.crm.api import sample

SCOPES = ("samples:read", "samples:write")


@override_settings(ROOT_URLCONF="tests.crm.api.sample")
class SampleTestCase(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.key_of(self.admin, *SCOPES)

    def send(self, method, path="samples", body=None, **headers):
        return self.call(method, path, body, key=headers.pop("key", self.key), **headers)

    def refused(self, response, status, code):
        self.assertEqual((response.status_code, response.json()["code"]), (status, code), response.content)
        return response.json()


class Writing(SampleTestCase):
    def test_a_record_is_made_read_changed_and_deleted_through_services(self):
        made = self.send("POST", body={"name": "Ann", "owner": str(self.alice.pk)})
        self.assertEqual((made.status_code, made.json()["owner"]), (201, str(self.alice.pk)))
        address = made["Location"].removeprefix("/api/v1/")
        self.assertEqual(self.send("GET", address).json(), made.json())
        changed = self.send("PATCH", address, {"name": "Anna"})
        self.assertEqual(
            (changed.status_code, changed.json()["name"], changed.json()["version"]), (200, "Anna", 2)
        )
        self.assertEqual(self.send("DELETE", address).status_code, 204)
        self.assertEqual(self.send("GET", address).status_code, 404)
        with self.inside():
            deeds = (
                AuditEntry.objects.filter(kind="deed", source="api")
                .order_by("at")
                .values_list("deed", flat=True)
            )
            self.assertEqual(list(deeds), ["customer.created", "customer.updated", "customer.deleted"])

    def test_unknown_fields_and_foreign_references_are_refused_by_name(self):
        problem = self.refused(self.send("POST", body={"name": "Ann", "nmae": "x"}), 400, "invalid")
        self.assertEqual(list(problem["errors"]), ["nmae"])
        foreign = self.refused(
            self.send("POST", body={"name": "Ann", "owner": str(self.mallory.pk)}), 400, "invalid"
        )
        absent = self.refused(
            self.send("POST", body={"name": "Ann", "owner": "01900000-0000-7000-8000-000000000000"}),
            400,
            "invalid",
        )
        self.assertEqual(foreign["errors"], absent["errors"])
        with self.inside():
            self.assertFalse(Customer.objects.exists())

    def test_an_id_from_outside_is_passed_over(self):
        pk = "01900000-0000-7000-8000-000000000000"
        self.assertNotEqual(self.send("POST", body={"id": pk, "name": "Ann"}).json()["id"], pk)

    def test_what_cannot_be_read_or_stored_is_malformed(self):
        for body in ("{", '{"name": "a\\u0000b"}', '{"name": "\\ud800"}', "[" * 100_000, '{"name": 1e999}'):
            response = self.client.post(
                "/api/v1/samples",
                body,
                content_type="application/json",
                headers={"Authorization": f"Bearer {self.key}"},
            )
            self.refused(response, 400, "malformed")
        response = self.client.post(
            "/api/v1/samples", {"name": "x"}, headers={"Authorization": f"Bearer {self.key}"}
        )
        self.refused(response, 415, "unsupported_media_type")

    def test_a_refusal_leaves_nothing_behind(self):
        with self.inside():
            customer = make.customer(name="Ann")
        self.refused(self.send("POST", f"samples/{customer.pk}/refuse"), 409, "conflict")
        with self.inside():
            self.assertEqual(Customer.objects.get().name, "Ann")

    def test_an_action_without_a_capability_is_refused_to_everyone(self):
        self.refused(self.send("POST", "samples/forgotten"), 403, "not_allowed")

    def test_hidden_records_are_not_found_and_cannot_be_referred_to(self):
        with self.inside():
            customer = make.customer(owner=self.lead)
            self.alice.visibility = Visibility.OWN
            self.alice.save()
        key = self.key_of(self.alice, *SCOPES)
        self.assertEqual(self.send("GET", key=key).json()["results"], [])
        for method in ("GET", "PATCH", "DELETE"):
            self.refused(self.send(method, f"samples/{customer.pk}", {}, key=key), 404, "not_found")

    def test_filters_reach_what_hangs_on_a_record(self):
        with self.inside():
            make.customer(name="Ann", stats__orders=3)
            make.customer(name="Bob", stats__orders=1, owner=self.alice)
        names = [
            row["name"]
            for row in self.send("GET", "samples?orders__gte=1&ordering=-orders").json()["results"]
        ]
        self.assertEqual(names, ["Ann", "Bob"])
        for query in ("orders=1", "name__prefix=B", f"owner={self.alice.pk}"):
            self.assertEqual(
                [r["name"] for r in self.send("GET", f"samples?{query}").json()["results"]], ["Bob"]
            )
        first = self.send("GET", "samples?limit=1&ordering=orders").json()
        second = self.send("GET", first["next"].partition("/api/v1/")[2]).json()
        self.assertEqual([second["results"][0]["name"], second["next"]], ["Ann", None])


class Versions(SampleTestCase):
    def setUp(self):
        super().setUp()
        made = self.send("POST", body={"name": "Ann"})
        self.address, self.tag = made["Location"].removeprefix("/api/v1/"), made["ETag"]

    def test_a_known_record_is_not_sent_again(self):
        response = self.send("GET", self.address)
        self.assertEqual(response["ETag"], self.tag)
        again = self.send("GET", self.address, **{"If-None-Match": self.tag})
        self.assertEqual((again.status_code, again.content, again["ETag"]), (304, b"", self.tag))
        self.send("PATCH", self.address, {"name": "Bea"})
        self.assertEqual(self.send("GET", self.address, **{"If-None-Match": self.tag}).status_code, 200)

    def test_a_write_on_an_old_version_is_refused(self):
        changed = self.send("PATCH", self.address, {"name": "Bea"}, **{"If-Match": self.tag})
        self.assertEqual(changed.status_code, 200)
        self.refused(
            self.send("PATCH", self.address, {"name": "Cora"}, **{"If-Match": self.tag}), 412, "stale"
        )
        self.refused(self.send("DELETE", self.address, **{"If-Match": self.tag}), 412, "stale")
        self.refused(
            self.send("PATCH", self.address, {"name": "Dora"}, **{"If-Match": '"9-x"'}), 412, "stale"
        )
        self.assertEqual(self.send("GET", self.address).json()["name"], "Bea")
        thin = self.send("GET", f"{self.address}?fields=name")["ETag"]
        for tag in (changed["ETag"], "*"):
            self.assertEqual(
                self.send("PATCH", self.address, {"notes": "x"}, **{"If-Match": tag}).status_code, 200
            )
        self.refused(self.send("PATCH", self.address, {"notes": "y"}, **{"If-Match": thin}), 412, "stale")

    def test_without_if_match_the_last_write_wins(self):
        for name in ("Bea", "Cora"):
            self.assertEqual(self.send("PATCH", self.address, {"name": name}).status_code, 200)


class Bulk(SampleTestCase):
    def test_each_item_stands_or_falls_by_itself(self):
        with self.inside():
            ann = make.customer(name="Ann")
        items = [
            {"name": "Bob"},
            {"nmae": "x"},
            {"id": str(ann.pk), "name": "Anna"},
            {"id": str(self.mallory.pk), "name": "x"},
        ]
        response = self.send("POST", "samples/bulk", {"items": items})
        self.assertEqual(response.status_code, 200)
        results = response.json()["results"]
        self.assertEqual([r["status"] for r in results], [201, 400, 200, 404])
        self.assertEqual([r["index"] for r in results], [0, 1, 2, 3])
        self.assertEqual(sorted(results[1]["error"]["errors"]), ["name", "nmae"][1:])
        with self.inside():
            self.assertEqual(sorted(Customer.objects.values_list("name", flat=True)), ["Anna", "Bob"])

    def test_more_than_a_thousand_are_refused(self):
        self.refused(self.send("POST", "samples/bulk", {"items": [{}] * 1001}), 400, "invalid")


class Once(SampleTestCase):
    def post(self, body, name="k1", path="samples", **more):
        return self.send("POST", path, body, **{"Idempotency-Key": name}, **more)

    def test_the_same_call_again_is_answered_with_the_first_answer(self):
        first, second = self.post({"name": "Ann"}), self.post({"name": "Ann"})
        self.assertEqual((first.status_code, second.status_code), (201, 201))
        self.assertEqual(first.content, second.content)
        self.assertEqual((second["ETag"], second["Location"]), (first["ETag"], first["Location"]))
        self.assertEqual((first.get("Idempotent-Replayed"), second["Idempotent-Replayed"]), (None, "true"))
        with self.inside():
            self.assertEqual(Customer.objects.count(), 1)

    def test_another_body_or_address_under_the_same_name_is_refused(self):
        self.post({"name": "Ann"})
        self.refused(self.post({"name": "Bob"}), 422, "idempotency_mismatch")
        self.refused(self.post({"items": []}, path="samples/bulk"), 422, "idempotency_mismatch")

    def test_names_are_each_keys_own(self):
        self.post({"name": "Ann"})
        other = self.post({"name": "Bob"}, key=self.key_of(self.mallory, *SCOPES))
        self.assertEqual((other.status_code, other.get("Idempotent-Replayed")), (201, None))

    def test_a_refusal_is_repeated_too(self):
        first, second = self.post({"name": ""}), self.post({"name": ""})
        self.assertEqual((first.status_code, second.content), (400, first.content))
        self.assertEqual(second["Content-Type"], "application/problem+json")

    def test_a_fault_frees_the_key_and_leaves_nothing(self):
        self.client.raise_request_exception = False
        sample.before_create.append(lambda: 1 / 0)
        self.addCleanup(sample.before_create.clear)
        with self.assertLogs("django.request", "ERROR"):
            self.refused(self.post({"name": "Ann"}), 500, "server_error")
        sample.before_create.clear()
        again = self.post({"name": "Ann"})
        self.assertEqual((again.status_code, again.get("Idempotent-Replayed")), (201, None))


@override_settings(ROOT_URLCONF="tests.crm.api.sample")
class InFlight(CommittedTestCase):
    key_of, call = ApiTestCase.key_of, ApiTestCase.call

    def test_a_second_call_while_the_first_is_running_is_told_so(self):
        key, seen = self.key_of(self.admin, *SCOPES), []

        def again():
            client = Client()
            try:
                seen.append(self._post(client, key))
            finally:
                connections["default"].close()

        def meanwhile():
            thread = Thread(target=again)
            thread.start()
            thread.join()

        sample.before_create.append(meanwhile)
        self.addCleanup(sample.before_create.clear)
        first = self._post(self.client, key)
        sample.before_create.clear()
        self.assertEqual((seen[0].status_code, seen[0].json()["code"]), (409, "idempotency_in_flight"))
        self.assertEqual(first.status_code, 201)
        self.assertEqual(self._post(self.client, key)["Idempotent-Replayed"], "true")

    def _post(self, client, key):
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k"}
        return client.post(
            "/api/v1/samples", {"name": "Ann"}, content_type="application/json", headers=headers
        )
