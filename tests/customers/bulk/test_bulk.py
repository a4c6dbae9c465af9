"""One deed to many customers and its undoing, cell by cell, against a model."""

import json
from uuid import uuid4

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as PropertyTestCase

from crm.errors import NotAllowed
from crm.models import AuditEntry, Job
from crm.services import jobs
from crm.tenancy.context import tenant_context
from customers.errors import AlreadyUndone
from customers.models import Customer, CustomerValue
from customers.selectors.lists import Wish
from customers.services.bulk import running, undoing
from customers.services.bulk.deeds import DELETE, EDIT, Deed, apply, check
from customers.services.custom_values import WrongValues
from customers.services.customers import create_customer, update_customer
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, CommittedTestCase, TenantTestCase, cast


def images():
    """Every customer of the open company, byte by byte, but for when it changed and what is computed from the rest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, to_jsonb(c) - '{version,updated_at,quality}'::text[] FROM customers_customer c ORDER BY id"
        )
        return {pk: json.loads(image) for pk, image in cursor.fetchall()}


def cells_of(image):
    """An image with each custom field as a cell of its own, as the history has it."""
    own = {f"custom.{key}": value for key, value in image["custom"].items()}
    return {name: value for name, value in image.items() if name != "custom"} | own


def typed_rows():
    return sorted(CustomerValue.objects.values_list("record", "field", "text", "whole"), key=str)


def change(deed, ids, actor):
    """Under a request of its own; gives its id and how many changed."""
    with tenant_context(actor.tenant_id, request_id=uuid4(), member_id=actor.pk) as context:
        return context.request_id, apply(deed=check(deed, actor), ids=ids, actor=actor)


def take_back(request_id, actor):
    with tenant_context(actor.tenant_id, request_id=uuid4(), member_id=actor.pk):
        entries = list(undoing.changes_of(request_id).values_list("pk", "subject_id"))
        return undoing.undo(entries=entries, request_id=request_id, actor=actor)


class Deeds(TenantTestCase):
    def test_only_what_differs_is_written_and_it_is_named(self):
        make.custom_field("choice", "tier")
        one = create_customer(name="A", industry="Retail", custom={"tier": "a"}, actor=None)
        two = create_customer(name="B", industry="Food", custom={"tier": "a"}, actor=None)
        deed = check(Deed(EDIT, {"industry": "Retail"}, {"tier": "a"}), self.alice)
        self.assertEqual(apply(deed=deed, ids=[one.pk, two.pk], actor=self.alice), 1)
        two.refresh_from_db()
        self.assertEqual((two.industry, two.version), ("Retail", 2))
        entry = AuditEntry.objects.get(deed="customers.edited")
        self.assertEqual(entry.after, {"customers": 1, "fields": ["custom.tier", "industry"]})

    def test_a_field_may_be_called_what_a_lookup_is(self):
        for key in ("gt", "isnull", "range", "contains", "a__b"):
            make.custom_field("text", key)
            one = create_customer(name=key, custom={key: "old"}, actor=None)
            with self.subTest(key):
                for value, count in (("new", 1), ("new", 0), (None, 1), (None, 0)):
                    deed = check(Deed(EDIT, {}, {key: value}), self.alice)
                    self.assertEqual(apply(deed=deed, ids=[one.pk], actor=self.alice), count)
                    one.refresh_from_db()
                    self.assertEqual(one.custom.get(key), value)

    def test_what_is_wrong_or_not_ones_to_do_is_refused(self):
        make.custom_field("number", "fee", required=True)
        for values, custom in (
            ({"name": "X"}, {}),
            ({"review": "x"}, {}),
            ({"owner": str(uuid4())}, {}),
            ({"city": "x" * 101}, {}),
            ({}, {"fee": "x"}),
            ({}, {"fee": None}),
            ({}, {"no": 1}),
            ({}, {}),
        ):
            with self.subTest(values, custom=custom), self.assertRaises(WrongValues):
                check(Deed(EDIT, values, custom), self.alice)
        with self.assertRaises(NotAllowed):
            check(Deed(DELETE), self.reader)

    def test_nobody_reaches_whom_they_do_not_see(self):
        mine, theirs = make.customer(owner=self.alice), make.customer(owner=self.admin)
        self.alice.visibility = "own"
        deed = check(Deed(EDIT, {"city": "Oslo"}), self.alice)
        self.assertEqual(apply(deed=deed, ids=[mine.pk, theirs.pk], actor=self.alice), 1)


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "industry": st.sampled_from(["", "Retail", "Food"]),
        "city": st.sampled_from(["", "Oslo"]),
        "owner": st.sampled_from([None, "alice", "lead"]),
    },
)
CUSTOM = st.fixed_dictionaries(
    {}, optional={"n": st.sampled_from([None, "1", "2.5"]), "t": st.sampled_from([None, "a", "b"])}
)
EDITS = st.builds(lambda values, custom: (EDIT, values, custom), VALUES, CUSTOM).filter(
    lambda e: e[1] or e[2]
)
STEPS = st.lists(
    st.tuples(st.one_of(EDITS, st.just((DELETE, {}, {}))), st.sets(st.integers(0, 4), min_size=1)),
    min_size=1,
    max_size=4,
)


class ThereAndBack(PropertyTestCase):
    def setUp(self):
        cast(self)
        with tenant_context(self.other.pk):
            make.customer(name="Foreign")
            self.foreign = images()

    def start(self):
        make.custom_field("number", "n")
        make.custom_field("text", "t")
        starts = [{}, {"n": "1"}, {"t": "a"}, {"n": "2.5", "t": "b"}, {"t": "c"}]
        made = [create_customer(name=f"C{n}", custom=custom, actor=None) for n, custom in enumerate(starts)]
        return [customer.pk for customer in made]

    def deed(self, kind, values, custom):
        owners = {None: None, "alice": str(self.alice.pk), "lead": str(self.lead.pk)}
        given = {name: owners[value] if name == "owner" else value for name, value in values.items()}
        return Deed(kind, given, custom)

    def plain(self, values):
        return {name: value for name, value in values.items() if name != "owner"}

    @settings(max_examples=40, deadline=None)
    @given(STEPS)
    def test_undone_in_reverse_everything_is_byte_identical(self, steps):
        with tenant_context(self.acme.pk):
            ids = self.start()
            first, values = images(), typed_rows()
        done = [change(self.deed(*deed), [ids[n] for n in chosen], self.alice)[0] for deed, chosen in steps]
        for request_id in reversed(done):
            self.assertEqual(take_back(request_id, self.alice).kept, [])
        with tenant_context(self.acme.pk):
            self.assertEqual(images(), first)
            self.assertEqual(typed_rows(), values)
        with tenant_context(self.other.pk):
            self.assertEqual(images(), self.foreign)

    @settings(max_examples=40, deadline=None)
    @given(EDITS, EDITS, st.sets(st.integers(0, 4)), st.sets(st.integers(0, 4)))
    def test_what_others_changed_since_stays_and_is_listed(self, first, second, some, others):
        with tenant_context(self.acme.pk):
            ids = self.start()
            before = images()
        request_id, _count = change(self.deed(*first), [ids[n] for n in some], self.alice)
        with tenant_context(self.acme.pk):
            between = images()
        for pk in (ids[n] for n in some):
            cells = cells_of(between[pk])
            self.assertEqual({key: cells.get(f"custom.{key}") for key in first[2]}, first[2])
            self.assertEqual({key: cells[key] for key in first[1] if key != "owner"}, self.plain(first[1]))
        change(self.deed(*second), [ids[n] for n in others], self.lead)
        with tenant_context(self.acme.pk):
            since = images()
        undone = take_back(request_id, self.alice)
        with tenant_context(self.acme.pk):
            after = images()
        kept = {}
        for pk in ids:
            was, mine, theirs, now = (cells_of(image[pk]) for image in (before, between, since, after))
            for cell in {*was, *mine, *theirs}:
                changed_since = mine.get(cell) != theirs.get(cell)
                self.assertEqual(now.get(cell), theirs.get(cell) if changed_since else was.get(cell), cell)
                if changed_since and was.get(cell) != mine.get(cell):
                    kept.setdefault(str(pk), []).append(cell)
        listed = {one["id"]: one["fields"] for one in undone.kept}
        self.assertEqual(listed, {pk: sorted(cells) for pk, cells in kept.items()})


class InTheBackground(CommittedTestCase):
    def run_job(self, job):
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        with tenant_context(self.acme.pk):
            return Job.objects.get(pk=job.pk)

    def test_batches_stop_and_are_taken_back(self):
        self.addCleanup(setattr, running, "BATCH", running.BATCH)
        running.BATCH = 2
        with tenant_context(self.acme.pk):
            for number in range(5):
                make.customer(name=f"C{number}", industry="Retail")
            make.customer(name="Other", industry="Food")
            before = images()
            wish = Wish.of({"where": "industry.is(Retail)"})
            job = running.change_later(
                deed=Deed(EDIT, {"industry": "Shops"}), actor=self.alice, total=5, wish=wish
            )
        done = self.run_job(job)
        self.assertEqual((done.state, done.progress, done.result), ("done", 5, {"records": 5}))
        with tenant_context(self.acme.pk):
            self.assertEqual(Customer.objects.filter(industry="Shops").count(), 5)
            changed = Customer.objects.get(name="C1")
            update_customer(customer=changed, actor=self.lead, industry="Mine")
            undo = running.undo_later(done=done, actor=self.alice)
        told = self.run_job(undo)
        kept = [{"id": str(changed.pk), "fields": ["industry"]}]
        self.assertEqual(told.result, {"records": 4, "kept_count": 1, "kept": kept})
        with tenant_context(self.acme.pk):
            after = images()
            self.assertEqual(after.pop(changed.pk)["industry"], "Mine")
            before.pop(changed.pk)
            self.assertEqual(after, before)
        with tenant_context(self.acme.pk), self.assertRaises(AlreadyUndone):
            running.undo_later(done=done, actor=self.alice)


class Pages(BrowserTestCase):
    def test_all_that_match_a_filter_nobody_knows_are_left_alone(self):
        """Left out in silence it would have reached everybody."""
        with self.inside():
            make.customer(name="Harbour", industry="Retail")
        client = self.sign_in(self.admin)
        for address in ("?name=x", "?industry=Retail&nix=1", "?where=nix.is(1)"):
            answer = client.post(f"{reverse('customers:delete-many')}{address}", {"all": "1"})
            self.assertEqual(answer.status_code, 400, address)
        with self.inside():
            self.assertEqual([one.name for one in Customer.objects.living()], ["Harbour"])

    def test_edited_deleted_and_taken_back(self):
        self.there_and_back()

    def there_and_back(self):
        with self.inside():
            make.custom_field("choice", "tier")
            rows = [make.customer(name=f"C{n}", city="Bergen") for n in range(3)]
            before = images()
        client = self.sign_in(self.alice)
        chosen = "&".join(f"ids={row.pk}" for row in rows[:2])
        form = {"industry": "Retail", "custom.tier": "a", "empty": ["city"]}
        answer = client.post(f"{reverse('customers:edit-many')}?{chosen}", form)
        undos = [[m.extra_tags for m in answer.wsgi_request._messages][-1].removeprefix("undo:")]
        with self.inside():
            found = Customer.objects.filter(industry="Retail", city="", custom={"tier": "a"})
            self.assertEqual(found.count(), 2)
        answer = client.post(f"{reverse('customers:delete-many')}?where=industry.is(Retail)", {"all": "1"})
        undos.append([m.extra_tags for m in answer.wsgi_request._messages][-1].removeprefix("undo:"))
        with self.inside():
            self.assertEqual([c.name for c in Customer.objects.living()], ["C2"])
        self.assertEqual(self.sign_in(self.lead).post(undos[1]).status_code, 404)
        client = self.sign_in(self.alice)
        for undo in reversed(undos):
            self.assertEqual(client.post(undo).status_code, 204)
        with self.inside():
            self.assertEqual(images(), before)
        return client, undos, rows

    def test_undone_once_only_and_the_second_time_says_so(self):
        client, (edited, _deleted), rows = self.there_and_back()
        with self.inside():
            update_customer(customer=rows[0], actor=self.lead, industry="Retail")
            before = images()
        second = client.post(edited, headers={"HX-Request": "true"})
        self.assertEqual((second.status_code, second["HX-Retarget"]), (409, "#messages"))
        self.assertContains(second, "This was already undone.", status_code=409)
        with self.inside():
            self.assertEqual(images(), before)

    def test_where_nothing_could_be_undone_it_can_be_tried_again(self):
        with self.inside():
            customer = make.customer(industry="Food")
        client = self.sign_in(self.alice)
        answer = client.post(f"{reverse('customers:edit-many')}?ids={customer.pk}", {"industry": "Retail"})
        undo = [m.extra_tags for m in answer.wsgi_request._messages][-1].removeprefix("undo:")
        for since, industry in (("Mine", "Mine"), ("Retail", "Food")):
            with self.inside():
                customer.refresh_from_db()
                update_customer(customer=customer, actor=self.lead, industry=since)
            self.assertEqual(client.post(undo).status_code, 204)
            with self.inside():
                customer.refresh_from_db()
                self.assertEqual(customer.industry, industry)

    def test_nothing_filled_in_is_told(self):
        with self.inside():
            customer = make.customer()
        answer = self.sign_in(self.alice).post(f"{reverse('customers:edit-many')}?ids={customer.pk}", {})
        self.assertContains(answer, "Say which fields are to change.", status_code=422)


class Api(ApiTestCase):
    def test_a_job_by_where_or_ids(self):
        with self.inside():
            customer = make.customer(industry="Retail")
        with self.inside(self.other):
            foreign = make.customer()
        key = self.key_of(self.alice)
        body = {"where": "industry.is(Retail)", "deed": "edit", "values": {"city": "Oslo"}}
        answer = self.call("POST", "customers/change-many", body, key=key)
        self.assertEqual((answer.status_code, answer.json()["total"]), (202, 1))
        undo = self.call("POST", "customers/undo-many", {"job": answer.json()["id"]}, key=key)
        self.assertEqual(undo.status_code, 202)
        again = self.call("POST", "customers/undo-many", {"job": answer.json()["id"]}, key=key)
        self.assertEqual((again.status_code, again.json()["id"]), (202, undo.json()["id"]))
        with self.inside():
            Job.objects.filter(pk=undo.json()["id"]).update(
                state="done", finished_at=timezone.now(), result={"records": 1}
            )
        again = self.call("POST", "customers/undo-many", {"job": answer.json()["id"]}, key=key)
        self.assertEqual((again.status_code, again.json()["code"]), (409, "already_undone"))
        by_id = {"ids": [str(customer.pk)], "deed": "delete"}
        self.assertEqual(self.call("POST", "customers/change-many", by_id, key=key).status_code, 202)
        for wrong, status in (
            ({**body, "ids": [str(customer.pk)]}, 400),
            ({**body, "where": "x"}, 400),
            ({**body, "values": {"name": "X"}}, 400),
            ({**by_id, "ids": [str(foreign.pk)]}, 400),
        ):
            with self.subTest(wrong):
                self.assertEqual(
                    self.call("POST", "customers/change-many", wrong, key=key).status_code, status
                )
        theirs = self.call(
            "POST", "customers/undo-many", {"job": answer.json()["id"]}, key=self.key_of(self.lead)
        )
        self.assertEqual(theirs.status_code, 400)
