"""A person whose name stands in every column that can hold it is erased: it stands nowhere any more."""

import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage, get_connection
from django.core.management import call_command
from django.db import connection, models
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.audit.sealing import seal
from crm.audit.verification import verify
from crm.ids import uuid7
from crm.models import AuditEntry, AuditErasure, Delivery, Job
from crm.services import jobs
from crm.services.deliveries import message_id
from crm.tenancy.fields import OfPeople
from customers import questions
from customers.errors import AlreadyErased, NoReason
from customers.models import Capture, Contact, Customer, FollowUp, Import, Interaction, Merge, Purchase
from customers.questions import REPLACED
from customers.services.customers import create_customer, update_customer
from customers.services.duplicates.merging import merge_customers
from customers.services.imports import import_file
from customers.services.imports.undoing import undo
from customers.services.privacy.erasing import clear_up, erase_person, preview
from customers.services.privacy.history import record_models
from feedback.models import Feedback
from feedback.services.feedback import record_feedback
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase
from tests.isolation.rows import Rows, tenant_models

MARKER = "xmarkerx@example.com"
# Tables about the company itself, in which nobody of its customers is told of.
OF_THE_COMPANY = {
    *("Member", "Team", "ApiKey", "Invitation", "Nightly", "ViewMark", "WebhookEndpoint"),
    *("NotificationChoice", "Digest", "CalendarFeed"),
    *("AuditEntry", "AuditSeal", "AuditMark", "AuditErasure"),
    *("CustomField", "RetentionPeriod", "Product", "Watermark", "Tally"),
    *("MaintenancePlan", "ReminderPolicy", "FeedbackForm", "Survey", "SurveyQuestion"),
    *("ScoreRun", "Backtest", "Plan", "Objective", "CaptureTemplate", "Inlet", "UpkeepPolicy"),
}


class Planted(Rows):
    """One row of every table that can speak of a person, each free text and JSON of it with the marker."""

    def one_of_each(self):
        for model in tenant_models():
            if model.__name__ not in OF_THE_COMPANY:
                self.row(model)
        return self.made

    def _is_needed(self, field):
        if isinstance(field, models.ForeignKey) and field.related_model in (Customer, Contact):
            return field.model is not Customer
        return self._can_tell(field) or super()._is_needed(field)

    def _value(self, field):
        if not self._can_tell(field):
            self.marker = "plain"
            try:
                return super()._value(field)
            finally:
                self.marker = MARKER
        if isinstance(field, models.JSONField):
            told = {"said": self.marker, "rows": [[self.marker, "x"]]}
            return {} if field.name == "custom" else told
        return self.marker

    def _can_tell(self, field):
        if field.model.__name__ in OF_THE_COMPANY or field.name in field.model.impersonal or field.choices:
            return False
        if isinstance(field, models.JSONField):
            return True
        is_text = isinstance(field, models.CharField | models.TextField)
        return is_text and (field.max_length or 999) >= len(self.marker) and not field.name.endswith("_hash")


