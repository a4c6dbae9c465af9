"""Duplicates as people and programs meet them."""

import csv
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from unittest import mock

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import Job, Member
from crm.people.roles import Visibility
from crm.services import jobs
from crm.tenancy.context import tenant_context
from customers import jobs as entrances
from customers.duplicates.engine import search
from customers.models import Customer, Duplicate, Merge
from customers.selectors import duplicates as selectors
from customers.services import customers
from customers.services.duplicates import scanning
from customers.services.duplicates.deciding import tell_apart
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, CommittedTestCase, TenantTestCase

TWINS = (
    {"name": "Harbour Supplies Ltd", "email": "office@harbour.example", "phone": "+44 113 200 0000"},
    {"name": "Harbour Suplies", "email": "office@harbour.example", "city": "Leeds"},
)


def twins(actor):
    """Two records of one customer, some others, and the pair that the search finds."""
    made = [customers.create_customer(actor=actor, **fields) for fields in TWINS]
    for name in ("Kestrel Freight", "Oakmere Dental", "Penrose Roofing"):
        customers.create_customer(actor=actor, name=name)
    reading = scanning.read()
    scanning.write(reading, search(reading.records))
    return made, Duplicate.objects.get()


class Searching(TenantTestCase):
    def test_what_was_told_apart_is_never_proposed_again(self):
        _made, pair = twins(self.alice)
        tell_apart(duplicate=pair, actor=self.alice)
        reading = scanning.read()
        scanning.write(reading, search(reading.records))
        self.assertFalse(Duplicate.objects.open().exists())
        self.assertEqual(Duplicate.objects.get().decided_by, self.alice)

    def test_a_pair_that_no_longer_looks_alike_goes(self):
        (one, _two), _pair = twins(self.alice)
        customers.update_customer(
            customer=one, actor=self.alice, name="Meadow Yoga", email="m@yoga.example", phone=""
        )
        reading = scanning.read()
        scanning.write(reading, search(reading.records))
        self.assertFalse(Duplicate.objects.exists())

    def test_a_night_searches_only_where_something_changed(self):
        self.assertIsNone(scanning.start_scan_if_due(), "nobody is there")
        twins(self.alice)
        job = scanning.start_scan_if_due()
        self.assertEqual(scanning.start_scan_if_due(), job, "one search at a time")
        Job.objects.update(state=Job.State.DONE, finished_at=job.created_at)
        self.assertIsNone(scanning.start_scan_if_due())


class Commands(CommittedTestCase):
    def test_writes_a_file_and_counts(self):
        with self._inside():
            (one, two), _pair = twins(self.alice)
            Customer.objects.filter(pk=one.pk).update(external_id="C-1")
        with tempfile.TemporaryDirectory() as folder:
            file, out = Path(folder) / "pairs.csv", StringIO()
            call_command(
                "find_duplicates", "--tenant", self.acme.slug, "--export", str(file), "--json", stdout=out
            )
            self.assertIn('"pairs": 1', out.getvalue())
            [row] = list(csv.DictReader(file.open(encoding="utf-8")))
        self.assertEqual({row["left"], row["right"]}, {"C-1", str(two.pk)})
        self.assertIn("email=same", row["reasons"])
        self.assertGreater(float(row["score"]), 0.9)

    def test_the_job_finds_the_same(self):
        with self._inside():
            twins(self.alice)
            Duplicate.objects.all().delete()
            job = scanning.start_scan(actor=self.alice)
        self.assertTrue(jobs.run(tenant_id=self.acme.pk, job_id=job.pk))
        with self._inside():
            job.refresh_from_db()
            self.assertEqual((job.state, job.result), ("done", {"customers": 5, "pairs": 1, "new": 1}))
            self.assertEqual(Duplicate.objects.open().count(), 1)

    def test_a_search_stopped_while_it_reads_reads_no_further(self):
        job = self._started()
        with self._inside():
            Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, cancel_asked_at=timezone.now())
        with (
            mock.patch.object(entrances, "EVERY", 0),
            mock.patch.object(scanning, "given", wraps=scanning.given) as given,
            self.assertRaises(jobs.JobCancelled),
        ):
            entrances.find_duplicates(job)
        self.assertEqual(given.call_count, 0)

    def test_a_search_stopped_after_comparing_writes_nothing(self):
        job = self._started()

        def stopped(*args):
            with self._inside():
                jobs.cancel(Job.objects.get(pk=job.pk))
            return search(*args)

        with mock.patch.object(entrances, "search", stopped):
            jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        with self._inside():
            job.refresh_from_db()
            self.assertEqual((job.state, Duplicate.objects.count()), ("cancelled", 0))

    def test_a_search_stopped_in_the_moment_of_its_last_statement_writes_nothing(self):
        job = self._started()

        def stopped(*args):
            written = write(*args)
            with ThreadPoolExecutor(1) as aside:
                aside.submit(self._stop, job).result()
            return written

        write = scanning.write
        with mock.patch.object(scanning, "write", stopped):
            jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        with self._inside():
            job.refresh_from_db()
            self.assertEqual((job.state, job.result, Duplicate.objects.count()), ("cancelled", {}, 0))

    def _stop(self, job):
        try:
            with self._inside():
                jobs.cancel(Job.objects.get(pk=job.pk))
        finally:
            connection.close()

    def test_what_was_told_apart_is_not_counted_as_found(self):
        with self._inside():
            _made, pair = twins(self.alice)
            tell_apart(duplicate=pair, actor=self.alice)
            customers.create_customer(actor=self.alice, name="Kestrel Freight", city="Leeds")
            job = scanning.start_scan(actor=self.alice)
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        with self._inside():
            job.refresh_from_db()
            self.assertEqual((job.result["pairs"], job.result["new"]), (1, 1))

    def _started(self):
        with self._inside():
            twins(self.alice)
            Duplicate.objects.all().delete()
            return scanning.start_scan(actor=self.alice)

    def _inside(self):
        return tenant_context(self.acme.pk)


