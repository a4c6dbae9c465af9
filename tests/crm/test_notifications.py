import ast
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.test import SimpleTestCase
from django.urls import reverse

from crm.errors import NotFound
from crm.models import Delivery, Digest, Notification
from crm.notifications import kinds
from crm.notifications.choices import Choice, choose
from crm.notifications.kinds import ByMail
from crm.services import jobs, keys
from crm.services.notifications import notify
from crm.tenancy.context import tenant_context, within_request
from customers.services.bulk.deeds import Deed, apply
from customers.services.customers import update_customer
from feedback.services.feedback import change_feedback, record_feedback
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, CommittedTestCase, TenantTestCase

APPS = ("crm", "customers", "segmentation", "maintenance", "feedback", "retention", "planning")
DOOR = "crm/services/notifications.py"


class Notifications(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            for member, title in (
                (self.alice, "Call Zoë"),
                (self.alice, "Call Ann"),
                (self.lead, "Of the lead"),
            ):
                notify(member=member, kind="note", title=title, url="/customers/", dedup_key=title)

    def unread(self):
        with self.inside():
            return set(Notification.objects.filter(read_at=None).values_list("title", flat=True))

    def test_shows_a_member_their_own(self):
        page = self.sign_in(self.alice).get("/notifications/")
        self.assertContains(page, "Call Zoë")
        self.assertNotContains(page, "Of the lead")

    def test_reading_one_goes_where_it_points(self):
        with self.inside():
            note = Notification.objects.get(title="Call Zoë")
        response = self.sign_in(self.alice).post(reverse("read-notification", args=[note.pk]))
        self.assertRedirects(response, "/customers/", fetch_redirect_response=False)
        self.assertEqual(self.unread(), {"Call Ann", "Of the lead"})

    def test_all_of_ones_own_can_be_taken_as_read(self):
        self.sign_in(self.alice).post(reverse("read-notifications"))
        self.assertEqual(self.unread(), {"Of the lead"})

    def test_another_members_note_is_not_found(self):
        with self.inside():
            note = Notification.objects.get(title="Of the lead")
        response = self.sign_in(self.alice).post(reverse("read-notification", args=[note.pk]))
        self.assertEqual((response.status_code, "Of the lead" in self.unread()), (404, True))

    def test_the_bell_tells_how_many_wait_and_stops_counting_at_nine(self):
        browser = self.sign_in(self.alice)
        self.assertContains(browser.get("/notifications/"), "2 unread")
        with self.inside():
            for number in range(9):
                notify(member=self.alice, kind="note", title="More", dedup_key=f"more {number}")
        self.assertContains(browser.get("/notifications/"), "9+ unread")
        part = browser.get("/notifications/", headers={"HX-Request": "true"})
        self.assertNotContains(part, " unread")


class OneDoor(SimpleTestCase):
    """Read from the code itself: whatever tells a member something passes the choices, with a kind that is declared."""

    def calls(self) -> Iterator[tuple[str, str, ast.Call]]:
        for app in APPS:
            for file in sorted(Path(settings.BASE_DIR, app).rglob("*.py")):
                for node in ast.walk(ast.parse(file.read_text())):
                    if isinstance(node, ast.Call):
                        yield str(file.relative_to(settings.BASE_DIR)), ast.unparse(node.func), node

    def test_every_kind_that_is_sent_is_declared_and_every_declared_one_is_sent(self):
        declared, sent = {kind.key for kind in kinds.all_kinds()}, {"note"}
        for path, name, call in self.calls():
            if name in ("Note", "notify") and path != DOOR:
                pattern = self.pattern(call)
                found = {key for key in declared if re.fullmatch(pattern, key)}
                self.assertTrue(found, f"{path}:{call.lineno} sends {pattern}, which nobody declares")
                sent |= found
        self.assertEqual(sent, declared)

    def pattern(self, call: ast.Call) -> str:
        kind = next((word.value for word in call.keywords if word.arg == "kind"), None) or call.args[1]
        parts = kind.values if isinstance(kind, ast.JoinedStr) else [kind]
        return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in parts)

    def test_no_other_code_writes_notes_or_mails_a_member(self):
        allowed = {DOOR, "crm/services/digests.py"}
        for path, name, call in self.calls():
            written = re.fullmatch(r"Notification(\.objects\.(create|bulk_create))?", name)
            mailed = name in ("Parcel", "deliveries.enqueue", "enqueue") and "member=" in ast.unparse(call)
            if written or mailed:
                self.assertIn(path, allowed, f"line {call.lineno}")

    def test_a_kind_that_nobody_declared_is_a_bug(self):
        with self.assertRaises(LookupError):
            kinds.get("x")