def tables_with(marker):
    """Every table of the database in which the open company sees the marker, in whichever column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{marker}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


class EveryColumn(TenantTestCase):
    def test_a_marker_in_every_column_of_every_table_is_nowhere_afterwards(self):
        planted = Planted(MARKER).one_of_each()
        person = planted[Customer]
        missing = {m.__name__ for m in record_models()} - {m.__name__ for m in planted}
        self.assertEqual(missing, set())
        self.assertGreater(len(tables_with("xmarkerx")), 20)
        cache.set("seen", f"called {MARKER}")
        place = Path(settings.MEDIA_ROOT) / str(self.acme.pk) / "exports"
        place.mkdir(parents=True, exist_ok=True)
        file = place / "list.csv"
        file.write_text(f"name\n{MARKER}\n")
        seal()

        done = erase_person(person=person, reason=f"{MARKER} asked", actor=self.admin)
        clear_up(done)

        self.assertEqual(tables_with("xmarkerx"), [])
        self.assertFalse(file.exists())
        self.assertIsNone(cache.get("seen"))
        self.assertEqual(verify().findings, [])
        self.assertEqual(Purchase.objects.get(customer=person).amount, planted[Purchase].amount)

    def test_every_table_either_hangs_on_people_or_says_what_it_is(self):
        hanging = {model.__name__ for model in record_models()}
        for model in tenant_models():
            if model.of_people == OfPeople.ASKS:
                self.assertIn(model, questions.tables())
            elif model.of_people in (OfPeople.COPY, OfPeople.PARTS):
                self.assertNotIn(model.__name__, hanging)
            elif model.__name__ not in hanging:
                self.assertIn(model.__name__, OF_THE_COMPANY, "what becomes of it when a person is erased?")


class Lives(TenantTestCase):
    """People as they come to be: by services, files, merges; with their history sealed."""

    def setUp(self):
        super().setUp()
        self.person = create_customer(
            name="Xmarkerx Wu",
            email=MARKER,
            phone="+44 20 7946 0018",
            kind="person",
            notes="xmarkerx",
            actor=self.alice,
        )
        self.other = create_customer(name="Somebody Else", email="else@example.com", actor=self.alice)
        make.purchase(customer=self.other)
        make.interaction(customer=self.other, text="Said nothing of anybody.")

    def erase(self, person=None):
        seal()
        done = erase_person(person=person or self.person, reason="Asked by letter", actor=self.admin)
        clear_up(done)
        return done

    def image_of(self, customer):
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT (SELECT to_jsonb(c) FROM customers_customer c WHERE id = %(id)s),
                   (SELECT jsonb_agg(to_jsonb(i)) FROM customers_interaction i WHERE customer_id = %(id)s),
                   (SELECT jsonb_agg(to_jsonb(p)) FROM customers_purchase p WHERE customer_id = %(id)s),
                   (SELECT jsonb_agg(to_jsonb(e) ORDER BY e.id) FROM crm_auditentry e WHERE subject_id = %(id)s)""",
                {"id": customer.pk},
            )
            return cursor.fetchone()

    def test_what_was_changed_merged_said_and_deleted_before_is_gone_and_others_stay_as_they_are(self):
        twin = create_customer(name="Xmarkerx W.", email="x2@example.com", notes="xmarkerx", actor=self.alice)
        merge_customers(survivor=self.person, others=[twin], actor=self.alice, choices={})
        update_customer(customer=self.person, city="Xmarkerxville", actor=self.alice)
        gone = make.interaction(customer=self.person, text="xmarkerx told us")
        Interaction.objects.filter(pk=gone.pk).delete()
        record_feedback(text="xmarkerx is cross", actor=None, channel="web", sender_email=MARKER.upper())
        before = self.image_of(self.other)

        done = self.erase()

        self.assertEqual(tables_with("xmarkerx"), [])
        self.assertEqual(self.image_of(self.other), before)
        self.assertEqual((Merge.objects.count(), Feedback.objects.count()), (0, 0))
        self.assertEqual(verify().findings, [])
        self.assertEqual(AuditErasure.objects.count(), done.entries)
        deed = AuditEntry.objects.get(deed="customer.erased")
        self.assertEqual((deed.member_id, deed.after["reason"]), (self.admin.pk, "Asked by letter"))

    def test_what_they_had_before_goes_from_others_texts_and_copies_too(self):
        update_customer(
            customer=self.person, email="x.new@example.com", phone="+44 20 7946 0777", actor=self.alice
        )
        update_customer(customer=self.person, email="else@example.com", actor=self.alice)
        update_customer(customer=self.person, email="x.new@example.com", actor=self.alice)
        said = make.interaction(
            customer=self.other,
            text=f"{MARKER}, 020 7946-0018, x.new@example.com, 0044 20 79460777, else@example.com",
        )

        self.erase()

        said.refresh_from_db()
        self.assertEqual(said.text, ", ".join([REPLACED] * 4 + ["else@example.com"]), "that is another's now")
        self.assertEqual(tables_with(MARKER), [])
        self.assertEqual(verify().findings, [])

    def test_files_go_that_name_them_in_another_case_or_writing(self):
        place = Path(settings.MEDIA_ROOT) / str(self.acme.pk) / "imports"
        place.mkdir(parents=True, exist_ok=True)
        texts = {
            "case.csv": f"email\n{MARKER.upper()}\n",
            "number.csv": "phone\n0044 (20) 7946 0018\n",
            "other.csv": "phone,email\n+44 20 7946 1018,else@example.com\n",
        }
        for name, text in texts.items():
            (place / name).write_text(text)

        self.erase()

        self.assertEqual([path.name for path in place.iterdir() if path.name in texts], ["other.csv"])

    def test_others_texts_lose_the_address_and_number_and_names_alone_are_told_of(self):
        firm = self.other
        said = make.interaction(
            customer=firm,
            text=f"Write to {MARKER.title()}, ring 020 7946-0018 or +44 (20) 79460018, not 120 7946 00189.",
        )
        promise = make.follow_up(self.alice, customer=firm, subject="Ask Xmarkerx Wu")
        Interaction.objects.filter(pk=said.pk).update(outcome=MARKER)
        Interaction.objects.filter(pk=said.pk).update(outcome="")
        found = preview(self.person).mentions
        self.assertEqual((found.exact_count, found.named_count), (1, 1))
        self.assertEqual(found.named[0].url, reverse("customers:record", args=[firm.pk]))
        segment = make.segment(description=f"All but {MARKER}")

        done = self.erase()

        said.refresh_from_db()
        self.assertEqual(said.text, "Write to [erased], ring [erased] or [erased], not 120 7946 00189.")
        self.assertEqual(tables_with(MARKER), [])
        segment.refresh_from_db()
        self.assertEqual(segment.description, "All but [erased]")
        self.assertEqual((done.replaced, [one.id for one in done.mentions]), (2, [str(promise.pk)]))
        self.assertIn("Xmarkerx Wu", FollowUp.objects.get(pk=promise.pk).subject)
        self.assertEqual(verify().findings, [])

    def test_so_do_custom_fields_and_what_came_from_outside_of_others(self):
        for kind, key in (("text", "brought_by"), ("long_text", "story"), ("number", "fee")):
            make.custom_field(kind, key)
        told = {"brought_by": f"by {MARKER}", "story": f"See\n{MARKER}\nand Xmarkerx Wu", "fee": "79460018"}
        update_customer(customer=self.other, custom=told, actor=self.alice)
        update_customer(
            customer=self.other, custom={"brought_by": "nobody, not x" + MARKER}, actor=self.alice
        )
        sent = {"message": f"Ask {MARKER}, 020 7946 0018", "custom.fee": "79460018"}
        capture = Capture.objects.create(channel="form", customer=self.other, title="Else", values=sent)
        found = preview(self.person).mentions
        self.assertEqual(
            (found.exact_count, {one.type for one in found.exact}),
            (2, {"customers.customer", "customers.capture"}),
        )

        self.erase()

        self.other.refresh_from_db()
        kept = {
            "brought_by": "nobody, not x" + MARKER,
            "story": "See\n[erased]\nand Xmarkerx Wu",
            "fee": "79460018",
        }
        self.assertEqual(self.other.custom, kept)
        capture.refresh_from_db()
        self.assertEqual(capture.values["message"], "Ask [erased], [erased]")
        history = AuditEntry.objects.filter(subject_id=self.other.pk).values_list("before", "after")
        self.assertNotIn(f"by {MARKER}", str(list(history)))
        self.assertEqual(verify().findings, [])

    def test_the_history_is_read_without_what_makes_reading_all_of_it_slow(self):
        said = make.purchase(customer=self.other)
        Purchase.objects.filter(pk=said.pk).update(return_reason=f"{MARKER} sent it back")
        Purchase.objects.filter(pk=said.pk).update(return_reason="")

        with CaptureQueriesContext(connection) as queries:
            self.erase()

        self.assertEqual(tables_with(MARKER), [])
        read = [one["sql"] for one in queries if "crm_auditentry" in one["sql"] and " ~* " in one["sql"]]
        self.assertEqual(len(read), 1)
        self.assertNotIn("(?<", read[0])
        self.assertIn("ARRAY['return_reason']", read[0])

    def test_a_change_passed_off_as_an_erasure_is_found_out(self):
        self.erase()
        victim = AuditEntry.objects.filter(subject_id=self.other.pk).first()
        with connection.cursor() as cursor:
            cursor.execute("SELECT erase_history(ARRAY[%s]::uuid[], NULL)", [victim.pk])
        deed = AuditEntry.objects.get(deed="customer.erased")
        AuditErasure.objects.create(entry_id=victim.pk, deed_id=deed.pk, values_hash="0" * 64)
        (finding,) = verify().findings
        self.assertEqual(finding.what, "the values of an entry were changed")

    def test_a_contact_goes_and_the_company_keeps_its_life(self):
        firm = create_customer(name="Acorn Ltd", actor=self.alice)
        contact = make.contact(customer=firm, name="Xmarkerx Jones", email="xmarkerx.jones@example.com")
        talk = make.interaction(customer=firm, contact=contact, text="xmarkerx says yes")
        Customer.objects.filter(name__startswith="Xmarkerx").delete()
        AuditEntry.objects.all().count()
        self.erase(contact)
        self.assertFalse(Contact.objects.filter(pk=contact.pk).exists())
        talk.refresh_from_db()
        self.assertEqual((talk.contact_id, talk.text, talk.kind), (None, "", "call"))
        firm.refresh_from_db()
        self.assertEqual((firm.name, firm.erased_at), ("Acorn Ltd", None))
        self.assertEqual(verify().findings, [])

    def test_a_waiting_mail_to_the_person_is_never_sent(self):
        Delivery.objects.create(kind="email", dedup_key="a", address=MARKER, payload={"text": "Hello"})
        Delivery.objects.create(
            kind="email", dedup_key="b", address="else@example.com", payload={"text": "Hello"}
        )
        self.erase()
        self.assertEqual(list(Delivery.objects.open().values_list("dedup_key", flat=True)), ["b"])

    def test_of_mail_laid_down_in_one_file_only_what_names_the_person_goes(self):
        folder = self.enterContext(TemporaryDirectory())
        self.enterContext(override_settings(EMAIL_FILE_PATH=folder))
        told = [
            ("Due today: Ask Xmarkerx Wu", "Ring."),
            ("Due today: Ask Somebody Else", f"Ünd {MARKER}."),
            ("Due: Somebody Else", "Rïng."),
        ]
        mails = []
        for subject, text in told:
            sent = Delivery.objects.create(
                kind="email", dedup_key=subject, done_at=timezone.now(), payload={}
            )
            headers = {"Message-ID": message_id(sent.pk, "crm.example")}
            mails.append(
                EmailMessage(subject, text, "crm@example.com", ["alice@example.com"], headers=headers)
            )
        foreign = EmailMessage(
            "Xmarkerx Wu of another company", "-", "crm@example.com", ["mallory@example.com"]
        )
        get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=folder).send_messages(
            [*mails, foreign]
        )
        [file] = Path(folder).iterdir()

        self.erase()

        left = [part for part in file.read_text().split("-" * 79) if part.strip()]
        self.assertEqual(len(left), 2)
        self.assertIn("Due: Somebody Else", left[0])
        self.assertIn("another company", left[1])

    def test_what_they_sent_in_goes_from_the_inbox(self):
        for email in (MARKER, "else@example.com"):
            Capture.objects.create(channel="form", title="Somebody", values={"contact.email": email})
        self.erase()
        self.assertEqual(Capture.objects.get().values, {"contact.email": "else@example.com"})

    def test_an_import_that_brought_the_person_is_undone_without_bringing_them_back(self):
        path = Path(settings.MEDIA_ROOT) / f"{uuid7()}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "external_id,name,email\nE1,Xmarkerx Li,xl@example.com\nE2,Plain Person,p@example.com\n"
        )
        import_file(path=path, kind="customers", actor=self.alice)
        path.unlink()
        self.erase(Customer.objects.get(external_id="E1"))
        undo(import_=Import.objects.get(), actor=self.alice)
        self.assertFalse(Customer.objects.filter(external_id="E2").exists())
        self.assertFalse(Customer.objects.filter(name__icontains="xmarkerx li").exists())

    def test_it_needs_a_reason_and_happens_once(self):
        with self.assertRaises(NoReason):
            erase_person(person=self.person, reason=" ", actor=self.admin)
        self.erase()
        self.person.refresh_from_db()
        with self.assertRaises(AlreadyErased):
            erase_person(person=self.person, reason="Again", actor=self.admin)