class Pages(BrowserTestCase):
    def setUp(self):
        with self.inside():
            (self.one, self.two), self.pair = twins(self.lead)
        self.sign_in(self.lead)

    def test_the_search_tells_how_far_it_is_in_per_cent(self):
        with self.inside():
            job = scanning.start_scan(actor=self.lead)
            type(job).objects.update(state="running", progress=45, total=100)
        page = self.client.get(reverse("job", args=[job.pk]))
        self.assertContains(page, '<span class="job-count" role="status">45%</span>', html=True)

    def test_a_search_is_stopped_where_its_pairs_are_shown_by_whoever_began_it(self):
        address = reverse("customers:duplicates")
        with self.inside():
            job = scanning.start_scan(actor=self.lead)
            Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, started_at=timezone.now())
        stop = reverse("cancel-job", args=[job.pk])
        self.assertContains(self.client.get(address), f'hx-post="{stop}"')
        self.assertNotContains(self.sign_in(self.admin).get(address), stop)
        self.sign_in(self.lead)
        goes_on = "It goes on in the background"
        self.assertContains(self.client.get(reverse("job", args=[job.pk])), goes_on)
        self.assertEqual(self.client.post(stop)["HX-Redirect"], reverse("job", args=[job.pk]))
        self.assertNotContains(self.client.get(reverse("job", args=[job.pk])), goes_on)
        page = self.client.get(address)
        self.assertContains(page, "Searching: 0 %")
        self.assertNotContains(page, stop)

    def test_a_search_that_found_nothing_new_says_so(self):
        with self.inside():
            job = Job(result={"pairs": 3, "new": 0})
        self.assertEqual(selectors.told_pairs(job), "3 pairs may be one customer. None of them is new.")

    def test_the_list_shows_the_pair_with_its_reasons(self):
        page = self.client.get(reverse("customers:duplicates")).content.decode()
        self.assertIn(self.one.name, page)
        self.assertIn("E-mail: the same", page)

    def test_the_tabs_count_and_the_page_tells_what_the_last_search_found(self):
        with self.inside():
            job = scanning.start_scan(actor=self.alice)
            Job.objects.filter(pk=job.pk).update(
                state=Job.State.DONE, finished_at=timezone.now(), result={"pairs": 3, "new": 1}
            )
            level = Duplicate.objects.get().level
        page = self.client.get(reverse("customers:duplicates"))
        counts = {tab["label"]: tab["count"] for tab in page.context["tabs"]}
        shown = {str(label): "1" if value == level else "0" for value, label in Duplicate.Level.choices}
        self.assertEqual({str(label): count for label, count in counts.items()}, {"All": "1", **shown})
        self.assertContains(page, "3 pairs may be one customer. 1 of them is new.")

    def test_who_sees_some_customers_is_not_told_what_the_whole_company_has(self):
        with self.inside():
            job = scanning.start_scan(actor=self.alice)
            Job.objects.filter(pk=job.pk).update(
                state=Job.State.DONE, finished_at=timezone.now(), result={"pairs": 3, "new": 1}
            )
            Member.objects.filter(pk=self.lead.pk).update(visibility=Visibility.OWN)
        page = self.client.get(reverse("customers:duplicates"))
        self.assertEqual([tab["count"] for tab in page.context["tabs"]], ["0"] * 4)
        self.assertContains(page, "No pair is waiting")
        self.assertNotContains(page, "may be one customer")

    def test_thirty_pairs_ask_as_much_as_one_and_are_counted_no_further_than_the_bound(self):
        address = reverse("customers:duplicates")
        self.client.get(address)
        with CaptureQueriesContext(connection) as one:
            self.client.get(address)
        with self.inside():
            for number in range(29):
                left, right = sorted((make.customer() for _ in range(2)), key=lambda side: side.pk)
                chance, level = (0.995, "certain") if number < 12 else (0.6, "possible")
                Duplicate.objects.create(left=left, right=right, probability=chance, level=level)
        with CaptureQueriesContext(connection) as many, mock.patch.object(selectors, "COUNTED", 15):
            page = self.client.get(address)
        self.assertEqual(len(many), len(one))
        tabs = {str(tab["label"]): tab["count"] for tab in page.context["tabs"]}
        self.assertEqual(tabs["Possible"], "15+")
        self.assertEqual(tabs["All"], "15+")

    def test_two_ways_to_write_a_number_are_no_difference(self):
        with self.inside():
            numbers = {self.one.pk: "020 7946 0958", self.two.pk: "+44 20 7946 0958"}
            for one in (self.one, self.two):
                one.phone, one.phone_norm = numbers[one.pk], "442079460958"
                one.save()
            (pair,) = selectors.pairs_of(selectors.open_pairs(self.lead)[0])
        agree = {label: same for label, _left, _right, same in pair.rows}
        self.assertIs(agree["Phone"], True)
        self.assertIs(agree["E-mail"], True)

    def redraws(self, answer):
        """Whether an answer lets the page read its pairs anew: by the very event that the list waits for."""
        self.assertContains(self.client.get(reverse("customers:duplicates")), "duplicates-changed from:body")
        return json.loads(answer["HX-Trigger"]).get("duplicates-changed")

    def test_merging_and_undoing(self):
        address = f"{reverse('customers:merge')}?ids={self.one.pk}&ids={self.two.pk}"
        sheet = self.client.get(address)
        self.assertContains(sheet, "Harbour Suplies")
        posted = {"survivor": str(self.two.pk), "field-name": str(self.one.pk)}
        self.assertIs(self.redraws(self.client.post(address, posted)), True)
        with self.inside():
            self.two.refresh_from_db()
            merge = Merge.objects.get()
        self.assertEqual(self.two.name, "Harbour Supplies Ltd")
        gone = self.client.get(reverse("customers:record", args=[self.one.pk]))
        self.assertRedirects(gone, reverse("customers:record", args=[self.two.pk]))
        history = self.client.get(reverse("customers:record", args=[self.two.pk]) + "?tab=history")
        self.assertContains(history, reverse("customers:unmerge", args=[merge.pk]))
        self.assertIs(self.redraws(self.client.post(reverse("customers:unmerge", args=[merge.pk]))), True)
        self.assertEqual(self.client.get(reverse("customers:record", args=[self.one.pk])).status_code, 200)

    def test_telling_apart_and_back(self):
        answer = self.client.post(reverse("customers:tell-apart", args=[self.pair.pk]))
        undo = reverse("customers:propose-duplicate", args=[self.pair.pk])
        self.assertIn(undo, answer["HX-Trigger"])
        self.assertIs(self.redraws(answer), True)
        self.assertNotContains(self.client.get(reverse("customers:duplicates")), self.two.name)
        self.client.post(undo)
        self.assertContains(self.client.get(reverse("customers:duplicates")), self.two.name)

    def test_the_record_names_whom_it_may_be(self):
        page = self.client.get(reverse("customers:beside", args=[self.one.pk]))
        self.assertContains(page, "Possible duplicates")
        self.assertContains(page, "Harbour Suplies")

    def test_while_typing(self):
        check = reverse("customers:check-duplicates")
        found = self.client.get(check, {"name": "Harbour Supplies", "birthday": "x"})
        self.assertContains(found, reverse("customers:record", args=[self.one.pk]))
        found = self.client.get(check, {"name": "Else", "phone": "+44 (113) 200-0000"})
        self.assertContains(found, reverse("customers:record", args=[self.one.pk]))
        self.assertNotContains(self.client.get(check, {"name": "Quite Another"}), "likes")
        self.sign_in(self.mallory)
        self.assertNotContains(self.client.get(check, {"name": "Harbour Supplies Ltd"}), "Harbour")

    def test_a_reader_may_not(self):
        self.sign_in(self.reader)
        self.assertEqual(self.client.get(reverse("customers:duplicates")).status_code, 403)


