from datetime import timedelta

from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from crm.models import Delivery
from crm.tenancy import tokens
from customers.models import CustomerStats
from feedback.errors import AlreadyAnswered, NobodyToAsk, SurveyHasAnswers
from feedback.models import Feedback, SurveyInvitation, SurveyResponse
from feedback.selectors import surveys as selectors
from feedback.services import surveys
from tests import factories as make
from tests.cases import BrowserTestCase, TenantTestCase
from tests.sent import sent_of


def send(case, survey):
    return surveys.send_survey(survey=survey, tenant=case.acme, actor=case.lead)


class Sending(TenantTestCase):
    def test_everyone_with_an_address_is_asked_once(self):
        known = make.customer(email="a@example.com")
        through = make.customer(email="")
        make.contact(customer=through, email="boss@example.com", primary=True)
        make.customer(email="")
        survey = make.survey()
        self.assertEqual(send(self, survey), 2)
        addresses = dict(SurveyInvitation.objects.values_list("customer", "email"))
        self.assertEqual(addresses, {known.pk: "a@example.com", through.pk: "boss@example.com"})
        self.assertEqual(Delivery.objects.filter(kind="email").count(), 2)
        with self.assertRaises(NobodyToAsk):
            send(self, survey)

    def test_who_was_asked_this_month_is_left_alone(self):
        make.customer(email="a@example.com")
        send(self, make.survey())
        with self.assertRaises(NobodyToAsk):
            send(self, make.survey(name="Another"))
        SurveyInvitation.objects.update(created_at=timezone.now() - timedelta(days=31))
        self.assertEqual(send(self, make.survey(name="Later")), 1)