class Outside(ApiTestCase, BrowserTestCase):
    def setUp(self):
        with self.inside():
            self.person = create_customer(name="Xmarkerx Wu", email=MARKER, kind="person", actor=self.alice)
            make.purchase(customer=self.person, amount=700)
            make.interaction(customer=self.person, text="Likes tea")

    def test_the_commands_export_and_erase(self):
        path = Path(settings.MEDIA_ROOT) / f"{uuid7()}.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        name = ["--tenant", self.acme.slug, "--customer", str(self.person.pk)]
        call_command("export_person", *name, str(path), "--json")
        with zipfile.ZipFile(path) as archive:
            held = json.loads(archive.read("person.json"))
        self.assertEqual(held["records"]["customers.customer"][0]["email"], MARKER)
        self.assertEqual(held["records"]["customers.interaction"][0]["text"], "Likes tea")
        self.assertEqual(held["records"]["customers.purchase"][0]["amount"], 700)
        self.assertTrue(held["history"])
        call_command("erase_person", *name, "--json")
        with self.inside():
            self.assertEqual(Customer.objects.get(pk=self.person.pk).email, "")
            self.assertEqual(tables_with("xmarkerx"), [])
        path.unlink()

    def test_only_who_has_the_right_erases_and_a_job_does_it(self):
        url = reverse("customers:erase", args=[self.person.pk])
        self.assertEqual(self.sign_in(self.lead).post(url, {"reason": "x", "sure": "on"}).status_code, 403)
        self.sign_in(self.admin)
        self.assertContains(self.client.get(url), "Interactions")
        self.assertEqual(self.client.post(url, {"reason": "Asked"}).status_code, 422)
        answer = self.client.post(url, {"reason": "Asked", "sure": "on"})
        with self.inside():
            job = Job.objects.get(kind="erase_person")
        self.assertEqual(answer.headers["HX-Redirect"], reverse("job", args=[job.pk]))
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        self.assertContains(self.client.get(reverse("job", args=[job.pk])), "1 row stays as figures")
        with self.inside():
            self.assertEqual(tables_with("xmarkerx"), [])

    def test_over_the_api_the_answer_is_the_job(self):
        key, path = self.key_of(self.admin), f"customers/{self.person.pk}"
        self.assertEqual(self.call("post", f"{path}/erase", {}, key=key).status_code, 400)
        self.assertEqual(self.call("post", f"{path}/export", key=key).status_code, 202)
        answer = self.call("post", f"{path}/erase", {"reason": "Asked"}, key=key)
        self.assertEqual((answer.status_code, answer.json()["kind"]), (202, "erase_person"))
        jobs.run(tenant_id=self.acme.pk, job_id=answer.json()["id"])
        self.assertEqual(self.call("get", path, key=key).status_code, 404)
        lead = self.key_of(self.lead)
        self.assertEqual(self.call("post", f"{path}/erase", {"reason": "x"}, key=lead).status_code, 403)
