from django.urls import reverse

from crm.models import AuditEntry, Job
from crm.services import jobs
from customers.agenda import inbox
from customers.errors import AlreadyReviewed, NothingCaptured, WorkedOn, WrongCapture
from customers.models import Capture, CaptureTemplate, Contact, Customer, Interaction
from customers.services.capture import reviewing
from customers.services.capture.receiving import receive
from customers.services.capture.templates import path_of, save_template
from customers.services.customers import create_customer, update_customer
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase

FIXED = 13
GIVEN = {
    "name": "Harbour Ltd",
    "phone": "+49 30 901820",
    "size": "10-49",
    "contact.name": "Ada Berg",
    "contact.email": "ada@harbour.example",
    "message": "Send an offer.",
}


def capture(**changes):
    given = changes.pop("given", GIVEN)
    found, _new = receive(channel="form", given=given, source="Website", campaign="Spring", **changes)
    return found


class Receiving(TenantTestCase):
    def test_values_are_read_and_wrong_ones_named(self):
        make.custom_field("number", "fee")
        kept = capture(given={"name": " Harbour ", "custom.fee": 12.50, "birthday": ""})
        self.assertEqual(kept.values, {"name": "Harbour", "custom.fee": "12.5"})
        with self.assertRaises(WrongCapture) as refused:
            capture(given={"email": "nobody", "size": "huge", "vip": "yes"})
        self.assertEqual(set(refused.exception.errors), {"values.email", "values.size", "values.vip"})
        with self.assertRaises(NothingCaptured):
            capture(given={"city": "Oslo"})

    def test_the_same_id_again_is_the_capture_that_is_there(self):
        first = capture(external_id="m-1")
        again, new = receive(channel="form", given={"name": "Other"}, external_id="m-1")
        self.assertEqual((again.pk, new, Capture.objects.count()), (first.pk, False, 1))

    def test_a_certain_match_is_proposed(self):
        known = create_customer(actor=self.alice, name="Harbour Ltd", phone="+49 30 901820")
        found = capture()
        self.assertEqual(found.candidates[0]["customer"], str(known.pk))
        self.assertGreater(found.candidates[0]["probability"], 0.5)


class Deciding(TenantTestCase):
    def test_accepted_it_is_a_customer_with_person_and_message_and_undone_it_waits(self):
        found = reviewing.accept(capture=capture(), actor=self.alice)
        made = Customer.objects.living().get(pk=found.customer_id)
        self.assertEqual((made.name, made.source, made.owner, made.kind, made.size),
                         ("Harbour Ltd", "Website", self.alice, "company", "10-49"))  # fmt: skip
        self.assertEqual(Contact.objects.get(customer=made).email, "ada@harbour.example")
        said = Interaction.objects.get(customer=made)
        self.assertEqual((said.text, said.direction, said.channel), ("Send an offer.", "in", "web"))
        with self.assertRaises(AlreadyReviewed):
            reviewing.reject(capture=found, actor=self.alice)

        again = reviewing.undo(capture=found, actor=self.alice)
        self.assertEqual((again.state, again.customer), ("waiting", None))
        self.assertFalse(Customer.objects.living().filter(pk=made.pk).exists())

        back = reviewing.accept(capture=again, actor=self.alice)
        self.assertEqual(back.customer_id, made.pk)
        deeds = (
            AuditEntry.objects.filter(deed__startswith="capture.")
            .order_by("id")
            .values_list("deed", flat=True)
        )
        self.assertEqual(
            list(deeds), ["capture.received", "capture.accepted", "capture.reopened", "capture.accepted"]
        )

    def test_what_was_worked_on_since_is_not_taken_away(self):
        found = reviewing.accept(capture=capture(), actor=self.alice)
        update_customer(customer=found.customer, actor=self.alice, city="Oslo")
        with self.assertRaises(WorkedOn):
            reviewing.undo(capture=found, actor=self.alice)
        self.assertEqual(Capture.objects.get(pk=found.pk).state, "accepted")

    def test_merged_it_fills_what_is_blank_replaces_what_is_taken_and_undone_all_is_as_before(self):
        known = create_customer(actor=self.alice, name="Harbour", phone="0301", city="Oslo")
        found = reviewing.merge(capture=capture(), customer=known, actor=self.alice, take=["phone"])
        known.refresh_from_db()
        self.assertEqual((known.name, known.phone, known.size, known.source),
                         ("Harbour", "+49 30 901820", "10-49", "Website"))  # fmt: skip
        update_customer(customer=known, actor=self.alice, size="250+")

        undone = reviewing.undo(capture=found, actor=self.alice)
        known.refresh_from_db()
        self.assertEqual((known.phone, known.size, known.source), ("0301", "250+", ""))
        self.assertEqual(undone.journal, {"kept": ["size"]})
        self.assertFalse(Contact.objects.exists() or Interaction.objects.exists())

    def test_today_tells_how_many_wait(self):
        reviewing.reject(capture=capture(), actor=self.alice, reason="Spam")
        self.assertEqual(list(inbox(self.alice, None)), [])
        capture()
        (entry,) = inbox(self.alice, None)
        self.assertEqual(entry.title, "1 entry waits in the inbox")
        self.assertEqual(list(inbox(self.reader, None)), [])


