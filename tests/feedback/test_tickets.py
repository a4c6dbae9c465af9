from datetime import UTC, date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from crm import kpis, work
from crm.dashboard.selectors import week_load
from crm.models import AuditEntry, Notification, WakeUp
from customers.models import CustomerStats, Interaction
from feedback.errors import TicketResolved
from feedback.models import Feedback, SurveyInvitation, SurveyResponse, Ticket
from feedback.services import clocks, tickets
from feedback.services.feedback import change_feedback
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase


class Tickets(TenantTestCase):
    def test_priority_and_clock_follow_urgency_and_impact(self):
        at = timezone.now()
        hours = {
            (urgency, impact): (
                make.ticket(urgency=urgency, impact=impact, opened_at=at).respond_by - at
            ).total_seconds()
            / 3600
            for urgency, impact in [(1, 1), (1, 3), (2, 2), (2, 3), (3, 3)]
        }
        self.assertEqual(hours, {(1, 1): 48, (1, 3): 24, (2, 2): 24, (2, 3): 8, (3, 3): 4})

    def test_numbers_run_on(self):
        self.assertEqual([make.ticket().number for _ in range(3)], [1, 2, 3])

    def test_the_customers_owner_takes_it_and_the_figures_count_it(self):
        customer = make.customer(owner=self.alice)
        ticket = make.ticket(customer=customer)
        self.assertEqual(ticket.owner, self.alice)
        self.assertEqual(CustomerStats.objects.get(customer=customer).open_tickets, 1)
        tickets.resolve_ticket(ticket=ticket, actor=self.alice, resolution="Sent again")
        self.assertEqual(CustomerStats.objects.get(customer=customer).open_tickets, 0)
        tickets.reopen_ticket(ticket=ticket, actor=self.alice)
        self.assertEqual(CustomerStats.objects.get(customer=customer).open_tickets, 1)

    def test_the_first_answer_stops_the_clock_and_stands_on_the_timeline(self):
        ticket = make.ticket()
        first = tickets.answer_ticket(
            ticket=ticket, actor=self.alice, text="We look into it"
        ).first_responded_at
        again = tickets.answer_ticket(ticket=ticket, actor=self.alice, text="Found it", channel="email")
        self.assertEqual(again.first_responded_at, first)
        kinds = list(Interaction.objects.order_by("created_at").values_list("kind", "text"))
        self.assertEqual(kinds, [("call", "We look into it"), ("email", "Found it")])

    def test_the_limit_of_a_clock_that_has_stopped_stays(self):
        ticket = make.ticket()
        changed = tickets.change_ticket(ticket=ticket, actor=self.alice, urgency=3, impact=3)
        self.assertEqual(changed.respond_by - changed.opened_at, timedelta(hours=4))
        tickets.answer_ticket(ticket=changed, actor=self.alice, text="Yes")
        later = tickets.change_ticket(ticket=changed, actor=self.alice, urgency=1, impact=1)
        self.assertEqual((later.priority, later.respond_by), (1, changed.respond_by))

    def test_only_a_resolution_is_taken_back(self):
        ticket = make.ticket()
        tickets.reopen_ticket(ticket=ticket, actor=self.alice)
        self.assertEqual((ticket.status, ticket.version), ("open", 1))
        self.assertFalse(AuditEntry.objects.filter(deed="ticket.reopened").exists())

    def test_a_resolved_ticket_refuses_a_second_resolution(self):
        ticket = make.ticket()
        tickets.resolve_ticket(ticket=ticket, actor=self.alice, resolution="Done")
        with self.assertRaises(TicketResolved):
            tickets.resolve_ticket(ticket=ticket, actor=self.lead, resolution="Also done")
        self.assertEqual(Ticket.objects.get().resolution, "Done")


class Clocks(TenantTestCase):
    def test_a_late_ticket_goes_to_the_teams_lead_once(self):
        ticket = make.ticket(customer=make.customer(owner=self.alice))
        before, after = ticket.respond_by - timedelta(minutes=1), ticket.respond_by + timedelta(minutes=1)
        self.assertEqual(clocks.escalate(before), (0, ticket.respond_by))
        self.assertEqual(clocks.escalate(after), (1, None))
        self.assertEqual(clocks.escalate(after), (0, None))
        self.assertEqual([n.member for n in Notification.objects.filter(kind="ticket.late")], [self.lead])

    def test_where_the_lead_has_left_an_administrator_is_told_in_their_own_language(self):
        self.lead.active = False
        self.lead.save()
        self.admin.user.language = "zh-hans"
        self.admin.user.save()
        ticket = make.ticket(customer=make.customer(owner=self.alice))
        clocks.escalate(ticket.respond_by)
        note = Notification.objects.get(kind="ticket.late")
        self.assertEqual(note.member, self.admin)
        self.assertNotIn("No answer yet", note.title)

    def test_an_answered_ticket_is_not_late(self):
        ticket = make.ticket()
        tickets.answer_ticket(ticket=ticket, actor=self.alice, text="Yes")
        self.assertEqual(clocks.escalate(ticket.respond_by + timedelta(days=9)), (0, None))

    def test_the_company_is_woken_at_the_limit(self):
        ticket = make.ticket()
        self.assertTrue(WakeUp.objects.filter(tenant_id=self.acme.pk, at=ticket.respond_by).exists())
        self.assertIn("ticket_clocks", [item.key for item in work.all_work()])


