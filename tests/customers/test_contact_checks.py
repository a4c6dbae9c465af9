from datetime import UTC, datetime, timedelta

from crm.models import Delivery, Notification
from customers.inbound.bounces import Failure, Report
from customers.models import CustomerStats, FollowUp, UpkeepPolicy
from customers.services import bounces, contact_checks, upkeep
from customers.services.contacts import create_contact
from customers.services.customers import create_customer, update_customer
from customers.services.follow_ups import complete_follow_up, skip_follow_up, withdraw_follow_up
from maintenance.services.reminders import remind
from tests import factories as make
from tests.cases import TenantTestCase

NIGHT = datetime(2026, 5, 14, 18, tzinfo=UTC)  # a Thursday


class Checks(TenantTestCase):
    def setUp(self):
        super().setUp()
        make.customer_class("key", [], 1)
        make.customer_class("general", [], 3)
        self.dana = self.customer("Dana Reed")

    def customer(self, name, code="key", **fields):
        email = f"{name.split()[0].lower()}@example.com"
        given = {"email": email, "owner": self.alice, "created_at": NIGHT} | fields
        made = create_customer(actor=None, name=name, **given)
        CustomerStats.objects.filter(customer=made).update(class_code=code)
        return made

    def bounce(self, address, name="one", at=NIGHT):
        report = Report([Failure(address, "5.1.1", "no")], make.delivery(address).pk, name)
        return bounces.take_report(report, at=at)[0]

    def night(self, days=0):
        return contact_checks.keep_checks(NIGHT + timedelta(days=days))

    def open_ones(self):
        told = FollowUp.objects.open().values_list("customer__name", "owner__display_name", "subject")
        return sorted(told)

    def test_the_owner_of_a_dear_customer_is_asked_once_for_a_bounce(self):
        self.customer("Gil General", code="general")
        for address in ("dana@example.com", "gil@example.com"):
            self.bounce(address, name=address)
        self.assertEqual([self.night(), self.night(), self.night(1)], [1, 0, 0])
        self.assertEqual(self.open_ones(), [("Dana Reed", "Alice", "Check the e-mail address of Dana Reed")])
        (promised,) = FollowUp.objects.all()
        self.assertEqual(promised.reason, "E-mail bounced 14 May 2026: the mailbox does not exist")
        self.assertEqual(
            (promised.due_at.isoformat(), promised.origin), ("2026-05-15T10:00:00+00:00", "upkeep")
        )
        self.assertEqual(CustomerStats.objects.get(customer=self.dana).next_follow_up_at, promised.due_at)

    def test_what_was_done_skipped_or_taken_back_is_not_asked_again_for_the_same_bounce(self):
        for number, end in enumerate(
            (
                lambda one: complete_follow_up(follow_up=one, actor=self.alice),
                lambda one: skip_follow_up(follow_up=one, because="No", actor=self.alice),
                lambda one: withdraw_follow_up(follow_up=one, actor=self.alice),
            )
        ):
            self.bounce("dana@example.com", name=str(number), at=NIGHT + timedelta(days=number))
            self.assertEqual(self.night(number), 1)
            end(FollowUp.objects.open().get())
            self.assertEqual(self.night(number), 0)

    def test_an_address_that_is_changed_or_works_or_is_confirmed_closes_it(self):
        for end in (
            lambda _bounce: update_customer(customer=self.dana, actor=self.alice, email="new@example.com"),
            lambda _bounce: upkeep.confirm(customer=self.dana, actor=self.alice),
            lambda bounce: bounces.clear_address(bounce=bounce, actor=self.alice),
        ):
            self.dana.refresh_from_db()
            bounce = self.bounce(self.dana.email, name=str(FollowUp.objects.count()))
            self.assertEqual(self.night(), 1)
            end(bounce)
            self.assertEqual(self.open_ones(), [])
        self.assertEqual({one.outcome for one in FollowUp.objects.all()}, {"skipped"})
        self.assertIsNone(CustomerStats.objects.get(customer=self.dana).next_follow_up_at)

    def test_a_word_taken_back_opens_what_it_closed_and_nothing_is_asked_twice(self):
        self.bounce("dana@example.com")
        self.night()
        said = upkeep.confirm(customer=self.dana, actor=self.alice)
        self.assertEqual(self.open_ones(), [])
        upkeep.take_back(confirmation=said, actor=self.alice)
        (promised,) = FollowUp.objects.open()
        self.assertEqual((promised.outcome, promised.result), ("", ""))
        self.assertEqual(CustomerStats.objects.get(customer=self.dana).next_follow_up_at, promised.due_at)
        complete_follow_up(follow_up=promised, actor=self.alice)
        self.assertEqual(self.night(1), 0)

    def test_a_first_contact_is_named_and_who_has_no_owner_is_the_leads(self):
        yard = self.customer("Yard", email="", owner=None)
        create_contact(customer=yard, actor=None, name="Mo First", email="mo@example.com", primary=True)
        create_contact(customer=yard, actor=None, name="Ann Other", email="ann@example.com")
        for address in ("mo@example.com", "ann@example.com"):
            self.bounce(address, name=address)
        self.night()
        self.assertEqual(self.open_ones(), [("Yard", "Leo Lead", "Check the e-mail address of Mo First")])

    def test_old_data_is_asked_for_a_few_at_a_time_by_value_and_not_again(self):
        long_ago = NIGHT - timedelta(days=400)
        for number in range(7):
            old = self.customer(f"Old {number}", email="", created_at=long_ago)
            CustomerStats.objects.filter(customer=old).update(spend=number)
        self.customer("Nobody's", email="", created_at=long_ago, owner=None)
        self.assertEqual([self.night(), self.night(1)], [5, 0])
        names = [name for name, _owner, _what in self.open_ones()]
        self.assertEqual(names, [f"Old {number}" for number in range(2, 7)])
        dearest = FollowUp.objects.get(customer__name="Old 6")
        self.assertEqual(dearest.subject, "Check the contact data of Old 6")
        skip_follow_up(follow_up=dearest, because="Later", actor=self.alice)
        self.assertEqual([self.night(2), self.night(3)], [1, 0])
        self.assertEqual(FollowUp.objects.open().filter(customer__name="Old 1").count(), 1)
        upkeep.confirm(customer=FollowUp.objects.get(customer__name="Old 5").customer, actor=self.alice)
        self.assertFalse(FollowUp.objects.open().filter(customer__name="Old 5").exists())

    def test_the_company_says_whether(self):
        self.bounce("dana@example.com")
        self.customer("Old", email="", created_at=NIGHT - timedelta(days=400))
        for choice, count in (("never", 0), ("bouncing", 1), ("all", 1)):
            upkeep.set_policy(months=12, quality=50, follow_ups=choice, actor=self.admin)
            self.assertEqual(self.night(), count, choice)
        self.assertEqual(UpkeepPolicy.objects.count(), 1)

    def test_it_is_told_in_the_app_without_a_mail_of_its_own(self):
        self.bounce("dana@example.com")
        sent = Delivery.objects.filter(kind="email").get()
        self.night()
        remind(NIGHT + timedelta(days=1))
        self.assertEqual(Notification.objects.get().kind, "follow_up.due")
        self.assertEqual(Delivery.objects.filter(kind="email").get(), sent)
