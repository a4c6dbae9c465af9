from datetime import timedelta
from unittest import mock
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from crm.tenancy.context import within_request
from customers.inbound.bounces import Failure, Report
from customers.models import Confirmation, CustomerStats, FollowUp, Import, MailBounce
from customers.selectors import upkeep as selectors
from customers.services import bounces, upkeep
from customers.services.bulk.deeds import Deed, apply
from customers.services.bulk.undoing import changes_of
from customers.services.bulk.undoing import undo as take_back_changes
from customers.services.contacts import create_contact
from customers.services.customers import create_customer, update_customer
from customers.services.imports.undoing import undo
from customers.services.interactions import log_interaction
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase
from tests.customers.test_imports import ImportTestCase

GOOD = {"phone": "+44 20 7946 0018", "industry": "Ships", "size": "10-49", "city": "Hull"}


class Listed(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.now = timezone.now()
        long_ago = self.now - timedelta(days=400)
        self.fresh = self.customer("Fresh", 900)
        self.bounced = self.customer("Bounced", 100)
        self.stale = self.customer("Stale", 300, created_at=long_ago)
        self.bare = create_customer(actor=None, name="Bare", owner=self.lead)
        self.figures(self.bare, 200)
        failure = Failure(self.bounced.email, "5.1.1", "no such user")
        bounces.take_report(Report([failure], make.delivery(failure.address).pk, "one"))

    def customer(self, name, spend, **fields):
        made = create_customer(
            actor=None, name=name, email=f"{name.lower()}@example.com", owner=self.alice, **GOOD, **fields
        )
        self.figures(made, spend)
        return made

    def figures(self, customer, spend):
        CustomerStats.objects.filter(customer=customer).update(spend=spend)

    def names(self, member=None, **asked):
        page = selectors.upkeep_page(member or self.admin, at=self.now, **asked)
        return [item.customer.name for item in page.items]

    def test_bouncing_first_then_by_value_each_with_its_reasons(self):
        page = selectors.upkeep_page(self.admin, at=self.now)
        told = [(i.customer.name, len(i.bounced), i.stale, bool(i.gaps)) for i in page.items]
        self.assertEqual(
            told,
            [
                ("Bounced", 1, False, False),
                ("Stale", 0, True, False),
                ("Bare", 0, False, True),
            ],
        )
        self.assertEqual(page.next, "")
        for reason, names in (("bouncing", ["Bounced"]), ("stale", ["Stale"]), ("incomplete", ["Bare"])):
            self.assertEqual(self.names(reason=reason), names)

    def test_a_member_finds_only_what_the_member_may_see(self):
        self.alice.visibility = "own"
        self.assertEqual(self.names(self.alice), ["Bounced", "Stale"])

    def test_pages_hold_each_once_however_little_is_looked_at(self):
        for look in ((1, 1), (2, 2), (50,)):
            with mock.patch.object(selectors, "LOOKS", look):
                found, cursor = [], ""
                for _page in range(9):
                    page = selectors.upkeep_page(self.admin, at=self.now, cursor=cursor, size=1)
                    found += [item.customer.name for item in page.items]
                    if not (cursor := page.next):
                        break
            self.assertEqual((found, cursor), (["Bounced", "Stale", "Bare"], ""))

    def test_a_word_or_a_contact_or_a_change_makes_it_fresh(self):
        word = upkeep.confirm(customer=self.stale, actor=self.alice)
        upkeep.confirm(customer=self.bare, actor=self.alice)
        upkeep.confirm(customer=self.bounced, actor=self.alice)
        self.assertEqual(self.names(), [])
        upkeep.take_back(confirmation=word, actor=self.alice)
        self.assertEqual(self.names(), ["Stale"])
        update_customer(customer=self.stale, actor=self.alice, notes="Likes tea")
        self.assertEqual(self.names(), ["Stale"])
        update_customer(customer=self.stale, actor=self.alice, city="York")
        self.assertEqual(self.names(), [])
        Confirmation.objects.all().delete()
        log_interaction(customer=self.stale, actor=self.alice, kind="call")
        self.assertEqual(self.names(reason="stale"), [])

    def test_the_company_says_when(self):
        upkeep.set_policy(months=14, quality=0, actor=self.admin)
        self.assertEqual(self.names(), ["Bounced"])


class ChangedTogether(ImportTestCase):
    """A file and an edit of many confirm what they change, and no longer once they are undone."""

    def setUp(self):
        super().setUp()
        self.old = create_customer(
            actor=None, name="Old", external_id="1", email="old@example.com", city="Hull", owner=self.alice
        )
        self.same = create_customer(actor=None, name="Same", external_id="2", phone="+442079460018")

    def confirmed(self):
        words = Confirmation.objects.filter(changed=True).order_by("customer__name")
        return list(words.values_list("customer__name", flat=True))

    def test_a_file(self):
        self.bring("external_id,email,phone,industry\n1,new@example.com,,Law\n2,,+442079460018,Law\n")
        self.assertEqual(self.confirmed(), ["Old"])
        undo(import_=Import.objects.get(), actor=self.admin)
        self.assertEqual(self.confirmed(), [])
        self.bring("external_id,industry\n1,Ships\n")
        self.assertEqual(self.confirmed(), [])

    def test_a_file_of_contacts(self):
        create_contact(customer=self.same, actor=None, name="Mo", email="mo@example.com")
        Confirmation.objects.all().delete()
        self.bring("customer_id,name,email,phone\n2,Mo,mo@example.com,+442079460019\n", "contacts")
        self.assertEqual(self.confirmed(), ["Same"])

    def test_an_edit_of_many(self):
        ids, request = [self.old.pk, self.same.pk], uuid4()
        with within_request(request):
            apply(deed=Deed("edit", {"industry": "Law"}), ids=ids, actor=self.admin)
            self.assertEqual(self.confirmed(), [])
            apply(deed=Deed("edit", {"city": "Hull"}), ids=ids, actor=self.admin)
        self.assertEqual(self.confirmed(), ["Same"])
        entries = changes_of(request).values_list("pk", "subject_id")
        take_back_changes(entries=list(entries), request_id=request, actor=self.admin)
        self.assertEqual(self.confirmed(), [])


class Page(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.harbour = create_customer(
                actor=None, name="Harbour", email="lei@harbour.example", owner=self.lead
            )
            failure = Failure("lei@harbour.example", "5.1.1", "no such user")
            bounces.take_report(Report([failure], make.delivery(failure.address).pk, "one"))
        self.sign_in(self.admin)

    def shown(self):
        return self.client.get(reverse("customers:upkeep")).content.decode()

    def undo_of(self, response):
        self.assertEqual(response.status_code, 204)
        return response.headers["HX-Trigger"].split('"undo_url": "')[1].split('"')[0]

    def test_still_right_is_said_by_somebody_and_taken_back(self):
        self.assertIn("the mailbox does not exist", self.shown())
        undo = self.undo_of(self.client.post(reverse("customers:confirm", args=[self.harbour.pk])))
        with self.inside():
            self.assertEqual(Confirmation.objects.get().by, self.admin)
        self.assertNotIn("Harbour", self.shown())
        self.sign_in(self.lead)
        self.assertEqual(self.client.post(undo).status_code, 404)
        self.sign_in(self.admin)
        self.client.post(undo)
        self.assertIn("the mailbox does not exist", self.shown())

    def test_many_are_confirmed_at_once_and_that_is_taken_back_together(self):
        with self.inside():
            made = [create_customer(actor=None, name=f"C{n}", owner=self.alice).pk for n in range(3)]
        ids = [*made, self.harbour.pk, uuid4()]
        undo = self.undo_of(self.client.post(reverse("customers:confirm-many"), {"ids": ids}))
        with self.inside():
            self.assertEqual(Confirmation.objects.filter(by=self.admin).count(), 4)
            self.assertFalse(MailBounce.objects.standing().exists())
        self.sign_in(self.lead)
        self.assertEqual(self.client.post(undo).status_code, 404)
        self.sign_in(self.admin)
        self.assertEqual(self.client.post(undo).status_code, 204)
        with self.inside():
            self.assertFalse(Confirmation.objects.exists())
            self.assertTrue(MailBounce.objects.standing().exists())

    def test_the_owner_is_asked_once_and_the_asking_taken_back(self):
        for _twice in range(2):
            undo = self.undo_of(self.client.post(reverse("customers:ask-owner", args=[self.harbour.pk])))
        with self.inside():
            (promised,) = FollowUp.objects.all()
            self.assertEqual((promised.owner, promised.origin), (self.lead, "upkeep"))
            self.assertIn("the mailbox does not exist", promised.reason)
        self.client.post(undo)
        with self.inside():
            self.assertFalse(FollowUp.objects.exists())
            self.assertIsNone(CustomerStats.objects.get(customer=self.harbour).next_follow_up_at)

    def test_today_tells_the_owner(self):
        for member, told in ((self.lead, True), (self.admin, False)):
            self.sign_in(member)
            page = self.client.get("/").content.decode()
            self.assertEqual("Mail to 1 of your customers comes back" in page, told)

    def test_who_may_not_see_addresses_sees_masks_and_no_deeds(self):
        self.sign_in(self.reader)
        with self.inside():
            self.reader.visibility = "all"
            self.reader.save()
        page = self.shown()
        self.assertIn("l•••@•••", page)
        self.assertNotIn("harbour.example", page)
        self.assertNotIn("Still right", page)
        with self.inside():
            self.assertTrue(MailBounce.objects.standing().exists())


class Program(ApiTestCase):
    def post(self, path):
        return self.call("POST", path, {}, key=self.key)

    def results(self, path):
        return self.call("GET", path, key=self.key).json()["results"]

    def test_asks_who_needs_somebody_and_says_that_it_is_right(self):
        with self.inside():
            harbour = create_customer(actor=None, name="Harbour", email="lei@harbour.example")
            failure = Failure("lei@harbour.example", "5.1.1", "no")
            bounces.take_report(Report([failure], make.delivery(failure.address).pk, "one"))
        self.key = self.key_of(self.admin)
        (asked,) = self.results("customers?upkeep=bouncing")
        self.assertEqual(asked["id"], str(harbour.pk))
        (bounce,) = self.results("bounces?marks=true&cleared_at__isnull=true")
        self.assertEqual((bounce["email"], bounce["status"]), ("lei@harbour.example", "5.1.1"))
        self.assertEqual(self.post(f"customers/{harbour.pk}/confirm").status_code, 200)
        self.assertEqual(self.results("customers?upkeep=any"), [])
        self.assertEqual(self.post(f"bounces/{bounce['id']}/clear").status_code, 409)
        self.assertEqual(self.post(f"customers/{harbour.pk}/unconfirm").status_code, 204)
        self.assertEqual(len(self.results("customers?upkeep=bouncing")), 1)