class DaysOfTheCompany(TenantTestCase):
    """A day begins and ends by the company's clock, to the moment."""

    def setUp(self):
        super().setUp()
        self.acme.timezone = "Asia/Shanghai"
        self.acme.save()
        first, least = datetime(2026, 3, 4, 16, tzinfo=UTC), timedelta(microseconds=1)
        self.moments = [first - least, first, first + timedelta(days=1) - least, first + timedelta(days=1)]
        self.day = kpis.Period(date(2026, 3, 5), date(2026, 3, 5))

    def test_figures_of_tickets_and_answers(self):
        survey = make.survey()
        for at in self.moments:
            ticket = make.ticket(opened_at=at)
            Ticket.objects.filter(pk=ticket.pk).update(first_responded_at=at, resolved_at=at)
            asked = SurveyInvitation.objects.create(
                survey=survey, customer=ticket.customer, secret_hash=make.unique()
            )
            SurveyResponse.objects.create(
                survey=survey, invitation=asked, customer=ticket.customer, answered_at=at, csat=50, nps=9
            )
        for key in ("first-response", "answered-in-time", "resolution-time", "satisfaction", "nps"):
            self.assertEqual(kpis.get(key).compute(self.day).n, 2, key)

    def test_figures_and_load_of_follow_ups(self):
        for at in self.moments:
            make.follow_up(self.alice, due_at=at)
        self.assertEqual(kpis.get("follow-ups-kept").compute(self.day).n, 2)
        load = week_load(self.alice, self.acme, at=self.moments[1] - timedelta(days=6))
        self.assertEqual([day.count for day in load], [0, 0, 0, 0, 0, 1, 2])


class TwoAtOnce(BrowserTestCase):
    """Two edit the same ticket or feedback: nobody's words are lost unseen."""

    key_of, call = ApiTestCase.key_of, ApiTestCase.call

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        with cls.inside(cls):
            mill = make.customer(name="Mill", owner=cls.alice)
            cls.ticket = make.ticket(customer=mill, subject="Late", urgency=1, impact=2)
            cls.said = Feedback.objects.create(customer=mill, text="Broken", topic="Wheels")
            cls.said.refresh_from_db()
            # An answer changes the ticket twice and raises its version once.
            tickets.answer_ticket(ticket=cls.ticket, actor=cls.lead, text="We look into it")
            tickets.change_ticket(
                ticket=cls.ticket, actor=cls.lead, subject="Late again", urgency=3, owner=cls.lead
            )

    def ticket_form(self, **changed):
        read = {"subject": "Late", "description": "", "urgency": 1, "impact": 2, "owner": self.alice.pk}
        return {**read, "version": 1, **changed}

    def test_the_ticket_as_it_was_theirs_and_mine(self):
        client, edit = self.sign_in(self.alice), reverse("feedback:edit-ticket", args=[self.ticket.pk])
        self.assertContains(client.get(edit), 'name="version" value="3"')
        refused = client.post(edit, self.ticket_form(urgency=2, impact=3))
        for cell in ("<td>Low</td>", "<td>High</td>", "<td>Medium</td>", "Keep mine"):
            self.assertContains(refused, cell, count=1, status_code=422)
        # What only the other changed is no question, and stays.
        self.assertNotContains(refused, "Late again</td>", status_code=422)
        kept = client.post(edit, self.ticket_form(urgency=2, impact=3, version=3))
        self.assertEqual(kept.status_code, 204)
        with self.inside():
            found = Ticket.objects.get()
        self.assertEqual((found.urgency, found.impact, found.priority), (2, 3, 3))

    def test_what_the_other_left_alone_is_saved_beside(self):
        edit = reverse("feedback:edit-ticket", args=[self.ticket.pk])
        saved = self.sign_in(self.alice).post(edit, self.ticket_form(description="Since May"))
        self.assertEqual(saved.status_code, 204)
        with self.inside():
            found = Ticket.objects.get()
        self.assertEqual(
            (found.subject, found.urgency, found.description, found.owner_id),
            ("Late again", 3, "Since May", self.lead.pk),
        )

    def test_feedback_too(self):
        with self.inside():
            change_feedback(feedback=self.said, actor=self.admin, topic="Axles")
        sort = reverse("feedback:sort", args=[self.said.pk])
        form = {"type": "problem", "topic": "Tyres", "sentiment": "negative", "version": 1}
        refused = self.sign_in(self.alice).post(sort, form)
        for cell in ("<td>Wheels</td>", "<td>Axles</td>", "<td>Tyres</td>"):
            self.assertContains(refused, cell, count=1, status_code=422)
        self.assertEqual(self.client.post(sort, form | {"topic": "Wheels"}).status_code, 204)
        with self.inside():
            found = Feedback.objects.get()
        self.assertEqual((found.topic, found.sentiment), ("Axles", "negative"))

    def test_programs_by_the_tag_they_read(self):
        key, path = self.key_of(self.alice), f"tickets/{self.ticket.pk}"
        tag = {"If-Match": self.call("GET", path, key=key)["ETag"]}
        for subject, status in (("First", 200), ("Second", 412)):
            changed = self.call("PATCH", path, {"subject": subject}, key=key, **tag)
            self.assertEqual(changed.status_code, status)
        resolved = self.call("POST", f"{path}/resolve", {"resolution": "x"}, key=key, **tag)
        self.assertEqual(resolved.status_code, 412)
        with self.inside():
            found = Ticket.objects.get()
        self.assertEqual((found.subject, found.resolved_at), ("First", None))