class Answering(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.customer = make.customer(email="a@example.com", owner=self.alice)
        self.survey = make.survey()
        send(self, self.survey)
        self.survey.refresh_from_db()
        self.invitation = SurveyInvitation.objects.select_related("survey", "customer__owner").get()
        self.csat, self.nps, self.text = self.survey.questions.all()

    def test_scores_are_kept_and_handed_down(self):
        answers = {self.csat.pk: 5, self.nps.pk: 9, self.text.pk: "Go on"}
        response = surveys.answer_survey(invitation=self.invitation, answers=answers)
        self.assertEqual((response.csat, response.nps, response.comment), (100, 9, "Go on"))
        self.assertEqual(CustomerStats.objects.get(customer=self.customer).satisfaction, 100)
        self.assertFalse(Feedback.objects.exists())

    def test_a_second_answer_is_refused(self):
        surveys.answer_survey(invitation=self.invitation, answers={self.csat.pk: 5})
        with self.assertRaises(AlreadyAnswered):
            surveys.answer_survey(invitation=self.invitation, answers={self.csat.pk: 1})
        self.assertEqual(SurveyResponse.objects.get().csat, 100)

    def test_a_bad_experience_becomes_feedback_for_the_owner(self):
        surveys.answer_survey(invitation=self.invitation, answers={self.csat.pk: 2, self.text.pk: "Too slow"})
        feedback = Feedback.objects.get()
        self.assertEqual(
            (feedback.text, feedback.sentiment, feedback.assigned_to), ("Too slow", "negative", self.alice)
        )

    def test_questions_that_were_answered_stay(self):
        surveys.answer_survey(invitation=self.invitation, answers={self.csat.pk: 5})
        with self.assertRaises(SurveyHasAnswers):
            surveys.save_survey(
                survey=self.survey, actor=self.lead, questions=[surveys.Question("nps", "New?")]
            )


class Links(BrowserTestCase):
    def setUp(self):
        with self.inside():
            make.customer(email="a@example.com")
            self.survey = make.survey()
            surveys.send_survey(survey=self.survey, tenant=self.acme, actor=self.lead)
            invitation = SurveyInvitation.objects.get()
            self.path = surveys.path_of(invitation)
            self.csat = self.survey.questions.first()

    def test_a_customer_answers_without_signing_in(self):
        page = self.client.get(self.path)
        self.assertContains(page, "How content?")
        self.assertContains(page, "1 is the worst, 5 the best", count=1)
        self.assertContains(page, "0: not at all likely, 10: very likely", count=1)
        refused = self.client.post(self.path, {})
        self.assertEqual(refused.status_code, 422)
        self.assertEqual(self.client.post(self.path, {str(self.csat.pk): "4"}).status_code, 200)
        self.assertEqual(self.client.get(self.path).status_code, 409)
        with self.inside():
            self.assertEqual(SurveyResponse.objects.get().csat, 75)

    def test_nothing_answered_is_no_answer_and_the_link_stays_good(self):
        with self.inside():
            self.survey.questions.update(required=False)
        nothing = self.client.post(self.path, {str(self.csat.pk): ""})
        self.assertContains(nothing, "Answer at least one question.", status_code=422)
        with self.inside():
            self.assertFalse(SurveyResponse.objects.exists())
        self.assertEqual(self.client.post(self.path, {str(self.csat.pk): "4"}).status_code, 200)

    def test_a_link_of_another_company_or_a_made_up_one_is_unknown(self):
        secret = self.path.strip("/").split("_", 1)[1]
        foreign = tokens.Token(self.other.pk, secret).text("")
        for token in (foreign, foreign[:40], "nonsense"):
            page = self.client.get(f"/s/{token}/")
            self.assertContains(page, "This link leads nowhere", status_code=404)
            self.assertNotContains(page, "To Today", status_code=404)


class Figures(SimpleTestCase):
    def test_small_groups_are_not_shown(self):
        self.assertIsNone(selectors.nps_estimate(2, 1, 4))
        self.assertIsNone(selectors.mean_estimate(80.0, 10.0, 4))

    def test_the_interval_of_nps_is_that_of_two_shares(self):
        found = selectors.nps_estimate(50, 20, 100)
        self.assertEqual((found.value, round(found.low, 2), round(found.high, 2)), (30.0, 14.69, 45.31))

    @given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
    def test_the_interval_holds_the_value(self, promoters, passives, detractors):
        n = promoters + passives + detractors
        found = selectors.nps_estimate(promoters, detractors, n)
        if n >= 5:
            self.assertTrue(-100 <= found.low <= found.value <= found.high <= 100)


class ResultsPage(BrowserTestCase):
    def test_results_are_shown_with_their_interval(self):
        with self.inside():
            survey = make.survey()
            for n in range(6):
                make.customer(email=f"c{n}@example.com")
            surveys.send_survey(survey=survey, tenant=self.acme, actor=self.lead)
            csat = survey.questions.first()
            for n, invitation in enumerate(
                SurveyInvitation.objects.select_related("survey", "customer__owner")
            ):
                surveys.answer_survey(invitation=invitation, answers={csat.pk: 4 + n % 2})
            results = selectors.results_of(survey)
            self.assertEqual((results.answered, results.csat.n, results.csat.value), (6, 6, 88.0 - 0.5))
            self.assertEqual(results.questions[0].counts, [(1, 0), (2, 0), (3, 0), (4, 3), (5, 3)])
        page = self.sign_in(self.lead).get(f"/surveys/{survey.pk}/")
        self.assertContains(page, "from 6 answers")

    def test_a_form_that_does_not_say_what_it_read_overwrites_nothing(self):
        with self.inside():
            survey = make.survey()
        edit = reverse("feedback:edit-survey", args=[survey.pk])
        answer = self.sign_in(self.lead).post(edit, {"name": "Mine", "title": "Mine", "text_1": "So?"})
        self.assertContains(answer, "which version of the record it changes", status_code=422)

    def test_two_who_change_its_questions_see_both_and_decide(self):
        with self.inside():
            survey = make.survey()
        edit = reverse("feedback:edit-survey", args=[survey.pk])
        client = self.sign_in(self.lead)
        opened = sent_of(client.get(edit).content.decode())
        asked = [surveys.Question("csat", "How quick?", "speed", True)]
        with self.inside():
            surveys.save_survey(survey=survey, actor=self.admin, questions=asked, thanks="Bye")
        late = client.post(edit, opened | {"text_1": "How kind?", "title": "Mine"})
        (clash,) = late.context["clashes"]
        self.assertEqual((late.status_code, clash.label), (422, "Questions"))
        self.assertEqual(
            clash.theirs, "1. How quick? (Satisfied with (1–5), Response speed, must be answered)"
        )
        before = clash.before.splitlines()
        self.assertEqual(before[0], "1. How content? (Satisfied with (1–5), Overall, must be answered)")
        self.assertEqual(before[1:], clash.mine.splitlines()[1:])
        self.assertIn("How kind?", clash.mine)
        self.assertContains(late, f"{before[0]}<br>{before[1]}", status_code=422)
        self.assertEqual(client.post(edit, sent_of(late.content.decode())).status_code, 204)
        with self.inside():
            survey.refresh_from_db()
            self.assertEqual((survey.title, survey.thanks), ("Mine", "Bye"))
            self.assertEqual([one.text for one in survey.questions.all()],
                             ["How kind?", "Recommend?", "What else?"])  # fmt: skip

    def test_questions_that_only_one_changed_do_not_clash(self):
        with self.inside():
            survey = make.survey()
        edit = reverse("feedback:edit-survey", args=[survey.pk])
        client = self.sign_in(self.lead)
        opened = sent_of(client.get(edit).content.decode())
        asked = [surveys.Question("nps", "Recommend?")]
        with self.inside():
            surveys.save_survey(survey=survey, actor=self.admin, questions=asked)
        self.assertEqual(client.post(edit, opened | {"title": "Mine"}).status_code, 204)
        with self.inside():
            survey.refresh_from_db()
            self.assertEqual((survey.title, survey.questions.get().text), ("Mine", "Recommend?"))

    def test_without_a_segment_it_says_what_to_do_next(self):
        with self.inside():
            survey = make.survey(segment=None)
        page = self.sign_in(self.admin).get(reverse("feedback:survey", args=[survey.pk]))
        self.assertContains(page, "Nobody is chosen yet.")
        edit = reverse("feedback:edit-survey", args=[survey.pk])
        self.assertContains(page, f'hx-get="{edit}"', count=2)