class Api(ApiTestCase):
    def setUp(self):
        with self.inside():
            (self.one, self.two), self.pair = twins(self.lead)
            Customer.objects.filter(pk=self.two.pk).update(external_id="C-2")
        self.key = self.key_of(self.lead)

    def call(self, method, path, body=None, **headers):
        return super().call(method, path, body, key=self.key, **headers)

    def test_a_new_one_is_refused_with_its_candidates(self):
        body = {"name": "Somebody", "email": "OFFICE@harbour.example"}
        refused = self.call("POST", "customers", body)
        self.assertEqual((refused.status_code, refused.json()["code"]), (409, "likely_duplicate"))
        told = {one["id"]: one for one in refused.json()["candidates"]}
        self.assertEqual(set(told), {str(self.one.pk), str(self.two.pk)})
        self.assertEqual(told[str(self.one.pk)]["reasons"]["email"], "same")
        self.assertEqual(self.call("POST", "customers?allow_duplicates=true", body).status_code, 201)

    def test_merge_and_unmerge(self):
        listed = self.call("GET", "duplicates?status=open").json()["results"]
        self.assertEqual([one["id"] for one in listed], [str(self.pair.pk)])
        merged = self.call("POST", f"duplicates/{self.pair.pk}/merge", {"survivor": str(self.one.pk)})
        self.assertEqual((merged.status_code, merged.json()["merged"]), (200, [str(self.two.pk)]))
        gone = self.call("GET", f"customers/{self.two.pk}")
        self.assertEqual((gone.status_code, gone.json()["code"]), (404, "merged"))
        self.assertEqual(gone.json()["merged_into"], str(self.one.pk))
        upserted = self.call(
            "PUT", "customers/by-external-id/C-2", {"name": "Harbour", "website": "h.example"}
        )
        self.assertEqual((upserted.status_code, upserted.json()["id"]), (200, str(self.one.pk)))
        undone = self.call("POST", "duplicates/unmerge", {"merge": merged.json()["id"]})
        self.assertEqual(undone.status_code, 200)
        self.assertEqual(self.call("GET", f"customers/{self.two.pk}").status_code, 200)

    def test_many_are_merged_and_pairs_told_apart_and_searched(self):
        apart = self.call("POST", f"duplicates/{self.pair.pk}/not-duplicate")
        self.assertEqual(apart.json()["status"], "not_duplicate")
        again = self.call("POST", f"duplicates/{self.pair.pk}/not-duplicate")
        self.assertEqual((again.status_code, again.json()["code"]), (409, "already_decided"))
        body = {
            "survivor": str(self.one.pk),
            "others": [str(self.two.pk)],
            "choices": {"name": str(self.two.pk)},
        }
        self.assertEqual(self.call("POST", "duplicates/merge", body).status_code, 200)
        scan = self.call("POST", "duplicates/scan")
        self.assertEqual((scan.status_code, scan.json()["kind"]), (202, "find_duplicates"))

    def test_another_companys_customers_cannot_be_merged(self):
        stranger = self.key_of(self.mallory)
        body = {"survivor": str(self.one.pk), "others": [str(self.two.pk)]}
        refused = super().call("POST", "duplicates/merge", body, key=stranger)
        self.assertEqual(refused.status_code, 404)
        self.assertEqual(
            super().call("POST", f"duplicates/{self.pair.pk}/merge", {}, key=stranger).status_code, 404
        )