class Choosing(TenantTestCase):
    def tell(self, kind="warning"):
        """Tell Alice; gives whether it stands in the app, waits for the digest, and was mailed."""
        Notification.objects.all().delete()
        Delivery.objects.all().delete()
        notify(member=self.alice, kind=kind, title="T", dedup_key="k")
        note = Notification.objects.first()
        return bool(note and note.in_app), bool(note and note.for_digest), Delivery.objects.exists()

    def choose(self, kind, in_app, email):
        choose(member=self.alice, choices={kind: Choice(in_app, email)})

    def test_each_way_is_chosen_by_itself(self):
        self.assertEqual(self.tell(), (True, True, False))
        for in_app in (True, False):
            for email, expected in (
                ("now", (False, True)),
                ("digest", (True, False)),
                ("off", (False, False)),
            ):
                self.choose("warning", in_app, email)
                self.assertEqual(self.tell(), (in_app, *expected), (in_app, email))

    def test_what_is_not_for_the_app_is_not_unread(self):
        self.choose("warning", False, "digest")
        self.tell()
        self.assertFalse(Notification.objects.unread().exists())

    def test_what_may_not_be_silenced_comes_all_the_same(self):
        self.choose("follow_up.escalated", False, "off")
        self.assertEqual(self.tell("follow_up.escalated"), (True, False, True))
        self.choose("follow_up.escalated", False, "digest")
        self.assertEqual(self.tell("follow_up.escalated"), (True, True, False))

    def test_whoever_a_key_acts_as_hears_of_it(self):
        for actor, told in ((self.alice, 0), (self.admin, 1)):
            keys.create_key(name="Shop", member=self.alice, scopes=[], actor=actor)
            self.assertEqual(
                Notification.objects.filter(kind="security.key", member=self.alice).count(), told
            )

    def test_everybody_is_asked_about_what_they_can_be_told(self):
        asked = [{kind.key for kind in kinds.kinds_for(member)} for member in (self.admin, self.alice)]
        self.assertEqual(asked[0] - asked[1], {"webhook.disabled"})


class Told(TenantTestCase):
    """In the app and for the digest, without a mail of its own, unless somebody chose otherwise."""

    def told(self, member=None):
        notes = Notification.objects.filter(member=member or self.alice, for_digest=True)
        self.assertFalse(Delivery.objects.filter(kind="email").exists())
        return [(note.kind, note.title, note.text) for note in notes.order_by("created_at")]

    def test_the_owner_hears_once_of_what_a_customer_says_but_not_of_what_the_owner_wrote_down(self):
        customer = make.customer(name="Harbour", owner=self.alice)
        record_feedback(text="Well done", actor=self.alice, customer=customer, type="suggestion")
        self.assertEqual(self.told(), [])
        record_feedback(text="It leaks", actor=None, customer=customer)
        told = [("feedback.new", "Harbour says something: Problem", "It leaks")]
        self.assertEqual(self.told(), told)
        nobodys = record_feedback(text="Late", actor=None)
        for _twice in range(2):
            change_feedback(feedback=nobodys, actor=self.lead, customer=customer)
        self.assertEqual(self.told(), [*told, ("feedback.new", "Harbour says something: Problem", "Late")])

    def test_a_new_owner_hears_of_what_another_handed_over_in_one_note(self):
        one, two, three = (make.customer(name=name, owner=self.lead) for name in ("One", "Two", "Three"))
        request = uuid4()
        with within_request(request):
            update_customer(customer=one, actor=self.lead, owner=self.alice)
            (note,) = Notification.objects.all()
            self.assertEqual(
                (note.title, note.url), ("One was handed to you by Leo Lead", f"/customers/{one.pk}/")
            )
            update_customer(customer=two, actor=self.lead, owner=self.alice)
        self.assertEqual(self.told(), [("customer.handed", "Customers were handed to you by Leo Lead", "")])
        update_customer(customer=three, actor=self.alice, owner=self.alice)
        self.assertEqual(len(self.told()), 1)
        with within_request(uuid4()):
            apply(deed=Deed("edit", {"owner": str(self.admin.pk)}), ids=[one.pk, two.pk], actor=self.lead)
        self.assertEqual(
            self.told(self.admin), [("customer.handed", "2 customers were handed to you by Leo Lead", "")]
        )