class Pages(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.known = create_customer(actor=None, name="Harbour Ltd", phone="+49 30 901820")
            self.both = [capture(), capture(given={"name": "Quay", "email": "q@quay.example"})]
        self.sign_in(self.alice if self.alice.visibility == "all" else self.admin)

    def test_a_page_of_many_takes_as_many_queries_as_one_of_few(self):
        address = reverse("customers:inbox")
        self.client.get(address)
        with self.assertNumQueries(FIXED):
            self.client.get(address)
        with self.inside():
            for number in range(5):
                capture(given={"name": f"Pier {number}", "email": f"p{number}@pier.example"})
        with self.assertNumQueries(FIXED):
            self.assertContains(self.client.get(address), "Pier 4")

    def test_many_are_rejected_with_a_reason_and_wait_again(self):
        ids = "&".join(f"ids={one.pk}" for one in self.both)
        response = self.client.post(f"{reverse('customers:reject-captures')}?{ids}", {"reason": "Spam"})
        self.assertEqual(response.status_code, 204)
        with self.inside():
            decided = Capture.objects.filter(state="rejected", reason="Spam")
            self.assertEqual(decided.count(), 2)
            request_id = decided[0].decided_in
        self.client.post(reverse("customers:undo-captures", args=[request_id]))
        with self.inside():
            self.assertEqual(Capture.objects.waiting().count(), 2)
        again = self.client.post(reverse("customers:undo-captures", args=[request_id]))
        self.assertEqual(again.status_code, 409)
        self.assertContains(again, "This was already undone.", status_code=409)

    def test_what_nobody_decided_or_a_colleague_did_is_not_found(self):
        self.client.post(reverse("customers:accept-capture", args=[self.both[0].pk]))
        with self.inside():
            request_id = Capture.objects.get(pk=self.both[0].pk).decided_in
        undo = reverse("customers:undo-captures", args=[request_id])
        colleague = self.sign_in(self.lead)
        nothing = reverse("customers:undo-captures", args=[self.known.pk])
        self.assertEqual([colleague.post(one).status_code for one in (undo, nothing)], [404, 404])

    def test_who_has_the_very_name_and_number_is_merged_with_many(self):
        ids = "&".join(f"ids={one.pk}" for one in self.both)
        self.assertEqual(self.client.post(f"{reverse('customers:merge-captures')}?{ids}").status_code, 204)
        with self.inside():
            self.assertEqual(Capture.objects.get(state="merged").customer, self.known)
        self.assertEqual(self.waiting(), 1)

    def test_where_none_has_a_certain_match_it_is_refused_and_all_wait(self):
        with self.inside():
            match = {**self.both[0].candidates[0], "level": "likely"}
            Capture.objects.filter(pk=self.both[0].pk).update(candidates=[match])
        ids = "&".join(f"ids={one.pk}" for one in self.both)
        response = self.client.post(f"{reverse('customers:merge-captures')}?{ids}")
        self.assertContains(response, "Merge them one by one.", status_code=409)
        self.assertEqual(self.waiting(), 2)

    def test_the_sheet_of_a_merge_offers_nobody_where_nobody_is_alike(self):
        sheet = [
            self.client.get(reverse("customers:merge-capture", args=[one.pk])).content.decode()
            for one in self.both
        ]
        self.assertEqual(["<legend>Customer</legend>" in one for one in sheet], [True, False])

    def test_more_than_fit_a_request_are_decided_by_a_job_and_undone_by_another(self):
        with self.inside():
            rows = [Capture(channel="form", title=f"Pier {n}", values={}) for n in range(200)]
            Capture.objects.bulk_create(rows)
        address = reverse("customers:reject-captures")
        self.assertContains(self.client.get(address, {"all": "1"}), "Reject 202 entries")
        rejected = self.done_later(f"{address}?all=1", {"reason": "Spam"}, "202 entries were decided.")
        self.assertEqual(self.waiting(), 0)
        undo = reverse("customers:undo-captures", args=[rejected.pk])
        undoing = self.done_later(undo, {}, "202 entries wait again.")
        self.assertEqual(self.waiting(), 202)
        page = self.client.get(reverse("job", args=[rejected.pk]))
        self.assertNotContains(page, undo)
        self.assertContains(page, f'href="{reverse("job", args=[undoing.pk])}"')
        self.assertEqual(self.client.post(undo).status_code, 409)
        self.done_later(f"{reverse('customers:merge-captures')}?all=1", {}, "1 entry was decided.")
        self.assertEqual(self.waiting(), 201)

    def done_later(self, address, given, told):
        answer = self.client.post(address, given)
        with self.inside():
            job = Job.objects.latest("created_at")
        self.assertEqual(answer.headers["HX-Redirect"], reverse("job", args=[job.pk]))
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        self.assertContains(self.client.get(reverse("job", args=[job.pk])), told)
        return job

    def waiting(self):
        with self.inside():
            return Capture.objects.waiting().count()

    def test_the_sheet_of_a_merge_offers_whom_it_may_be(self):
        address = reverse("customers:merge-capture", args=[self.both[0].pk])
        self.assertContains(self.client.get(address), str(self.known.pk))
        self.assertEqual(self.client.post(address, {"into": self.known.pk}).status_code, 204)
        with self.inside():
            self.known.refresh_from_db()
            self.assertEqual(self.known.size, "10-49")


class Api(ApiTestCase):
    def test_a_partner_sends_and_a_reviewer_decides(self):
        key = self.key_of(self.admin, "captures:read", "captures:write")
        body = {"external_id": "lead-17", "source": "Partner", "values": GIVEN}
        first = self.call("POST", "captures", body, key=key)
        again = self.call("POST", "captures", body, key=key)
        self.assertEqual((first.status_code, again.json()["id"]), (201, first.json()["id"]))
        self.assertEqual(first.json()["channel"], "api")
        wrong = self.call("POST", "captures", {"values": {"email": "x"}}, key=key)
        self.assertEqual((wrong.status_code, list(wrong.json()["errors"])), (400, ["values.email"]))

        one = f"captures/{first.json()['id']}"
        accepted = self.call("POST", f"{one}/accept", {}, key=key).json()
        self.assertEqual(accepted["state"], "accepted")
        self.assertEqual(self.call("POST", f"{one}/reject", {}, key=key).json()["code"], "already_reviewed")
        self.assertEqual(self.call("POST", f"{one}/undo", key=key).json()["state"], "waiting")
        self.assertEqual(
            self.call("GET", "captures?state=waiting", key=key).json()["results"][0]["id"], accepted["id"]
        )

    def test_many_are_decided_as_a_job_and_taken_back_at_once(self):
        key = self.key_of(self.admin)
        with self.inside():
            waiting = [capture(given={"name": f"Quay {n}"}) for n in range(3)]
            decided = reviewing.reject(capture=capture(given={"name": "Pier"}), actor=self.alice)
        wrong = self.call("POST", "captures/decide-many", {"deed": "ask"}, key=key)
        self.assertEqual((wrong.status_code, list(wrong.json()["errors"])), (400, ["deed"]))
        ask = {"deed": "accept", "source": "Website", "owner": str(self.lead.pk)}
        started = self.call("POST", "captures/decide-many", ask, key=key)
        self.assertEqual((started.status_code, started.json()["total"]), (202, 3))
        pk = started.json()["id"]
        with self.inside():
            reviewing.reject(capture=waiting[0], actor=self.alice)
        jobs.run(tenant_id=self.acme.pk, job_id=pk)
        job = self.call("GET", f"jobs/{pk}", key=key).json()
        left = [{"capture": str(waiting[0].pk), "code": "already_reviewed"}]
        self.assertEqual((job["state"], job["result"]), ("done", {"decided": 2, "refused": 1, "left": left}))
        with self.inside():
            owners = Customer.objects.filter(source="Website").values_list("owner", flat=True)
            self.assertEqual(list(owners), [self.lead.pk] * 2)
            self.assertEqual(reviewing.decided_in(job["id"]).count(), 2)
            decided.refresh_from_db()
            self.assertEqual(decided.state, "rejected")

    def test_many_are_merged_where_the_match_is_certain_and_the_others_are_told(self):
        key = self.key_of(self.admin)
        with self.inside():
            known = create_customer(actor=self.alice, name="Harbour Ltd", phone="+49 30 901820")
            certain, other = capture(), capture(given={"name": "Quay"})
            match = {**certain.candidates[0], "level": "certain"}
            Capture.objects.filter(pk=certain.pk).update(candidates=[match])
        ask = {"deed": "merge", "ids": [str(certain.pk), str(other.pk)]}
        pk = self.call("POST", "captures/decide-many", ask, key=key).json()["id"]
        jobs.run(tenant_id=self.acme.pk, job_id=pk)
        left = [{"capture": str(other.pk), "code": "no_certain_match"}]
        result = self.call("GET", f"jobs/{pk}", key=key).json()["result"]
        self.assertEqual(result, {"decided": 1, "refused": 1, "left": left})
        merged = self.call("GET", f"captures/{certain.pk}", key=key).json()
        self.assertEqual((merged["state"], merged["customer"]), ("merged", str(known.pk)))

    def test_templates_are_made_changed_deleted_and_restored(self):
        key = self.key_of(self.admin)
        given = {
            "name": "Fair",
            "title": "Meet us",
            "sites": ["https://www.harbour.example/fair"],
            "fields_asked": [{"name": "email", "required": True}, {"name": "message", "label": "Say it"}],
        }
        made = self.call("POST", "capture-templates", given, key=key)
        self.assertEqual((made.status_code, made.json()["sites"]), (201, ["https://www.harbour.example"]))
        path = f"capture-templates/{made.json()['id']}"
        for wrong in ([], [{"name": "no"}], [{"name": "email"}, {"name": "email"}]):
            refused = self.call("PATCH", path, {"fields_asked": wrong}, key=key)
            self.assertEqual((refused.status_code, list(refused.json()["errors"])), (400, ["fields_asked"]))
        changed = self.call("PATCH", path, {"title": "Come"}, key=key, **{"If-Match": made.headers["ETag"]})
        self.assertEqual((changed.status_code, changed.json()["title"]), (200, "Come"))
        stale = self.call("PATCH", path, {"title": "No"}, key=key, **{"If-Match": made.headers["ETag"]})
        self.assertEqual(stale.status_code, 412)
        with self.inside():
            page = path_of(CaptureTemplate.objects.get())
        for verb, to, status, shown in (("DELETE", path, 204, 404), ("POST", f"{path}/restore", 200, 200)):
            self.assertEqual(self.call(verb, to, key=key).status_code, status)
            self.assertEqual(self.client.get(page).status_code, shown)
        self.assertEqual(self.call("DELETE", path, key=self.key_of(self.alice)).status_code, 403)

    def test_inlets_and_addresses_are_the_administrators(self):
        key = self.key_of(self.admin)
        made = self.call("POST", "inlets", {"kind": "wechat", "name": "Account"}, key=key)
        self.assertEqual((made.status_code, made.json()["active"]), (201, True))
        one = f"inlets/{made.json()['id']}"
        told = self.call("GET", f"{one}/secrets", key=key).json()
        self.assertEqual(
            (told["path"][:14], len(told["token"]), len(told["key"])), ("/hooks/wechat/", 32, 43)
        )
        closed = self.call("PATCH", one, {"active": False}, key=key).json()
        self.assertEqual((closed["active"], closed["name"]), (False, "Account"))
        with self.inside():
            template = save_template(template=None, actor=None, name="Fair", title="Tell us")
        address = f"capture-templates/{template.pk}/address"
        self.assertEqual(self.call("GET", address, key=key).json()["page"], path_of(template))
        for path in (one, f"{one}/secrets", address):
            self.assertEqual(self.call("GET", path, key=self.key_of(self.alice)).status_code, 403, path)
