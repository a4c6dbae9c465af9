from unittest.mock import patch

from crm.models import Job
from customers.models import CustomerStats
from segmentation.models import Segment
from segmentation.services import applying, classes
from segmentation.services.classify import classify
from tests import factories as make
from tests.cases import ApiTestCase

RICH = [[{"field": "spend", "op": "gte", "value": 10}]]


class SegmentationApi(ApiTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.rich = make.customer_class("rich", RICH, 1)
            self.rest = make.customer_class("rest", [], 2)
            self.first = make.customer(name="First", owner=self.alice)
            self.second = make.customer(name="Second")
            classify()
            CustomerStats.objects.update(spend=10)
            classify()
            self.segment = make.segment("Spenders", RICH)
        self.key = self.key_of(self.lead)

    def test_a_segment_from_birth_to_end(self):
        answer = self.call("POST", "segments", {"name": "New", "criteria": RICH}, key=self.key)
        self.assertEqual((answer.status_code, answer.json()["criteria"]), (201, RICH))
        path = f"segments/{answer.json()['id']}"
        answer = self.call("PATCH", path, {"name": "Newer"}, key=self.key)
        self.assertEqual(
            (answer.status_code, answer.json()["name"], answer.json()["version"]), (200, "Newer", 2)
        )
        self.assertEqual(self.call("DELETE", path, key=self.key).status_code, 204)
        self.assertEqual(self.call("GET", path, key=self.key).status_code, 404)

    def test_a_rule_that_cannot_be_read_is_refused_by_name(self):
        body = {"name": "New", "criteria": [[{"field": "nothing", "op": "eq", "value": 1}]]}
        answer = self.call("POST", "segments", body, key=self.key)
        self.assertEqual((answer.status_code, answer.json()["code"]), (400, "bad_criteria"))
        self.assertIn("there is no field “nothing”", answer.json()["errors"]["criteria"][0])
        with self.inside():
            self.assertEqual(Segment.objects.count(), 1)

    def test_a_segments_customers_page_by_page_as_far_as_one_may_see(self):
        path = f"segments/{self.segment.pk}/customers"
        page = self.call("GET", f"{path}?limit=1&ordering=name", key=self.key).json()
        self.assertEqual([one["name"] for one in page["results"]], ["First"])
        following = page["next"].partition("/api/v1/")[2]
        self.assertEqual(
            [one["name"] for one in self.call("GET", following, key=self.key).json()["results"]], ["Second"]
        )
        with self.inside():
            self.alice.visibility = "own"
            self.alice.save()
        seen = self.call("GET", path, key=self.key_of(self.alice)).json()["results"]
        self.assertEqual([one["name"] for one in seen], ["First"])

    def test_classes_are_read_and_changed_and_a_change_applies_at_once(self):
        found = self.call("GET", "classes", key=self.key).json()["results"]
        self.assertEqual([one["code"] for one in found], ["rich", "rest"])
        body = {"criteria": [[{"field": "spend", "op": "gte", "value": 11}]]}
        path = f"classes/{self.rich.pk}"
        self.assertEqual(self.call("PATCH", path, body, key=self.key_of(self.alice)).status_code, 403)
        changed = self.call("PATCH", path, body, key=self.key)
        self.assertEqual((changed.status_code, changed.json()["job"]), (200, None))
        with self.inside():
            self.assertEqual(set(CustomerStats.objects.values_list("class_code", flat=True)), {"rest"})
        refused = self.call("PATCH", f"classes/{self.rest.pk}", body, key=self.key)
        self.assertEqual((refused.status_code, refused.json()["code"]), (400, "no_catch_all"))

    def test_in_a_large_company_the_answer_names_the_job_that_applies_a_change(self):
        path = f"classes/{self.rich.pk}"
        with patch.object(classes, "AT_ONCE", 1):
            changed = self.call("PATCH", path, {"description": "Dear to us"}, key=self.key)
            deleted = self.call("DELETE", path, key=self.key)
            self.assertEqual(self.call("DELETE", path, key=self.key).status_code, 404)
        with self.inside():
            first, second = Job.objects.filter(kind=applying.APPLY).order_by("created_at")
        self.assertEqual((changed.status_code, changed.json()["job"]), (200, str(first.pk)))
        self.assertEqual((deleted.status_code, deleted.json()["id"]), (202, str(second.pk)))
        job = self.call("GET", f"jobs/{second.pk}", key=self.key).json()
        self.assertEqual((job["state"], job["total"]), ("waiting", 2))

    def test_a_class_is_deleted_at_once_where_few_stand_in_it(self):
        path = f"classes/{self.rich.pk}"
        self.assertEqual(self.call("DELETE", path, key=self.key_of(self.alice)).status_code, 403)
        self.assertEqual(self.call("DELETE", path, key=self.key).status_code, 204)
        with self.inside():
            self.assertEqual(set(CustomerStats.objects.values_list("class_code", flat=True)), {"rest"})

    def test_the_class_a_customer_is_in_and_why(self):
        found = self.call("GET", f"class-memberships/{self.first.pk}", key=self.key).json()
        self.assertEqual(found["customer_class"], str(self.rich.pk))
        self.assertEqual([(one["field"], one["value"]) for one in found["why"]], [("spend", 10)])

    def test_who_does_not_see_a_customer_sees_neither_its_class_nor_its_moves(self):
        with self.inside():
            self.alice.visibility = "own"
            self.alice.save()
        key = self.key_of(self.alice)
        moves = self.call("GET", "class-changes", key=key).json()["results"]
        self.assertEqual({one["customer"] for one in moves}, {str(self.first.pk)})
        statuses = [
            self.call("GET", f"class-memberships/{one.pk}", key=key).status_code
            for one in (self.first, self.second)
        ]
        self.assertEqual(statuses, [200, 404])

    def test_moves_are_read(self):
        found = self.call("GET", f"class-changes?customer={self.first.pk}", key=self.key).json()["results"]
        self.assertEqual(
            [(one["from_class"], one["to_class"]) for one in found], [(str(self.rest.pk), str(self.rich.pk))]
        )
        self.assertEqual((found[0]["why"][0]["value"], found[0]["why"][0]["met"]), (10, True))
        self.assertEqual(self.call("GET", "class-changes?to=rest", key=self.key).json()["results"], [])

    def test_another_companys_records_are_not_found(self):
        key = self.key_of(self.mallory)
        for path in (
            f"segments/{self.segment.pk}",
            f"segments/{self.segment.pk}/customers",
            f"classes/{self.rich.pk}",
        ):
            self.assertEqual(self.call("GET", path, key=key).status_code, 404)
        answer = self.call("PATCH", f"classes/{self.rich.pk}", {"name": "Mine"}, key=key)
        self.assertEqual(answer.status_code, 404)