class JobsTold(CommittedTestCase):
    def end(self, run):
        kind = f"probe-{run.__name__}"
        jobs.register(kind, run, title="Probe", told=lambda job: f"{job.result['rows']} rows")
        self.addCleanup(jobs._runners.pop, kind)
        with tenant_context(self.acme.pk):
            job = jobs.start(kind=kind, params={}, actor=self.alice)
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        with tenant_context(self.acme.pk):
            notes = Notification.objects.filter(member=self.alice, dedup_key=f"job:{job.pk}")
            return [(note.title, note.text, note.url == f"/jobs/{job.pk}/") for note in notes]

    def test_who_started_it_hears_how_it_ended_unless_it_was_stopped(self):
        def done(_job):
            return {"rows": 3}

        def refused(_job):
            raise NotFound

        def stopped(_job):
            raise jobs.JobCancelled

        self.assertEqual(self.end(done), [("Done: Probe", "3 rows", True)])
        self.assertEqual(self.end(refused), [("Failed: Probe", str(NotFound()), True)])
        self.assertEqual(self.end(stopped), [])


class ChoicesPage(BrowserTestCase):
    ADDRESS = "/notifications/choices/"

    def body(self, **changes):
        form = self.client.get(self.ADDRESS).context["form"]
        given = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        return {name: value for name, value in (given | changes).items() if value is not False}

    def test_keeps_what_is_chosen(self):
        self.sign_in(self.alice)
        chosen = {"app:warning": False, "email:warning": ByMail.OFF, "days": Digest.Days.EVERY, "hour": 17}
        self.assertRedirects(self.client.post(self.ADDRESS, self.body(**chosen)), self.ADDRESS)
        again = self.body()
        self.assertNotIn("app:warning", again)
        self.assertEqual([again[name] for name in ("email:warning", "days", "hour")], ["off", "every", 17])
        self.sign_in(self.lead)
        self.assertEqual(self.body()["email:warning"], "digest")

    def test_what_may_not_be_silenced_is_not_offered_to_be(self):
        self.sign_in(self.alice)
        refused = self.client.post(self.ADDRESS, self.body(**{"email:security.key": "off"}))
        self.assertContains(refused, "Cannot be switched off", status_code=422)


class OverTheApi(ApiTestCase):
    def setUp(self):
        self.key = self.key_of(self.alice)
        with self.inside():
            for member in (self.alice, self.lead):
                notify(member=member, kind="note", title=f"For {member}", dedup_key="k")

    def test_shows_ones_own_and_takes_them_as_read(self):
        (note,) = self.call("GET", "notifications?read_at__isnull=true", key=self.key).json()["results"]
        self.assertEqual(note["title"], "For Alice")
        read = self.call("POST", f"notifications/{note['id']}/read", key=self.key)
        self.assertIsNotNone(read.json()["read_at"])
        foreign = self.call("POST", f"notifications/{note['id']}/read", key=self.key_of(self.lead))
        self.assertEqual(foreign.status_code, 404)

    def test_changes_the_choices_that_are_named(self):
        before = self.call("GET", "notifications/choices", key=self.key).json()
        body = {"kinds": [{"kind": "warning", "in_app": False, "email": "now"}], "digest": {"hour": 17}}
        after = self.call("PATCH", "notifications/choices", body, key=self.key).json()
        self.assertEqual(after["digest"], before["digest"] | {"hour": 17})
        changed = [one for one in after["kinds"] if one not in before["kinds"]]
        self.assertEqual(changed, body["kinds"])
        wrong = self.call("PATCH", "notifications/choices", {"kinds": [{"kind": "x"}]}, key=self.key)
        self.assertEqual(wrong.status_code, 400)
