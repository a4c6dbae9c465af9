"""Words about consent: added, never changed; the newest counts, and surveys respect it."""

from datetime import timedelta

from django.core import mail
from django.urls import reverse
from django.utils import timezone

from crm.channels import Refused
from crm.errors import DomainError
from crm.mailing import letter
from crm.models import Delivery
from customers.models import Consent
from customers.selectors.consents import consents_of, refused
from customers.services.consents import record_consent
from feedback.errors import NobodyToAsk
from feedback.models import SurveyInvitation
from feedback.services import surveys
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase

BY_MAIL = {"channel": "email", "purpose": "surveys"}


class Words(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.customer = make.customer(email="wu@example.com")

    def say(self, given, *, ago=0, **more):
        at = timezone.now() - timedelta(days=ago)
        given = {"given": given, "at": at, "proof": "Box ticked", "actor": self.alice, **BY_MAIL, **more}
        return record_consent(customer=self.customer, **given)

    def test_the_newest_word_counts_whenever_it_was_written_down(self):
        self.say(True, ago=1)
        self.say(False, ago=5)
        self.assertEqual(refused(**BY_MAIL), (set(), set()))
        self.say(False)
        self.assertEqual(refused(**BY_MAIL), ({self.customer.pk}, set()))
        self.assertEqual([w.stands for w in consents_of(self.customer)], [True, False, False])

    def test_a_consent_needs_its_proof_and_no_one_speaks_from_the_future(self):
        with self.assertRaises(DomainError):
            self.say(True, proof=" ")
        with self.assertRaises(DomainError):
            self.say(False, ago=-1)
        with self.assertRaises(DomainError):
            self.say(False, contact=make.contact())
        self.assertEqual(Consent.objects.count(), 0)

    def test_who_refused_is_not_asked(self):
        contact = make.contact(customer=self.customer, email="jo@example.com")
        self.say(False, contact=contact)
        with self.assertRaises(NobodyToAsk):
            surveys.send_survey(survey=make.survey(), tenant=self.acme, actor=self.lead)
        self.say(True, contact=contact)
        self.assertEqual(surveys.send_survey(survey=make.survey(), tenant=self.acme, actor=self.lead), 1)

    def test_a_mail_that_still_waits_when_it_is_refused_or_its_survey_closed_is_not_sent(self):
        contact = make.contact(customer=self.customer, email="jo@example.com")
        survey = make.survey()
        surveys.send_survey(survey=survey, tenant=self.acme, actor=self.lead)
        waiting = Delivery.objects.get(kind="email")
        self.say(False, contact=make.contact(customer=self.customer, email="another@example.com"))
        self.assertEqual(letter(waiting).to, ["jo@example.com"])
        self.say(False, contact=contact)
        with self.assertRaisesMessage(Refused, "took back the consent"):
            letter(waiting)
        self.say(True, contact=contact)
        self.assertEqual(letter(waiting).to, ["jo@example.com"])
        surveys.close_survey(survey=survey, actor=self.lead)
        with self.assertRaisesMessage(Refused, "closed before"):
            letter(waiting)

    def test_how_many_were_not_asked_since_they_refused_is_told(self):
        contact = make.contact(customer=make.customer(email="ann@example.com"), email="jo@example.com")
        self.say(False)
        record_consent(
            customer=contact.customer, contact=contact, given=False, proof="", actor=self.alice, **BY_MAIL
        )
        survey = make.survey()
        with self.assertRaises(NobodyToAsk):
            surveys.send_survey(survey=survey, tenant=self.acme, actor=self.lead)
        self.assertEqual(surveys.unwilling(survey), 2)
        self.say(True)
        surveys.send_survey(survey=survey, tenant=self.acme, actor=self.lead)
        self.assertEqual(surveys.unwilling(survey), 1)


class Outside(ApiTestCase, BrowserTestCase):
    def setUp(self):
        with self.inside():
            self.customer = make.customer(email="wu@example.com", name="Wu")

    def test_the_link_in_the_mail_refuses_once_it_is_meant(self):
        with self.inside():
            surveys.send_survey(survey=make.survey(), tenant=self.acme, actor=self.lead)
            message = letter(Delivery.objects.get(kind="email"))
            link = surveys.path_of(SurveyInvitation.objects.get()) + "stop/"
        self.assertIn(link, message.body)
        self.assertIn(link, message.extra_headers["List-Unsubscribe"])
        self.assertEqual(self.client.get(link).status_code, 200)
        with self.inside():
            self.assertEqual(Consent.objects.count(), 0)
        for _twice in range(2):
            self.assertContains(self.client.post(link), "no more surveys")
        with self.inside():
            word = Consent.objects.get()
            self.assertEqual((word.given, word.source, word.author), (False, "person", None))
            self.assertEqual(refused(**BY_MAIL), ({self.customer.pk}, set()))
        self.assertEqual(mail.outbox, [])

    def test_a_link_of_another_language_is_noted_in_the_companys(self):
        with self.inside():
            survey = make.survey(language="zh-hans")
            surveys.send_survey(survey=survey, tenant=self.acme, actor=self.lead)
            link = surveys.path_of(SurveyInvitation.objects.get()) + "stop/"
        self.assertContains(self.client.post(link), 'lang="zh-hans"')
        with self.inside():
            self.assertEqual(
                Consent.objects.get().proof, "Asked for by the link in the mail of “How are we doing?”."
            )

    def test_the_page_tells_who_is_not_asked_and_why(self):
        with self.inside():
            make.customer(email="ann@example.com")
            record_consent(customer=self.customer, given=False, actor=self.alice, **BY_MAIL)
            survey = make.survey()
        self.sign_in(self.lead)
        self.assertContains(self.client.get(f"/surveys/{survey.pk}/"), "who want no surveys")
        answer = self.client.post(reverse("feedback:send-survey", args=[survey.pk]))
        drawn = self.client.get(answer.headers["HX-Redirect"])
        self.assertContains(drawn, "1 customer is asked. 1 is not: it wants no surveys.")
        self.assertContains(drawn, "Close survey")

    def test_on_the_record_and_over_the_api(self):
        self.sign_in(self.alice)
        url = reverse("customers:consent", args=[self.customer.pk])
        given = {"given": "yes", **BY_MAIL, "at": "2026-01-02T10:00", "proof": ""}
        self.assertContains(self.client.post(url, given), "what shows it", status_code=422)
        self.assertEqual(self.client.post(url, {**given, "proof": "Signed form"}).status_code, 204)
        beside = self.client.get(reverse("customers:beside", args=[self.customer.pk]))
        self.assertContains(beside, "Surveys · E-mail")
        key = self.key_of(self.alice)
        body = {"customer": str(self.customer.pk), "given": False, **BY_MAIL}
        answer = self.call("post", "consents", body, key=key)
        self.assertEqual((answer.status_code, answer.json()["source"]), (201, "api"))
        words = self.call("get", f"consents?customer={self.customer.pk}", key=key).json()["results"]
        self.assertEqual([word["given"] for word in words], [False, True])
        self.assertEqual(self.call("post", "consents", body, key=self.key_of(self.reader)).status_code, 403)

    def test_withdrawn_over_the_api_it_is_one_more_word(self):
        key = self.key_of(self.alice)
        body = {"customer": str(self.customer.pk), "given": True, "proof": "Signed", **BY_MAIL}
        word = self.call("post", "consents", body, key=key).json()
        back = self.call("post", f"consents/{word['id']}/withdraw", {"proof": "Called us"}, key=key)
        self.assertEqual(
            (back.status_code, back.json()["given"], back.json()["proof"]), (201, False, "Called us")
        )
        with self.inside():
            self.assertEqual(refused(**BY_MAIL), ({self.customer.pk}, set()))
        unseen = self.call("post", f"consents/{word['id']}/withdraw", {}, key=self.key_of(self.mallory))
        self.assertEqual(unseen.status_code, 404)
