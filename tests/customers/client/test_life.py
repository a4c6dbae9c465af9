"""The whole life of a customer through a client that was generated from the description, in its types alone."""

import os
import re
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import httpx
from django.test import override_settings
from django.utils import timezone

from crm.services import jobs
from crm.wsgi import application
from feedback.models import SurveyInvitation
from feedback.services import surveys
from retention.services.scoring import score
from segmentation.services.classify import classify
from tests import factories as make
from tests.cases import WsgiTestCase
from tests.customers.client.generated import PACKAGE, Api, generate

DAY = timezone.localdate()
NEXT = DAY.year + 1
BIG_SPENDERS = [[{"field": "spend", "op": "gte", "value": 10_000}]]


@override_settings(API_CALLS_PER_MINUTE=1_000_000)
class Life(WsgiTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))

    def setUp(self):
        super().setUp()
        self.enterContext(override_settings(MEDIA_ROOT=self.folder / "media"))
        with self.inside():
            self.field = make.custom_field("choice", "tier", choices=["gold", "silver"])
            make.custom_field("number", "size", required=True, default="1")
            make.customer_class("big", BIG_SPENDERS, 1)
            make.customer_class("rest", [], 2)
        key = self.key_of(self.admin)
        with self.browser(Authorization=f"Bearer {key}") as browser:
            description = browser.get("/api/schema/").content
        self.said = generate(description, self.folder)
        sys.path.insert(0, os.fspath(self.folder))
        self.addCleanup(sys.path.remove, os.fspath(self.folder))
        self.addCleanup(self._forget)
        self.api = Api(key)
        self.types = self.api.models

    def _forget(self):
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]

    def test_from_the_first_word_to_the_last(self):
        self.assertNotIn("arning", self.said)
        customer = self.lead_becomes_a_customer()
        self.words_and_promises(customer)
        self.buys_and_signs(customer)
        self.complains_and_answers(customer)
        self.is_judged(customer)
        survivor = self.many_and_merged(customer)
        self.leaves_as_a_file(survivor)
        self.is_remembered(survivor)
        self.goes_and_comes_back(survivor)

    def lead_becomes_a_customer(self):
        api, types = self.api.customers, self.types
        lead = types.CustomerRequest(name="Harbour Ltd", email="post@harbour.example", owner=self.alice.pk)
        made = api.create(body=lead, status=201)
        self.assertEqual((made.kind, made.version), (types.CustomerKindEnum.COMPANY, 1))
        refused = api.create(body=lead, status=409)
        self.assertEqual(refused.code, "likely_duplicate")
        [candidate] = refused.candidates
        self.assertEqual((candidate.id, candidate.level), (made.id, types.LevelEnum.CERTAIN))
        self.twin = api.create(body=lead, allow_duplicates=True, status=201)
        tier = types.PatchedCustomerRequestCustom(tier=types.PatchedCustomerRequestCustomTierType0.GOLD)
        changed = api.partial_update(
            str(made.id), body=types.PatchedCustomerRequest(city="Bristol", custom=tier), if_match='"1"'
        )
        self.assertEqual((changed.custom.tier, changed.version), ("gold", 2))
        stale = types.PatchedCustomerRequest(city="Bath")
        self.assertEqual(
            api.partial_update(str(made.id), body=stale, if_match='"1"', status=412).code, "stale"
        )
        gold = api.list(custom_tier=types.CustomersListCustomTier.GOLD, count=True)
        self.assertEqual(([one.id for one in gold.results], gold.count), ([made.id], 1))
        return made

    def words_and_promises(self, customer):
        api, types = self.api, self.types
        ann = types.ContactRequest(customer=customer.id, name="Ann Berg", email="ann@harbour.example")
        self.ann = api.contacts.create(body=ann, status=201)
        consent = types.ConsentRequest(
            customer=customer.id,
            contact=self.ann.id,
            channel=types.ConsentChannelEnum.EMAIL,
            purpose=types.PurposeEnum.SURVEYS,
            given=True,
            proof="Signed at the fair",
        )
        self.assertEqual(api.consents.create(body=consent, status=201).source, types.SourceEnum.API)
        call = types.InteractionRequest(
            customer=customer.id,
            contact=self.ann.id,
            kind=types.InteractionKindEnum.CALL,
            text="Wants an offer",
        )
        self.assertEqual(api.interactions.create(body=call, status=201).author, self.admin.pk)
        promise = types.FollowUpRequest(
            customer=customer.id,
            owner=self.alice.pk,
            subject="Send the offer",
            due_at=timezone.now() + timedelta(7),
        )
        promised = api.follow_ups.create(body=promise, status=201)
        kept = api.follow_ups.complete(str(promised.id), body=types.CompletionRequest(result="Sent"))
        self.assertEqual((kept.outcome, kept.result), (types.OutcomeEnum.DONE, "Sent"))
        again = api.follow_ups.complete(str(promised.id), body=types.CompletionRequest(), status=409)
        self.assertEqual(again.code, "follow_up_closed")

    def buys_and_signs(self, customer):
        api, types = self.api, self.types
        product = api.products.create(body=types.ProductRequest(code="S-1", name="Service"), status=201)
        lines = [
            types.PurchaseLineRequest(product=product.id, quantity="2", unit_price="60.00"),
            types.PurchaseLineRequest(description="Travel", quantity="1", unit_price="10.50"),
        ]
        order = types.PurchaseRequest(
            customer=customer.id, order_no="O-1", purchased_at=timezone.now() - timedelta(200), lines=lines
        )
        bought = api.purchases.create(body=order, status=201)
        self.assertEqual((bought.amount, [line.amount for line in bought.lines]), (13_050, [12_000, 1_050]))
        back = api.purchases.take_back(str(bought.id), body=types.ReturnRequest(amount=1_050), status=201)
        self.assertEqual((back.return_of, back.amount), (bought.id, -1_050))
        terms = types.ContractRequest(
            customer=customer.id,
            title="Yearly service",
            starts_on=date(NEXT, 1, 1),
            ends_on=date(NEXT, 12, 31),
            renewal=types.RenewalEnum.AUTO,
            term_months=12,
            notice=3,
            value=120_000,
        )
        made = api.contracts.by_number("C-1", body=terms, status=201)
        self.assertEqual((made.notice_by, made.renews_on), (date(NEXT, 9, 30), date(NEXT + 1, 1, 1)))
        ended = api.contracts.notice(
            str(made.id),
            body=types.NoticeRequest(notice_from=types.NoticeFromEnum.CUSTOMER),
        )
        self.assertEqual((ended.ends_on, ended.renews_on), (date(NEXT, 12, 31), None))
        self.assertEqual(api.contracts.withdraw_notice(str(made.id)).renews_on, date(NEXT + 1, 1, 1))

    def complains_and_answers(self, customer):
        api, types = self.api, self.types
        said = types.FeedbackRequest(
            customer=customer.id, text="Late again", type_=types.TypeEnum.PROBLEM, open_ticket=True
        )
        feedback = api.feedback.create(body=said, status=201)
        [ticket] = api.tickets.list(customer=customer.id).results
        self.assertEqual((ticket.feedback, ticket.status), (feedback.id, types.TicketStatusEnum.OPEN))
        api.tickets.answer(str(ticket.id), body=types.TicketAnswerRequest(text="We are on it"))
        solved = types.TicketResolutionRequest(resolution="New carrier")
        self.assertEqual(
            api.tickets.resolve(str(ticket.id), body=solved).status, types.TicketStatusEnum.RESOLVED
        )
        with self.inside():
            survey = make.survey()
            surveys.send_survey(survey=survey, tenant=self.acme, actor=self.lead)
            path = surveys.path_of(SurveyInvitation.objects.get(customer=customer.id))
        [invited] = api.invitations.list(customer=customer.id).results
        self.assertIsNone(invited.answered_at)
        [first, *_others] = api.surveys.retrieve(str(survey.pk)).questions
        self.assertEqual(self.filled_in(path, {str(first.id): "4"}), 200)
        [answered] = api.responses.list(customer=customer.id).results
        self.assertEqual((answered.invitation, answered.csat), (invited.id, 75))

    def filled_in(self, path, answers):
        """The customer's own page, sent off as a browser does."""
        with self.browser() as browser:
            page = browser.get(path)
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
            return browser.post(path, data={"csrfmiddlewaretoken": token, **answers}).status_code

    def browser(self, **headers):
        transport = httpx.WSGITransport(app=application)
        return httpx.Client(transport=transport, base_url="http://testserver", headers=headers)

    def is_judged(self, customer):
        with self.inside():
            classify()
            score(as_of=DAY, horizon=90)
        standing = self.api.class_memberships.retrieve(str(customer.id))
        [why] = standing.why
        self.assertEqual(
            (why.field, why.op, why.threshold, why.value, why.met), ("spend", "gte", 10_000, 12_000, True)
        )
        self.assertEqual(self.api.classes.retrieve(str(standing.customer_class)).code, "big")
        [scored] = self.api.churn_scores.list(customer=customer.id).results
        self.assertEqual((scored.level, scored.probability), (0, None))
        self.assertIn("one_purchase", [reason.code for reason in scored.reasons])

    def many_and_merged(self, customer):
        api, types = self.api, self.types
        items = [
            types.CustomerItemRequest(external_id="E-1", name="Quay Ltd"),
            types.CustomerItemRequest(external_id="E-1", city="Leeds"),
            types.CustomerItemRequest(external_id="E-2"),
            types.CustomerItemRequest(name="Nameless"),
        ]
        by = types.CustomersBulkBy.EXTERNAL_ID
        told = api.customers.bulk(body=types.CustomerBulkRequest(items=items), by=by).results
        self.assertEqual([one.status for one in told], [201, 200, 400, 400])
        wrong = [list(one.error.errors.additional_properties) for one in told[2:]]
        self.assertEqual((told[0].id, wrong), (told[1].id, [["name"], ["external_id"]]))
        quay = api.customers.list(external_id_in=["E-1", "E-9"]).results
        self.assertEqual([(one.id, one.city) for one in quay], [(told[0].id, "Leeds")])
        job = api.duplicates.scan(status=202)
        jobs.run(tenant_id=self.acme.pk, job_id=job.id)
        [pair] = api.duplicates.list(status_in=[types.DuplicatesListStatusInItem.OPEN]).results
        self.assertEqual({pair.left, pair.right}, {customer.id, self.twin.id})
        merge = api.duplicates.merge_pair(str(pair.id), body=types.PairMergeRequest(survivor=customer.id))
        gone = api.customers.retrieve(str(self.twin.id), status=404)
        self.assertEqual((gone.code, gone.merged_into), ("merged", customer.id))
        undone = api.duplicates.unmerge(body=types.UnmergeRequest(merge=merge.id))
        self.assertEqual((undone.kept, undone.merged), ([], [self.twin.id]))
        self.assertEqual(api.customers.retrieve(str(self.twin.id)).name, "Harbour Ltd")
        return customer

    def leaves_as_a_file(self, customer):
        api, types = self.api, self.types
        ask = types.ExportRequest(list_=types.ExportListEnum.CUSTOMERS, ids=[customer.id])
        job = api.exports.create(body=ask, status=202)
        self.assertEqual(job.state, types.JobStateEnum.WAITING)
        api.exports.file(str(job.id), status=404)
        jobs.run(tenant_id=self.acme.pk, job_id=job.id)
        self.assertEqual(api.jobs.retrieve(str(job.id)).state, types.JobStateEnum.DONE)
        self.assertIn("Harbour Ltd", api.exports.file(str(job.id)).payload.read().decode("utf-8-sig"))

    def is_remembered(self, customer):
        api, types = self.api, self.types
        entries = api.audit.list(subject_id=customer.id, kind=types.AuditListKind.UPDATE).results
        first = next(entry for entry in entries if entry.after.additional_properties.get("city") == "Bristol")
        self.assertEqual(first.before["city"], "")
        body = types.RestoreValueRequest(entry=first.id, field="city")
        self.assertEqual(api.customers.restore_value(str(customer.id), body=body).city, "")
        then = api.customers.as_of(str(customer.id), at=first.at)
        self.assertEqual((then.existed, then.values["city"]), (True, "Bristol"))

    def goes_and_comes_back(self, customer):
        api = self.api.customers
        api.destroy(str(customer.id), status=204)
        self.assertEqual(api.retrieve(str(customer.id), status=404).code, "not_found")
        self.assertEqual(api.restore(str(customer.id)).custom.tier, "gold")
        self.assertEqual(api.restore(str(customer.id), status=409).code, "customer_not_deleted")
