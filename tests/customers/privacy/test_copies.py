"""Copies that write an address or number in another way, and work that waits for whom a question finds."""

import json
from urllib.parse import urlencode

from django.core.cache import cache

from crm.audit import services as audit
from crm.audit.verification import verify
from crm.models import AuditEntry, Delivery, Job, Notification, WebhookEvent
from crm.services import jobs
from customers.models import Customer, Import, Merge, MergeStep
from customers.selectors.lists import Wish
from customers.services.bulk.deeds import DELETE, Deed
from customers.services.bulk.running import change_later
from customers.services.customers import create_customer
from customers.services.privacy.erasing import clear_up, erase_later, erase_person
from tests.cases import CastTestCase, TenantTestCase

WRITINGS = (
    "ring 0044 (20) 7946-0018",
    "tel.: 020 79460018\nor later",
    "?q=xw%40example.com",
    "XW@EXAMPLE.COM.",
)


def a_person(actor):
    return create_customer(
        name="Xmarkerx Wu", email="xw@example.com", phone="+44 20 7946 0018", kind="person", actor=actor
    )


class Copies(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.person = a_person(self.alice)
        self.other = create_customer(name="Somebody Else", email="else@example.com", actor=self.alice)

    def erase(self):
        done = erase_person(person=self.person, reason="Asked by letter", actor=self.admin)
        clear_up(done)
        return done

    def test_what_was_told_of_others_loses_an_address_or_number_in_any_writing(self):
        for number, text in enumerate(WRITINGS):
            WebhookEvent.objects.create(type="interaction.logged", body={"data": {"text": text}})
            Delivery.objects.create(kind="email", dedup_key=f"d{number}", payload={"text": text})
            Notification.objects.create(
                member=self.alice, kind="x", dedup_key=f"n{number}", title="Else", text=text
            )
            Job.objects.create(kind="x", state="done", result={"rows": [[text, "x"]], "count": 3})
            Import.objects.create(
                kind="customers", file_name=text, preview={"rows": [[text, "x"]], "lines": 3}
            )
        event = WebhookEvent.objects.create(
            type="x", body={"text": "ring 120 7946 00189, mail w@example.com"}
        )

        self.erase()

        emptied = WebhookEvent.objects.filter(type="interaction.logged", body__isnull=True)
        self.assertEqual(emptied.count(), 4)
        self.assertEqual(Delivery.objects.count(), 0, "those that waited are not sent")
        self.assertEqual(set(Notification.objects.values_list("text", flat=True)), {""})
        self.assertEqual([job.result for job in Job.objects.all()], [{"rows": [["", ""]], "count": 3}] * 4)
        self.assertEqual(
            [one.preview for one in Import.objects.all()], [{"rows": [["", ""]], "lines": 3}] * 4
        )
        event.refresh_from_db()
        self.assertEqual(event.body, {"text": "ring 120 7946 00189, mail w@example.com"})
        told = json.dumps(list(AuditEntry.objects.values_list("before", "after")))
        for text in WRITINGS:
            self.assertNotIn(json.dumps(text)[1:-1], told)
        self.assertEqual(verify().findings, [])

    def test_a_journal_of_others_that_writes_the_number_otherwise_goes(self):
        merge = Merge.objects.create(survivor=self.other)
        MergeStep.objects.create(merge=merge, position=1, model="x", before={"notes": WRITINGS[0]})
        kept = Merge.objects.create(survivor=self.other)
        MergeStep.objects.create(merge=kept, position=1, model="x", before={"notes": "0044 20 7946 1018"})
        self.erase()
        self.assertEqual(list(Merge.objects.all()), [kept])

    def test_so_does_a_deed_that_keeps_the_address_of_a_page(self):
        looked = audit.record(
            "admin.viewed", None, actor=self.admin, query=urlencode({"q": "xw@example.com"})
        )
        self.erase()
        looked = AuditEntry.objects.get(pk=looked.pk)
        self.assertNotIn("xw", json.dumps(looked.after))
        self.assertEqual(verify().findings, [])

    def test_so_does_a_note_that_leads_to_a_search(self):
        url = f"/customers/?{urlencode({'q': 'xw@example.com'})}"
        Notification.objects.create(member=self.alice, kind="x", dedup_key="n", title="Else", url=url)
        self.erase()
        note = Notification.objects.get()
        self.assertEqual((note.title, note.url), ("Erased", ""))

    def test_and_the_cache(self):
        cache.set("seen", f"called {WRITINGS[0]}")
        cache.set("kept", "called 0044 20 7946 1018")
        self.erase()
        self.assertEqual((cache.get("seen"), cache.get("kept")), (None, "called 0044 20 7946 1018"))


class Waiting(CastTestCase):
    """Jobs run outside the transaction that starts them."""

    def test_work_that_waits_for_the_person_is_not_done_to_everybody(self):
        with self.inside():
            person = a_person(self.alice)
            other = create_customer(name="Somebody Else", actor=self.alice)
            wishes = {"named": Wish(words="XW@example.com"), "all": Wish(words="Nobody by this")}
            waiting = {
                name: change_later(deed=Deed(DELETE), actor=self.admin, total=1, wish=wish)
                for name, wish in wishes.items()
            }
            job = erase_later(person=person, reason="xw@example.com asked", actor=self.admin)

        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        for one in waiting.values():
            jobs.run(tenant_id=self.acme.pk, job_id=one.pk)

        with self.inside():
            self.assertEqual(Customer.objects.get(pk=other.pk).deleted_at, None)
            states = {name: Job.objects.get(pk=one.pk).state for name, one in waiting.items()}
            self.assertEqual(states, {"named": "cancelled", "all": "done"})
            job.refresh_from_db()
            self.assertEqual((job.state, job.params["reason"]), ("done", "Erased"))
