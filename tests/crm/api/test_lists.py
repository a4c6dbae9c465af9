from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Job
from crm.tenancy.context import tenant_context
from tests import factories as make
from tests.cases import ApiTestCase


class ListTestCase(ApiTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.started = timezone.now() - timedelta(days=1)
        with tenant_context(cls.acme.pk):
            cls.jobs = [
                Job.objects.create(kind=f"k{n % 3}", created_at=cls.started, created_by=cls.admin)
                for n in range(11)
            ]
            cls.jobs.sort(key=lambda job: job.pk)
            for job in cls.jobs[:4]:
                job.finished_at = cls.started
                job.save()

    def setUp(self):
        super().setUp()
        self.key = self.key_of(self.admin)

    def get(self, path):
        return self.call("GET", path, key=self.key)

    def walk(self, path, link="next"):
        pages, response = [], self.get(path).json()
        while True:
            pages.append(response["results"])
            if not response[link]:
                return pages, response
            response = self.get(response[link].partition("/api/v1/")[2]).json()


class Cursors(ListTestCase):
    def test_equal_values_are_neither_lost_nor_repeated(self):
        for ordering in ("created_at", "-created_at"):
            pages, _last = self.walk(f"jobs?limit=3&ordering={ordering}")
            self.assertEqual([len(page) for page in pages], [3, 3, 3, 2])
            ids = [row["id"] for page in pages for row in page]
            self.assertEqual(ids, sorted(ids, reverse=ordering.startswith("-")))
            self.assertEqual(set(ids), {str(job.pk) for job in self.jobs})

    def test_nulls_have_their_place(self):
        for ordering in ("finished_at", "-finished_at", "-kind,finished_at"):
            forward, last = self.walk(f"jobs?limit=2&ordering={ordering}")
            ids = [row["id"] for page in forward for row in page]
            self.assertEqual(len(ids), 11)
            self.assertEqual(set(ids), {str(job.pk) for job in self.jobs})
            last = self.get(last["previous"].partition("/api/v1/")[2]).json()
            seen = forward[-1]
            while True:
                seen = last["results"] + seen
                if not last["previous"]:
                    break
                last = self.get(last["previous"].partition("/api/v1/")[2]).json()
            self.assertEqual([row["id"] for row in seen], ids)

    def test_a_record_that_arrives_meanwhile_moves_nothing(self):
        first = self.get("jobs?limit=5&ordering=created_at").json()
        with self.inside():
            Job.objects.create(kind="early", created_at=self.started - timedelta(days=1))
        second = self.get(first["next"].partition("/api/v1/")[2]).json()
        self.assertEqual([r["id"] for r in second["results"]], [str(job.pk) for job in self.jobs[5:10]])

    def test_a_cursor_of_another_company_or_ordering_is_refused(self):
        link = self.get("jobs?limit=5").json()["next"].partition("/api/v1/")[2]
        foreign = self.call("GET", link, key=self.key_of(self.mallory))
        other_order = self.get(link + "&ordering=kind")
        made_up = self.get("jobs?cursor=abc")
        for response in (foreign, other_order, made_up):
            self.assertEqual((response.status_code, list(response.json()["errors"])), (400, ["cursor"]))

    def test_counts_are_given_when_asked_for(self):
        self.assertNotIn("count", self.get("jobs").json())
        answer = self.get("jobs?count=true&limit=1").json()
        self.assertEqual((answer["count"], answer["count_exact"]), (11, True))


class Names(ListTestCase):
    def test_unknown_names_are_refused_by_name(self):
        for query, name in (
            ("nmae=x", "nmae"),
            ("kind__like=x", "kind__like"),
            ("search=x", "search"),
            ("ordering=progress", "ordering"),
            ("fields=id,secret", "fields"),
        ):
            response = self.get(f"jobs?{query}")
            self.assertEqual((response.status_code, response.json()["code"]), (400, "unknown_name"), query)
            self.assertEqual(list(response.json()["errors"]), [name])
        self.assertEqual(self.get(f"jobs/{self.jobs[0].pk}?limit=1").status_code, 400)

    def test_bad_values_are_refused_by_name(self):
        for query in (
            "limit=0",
            "limit=201",
            "limit=x",
            "count=1",
            "state=x",
            "created_at__gte=x",
            "kind=",
            "kind=a&kind=b",
        ):
            response = self.get(f"jobs?{query}")
            self.assertEqual(response.status_code, 400, query)
            self.assertEqual(list(response.json()["errors"]), [query.partition("=")[0]])

    def test_filters_narrow_and_fields_thin_out(self):
        for several in ("kind__in=k0,k1", "kind__in=k0&kind__in=k1"):
            rows = self.get(f"jobs?{several}&fields=kind").json()["results"]
            self.assertEqual(sorted({str(row) for row in rows}), ["{'kind': 'k0'}", "{'kind': 'k1'}"])
            self.assertEqual(len(rows), 8)


class Queries(ListTestCase):
    def test_thirty_rows_cost_as_many_queries_as_one(self):
        for path in ("jobs", "members", "teams", "deliveries", "audit"):
            with self.subTest(path):
                self.get(path)
                few = self._queries(f"{path}?limit=1")
                with self.inside():
                    for _n in range(30):
                        make.member(team=self.team)
                        make.team(lead=self.alice)
                        Job.objects.create(kind="x", created_by=self.alice)
                many = self._queries(f"{path}?limit=30")
                self.assertEqual(few, many)

    def _queries(self, path):
        with CaptureQueriesContext(connection) as captured:
            self.assertEqual(self.get(path).status_code, 200)
        return len(captured)
