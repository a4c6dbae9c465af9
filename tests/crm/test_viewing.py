"""An administrator looks as another member: never more than that member sees, nothing changed, for a while."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEntry
from crm.people import viewing
from customers.models import Customer
from tests import factories as make
from tests.cases import BrowserTestCase


class ViewAs(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.alice.visibility = "own"
            self.alice.save()
            self.hers = make.customer(name="Hers", owner=self.alice)
            self.others = make.customer(name="Others", owner=self.lead)
        self.browser = self.sign_in(self.admin)

    def begin(self, minutes=15):
        address = reverse("view-as", args=[self.alice.pk])
        return self.browser.post(f"{address}?minutes={minutes}")

    def test_sees_what_the_member_sees_and_changes_nothing(self):
        self.assertEqual(self.begin().status_code, 204)
        page = self.browser.get(reverse("customers:list"))
        self.assertContains(page, "You see what Alice sees")
        self.assertContains(page, "Hers")
        self.assertNotContains(page, "Others")
        self.assertEqual(
            self.browser.get(reverse("customers:record", args=[self.others.pk])).status_code, 404
        )
        self.assertEqual(self.browser.get(reverse("settings")).status_code, 403)
        deleted = self.browser.post(reverse("customers:delete", args=[self.hers.pk]))
        self.assertEqual(deleted.status_code, 403)
        with self.inside():
            self.assertTrue(Customer.objects.living().filter(pk=self.hers.pk).exists())
        self.assertRedirects(self.browser.post(reverse("end-view")), reverse("settings"))
        self.assertContains(self.browser.get(reverse("customers:list")), "Others")
        with self.inside():
            told = AuditEntry.objects.filter(subject_id=self.alice.pk, member_id=self.admin.pk, kind="deed")
            self.assertEqual(
                sorted(told.values_list("deed", flat=True)), ["member.view_ended", "member.viewed_as"]
            )

    def test_ones_own_account_stays_closed_meanwhile(self):
        addresses = [reverse(name) for name in ("account_change_password", "account_email", "mfa_index")]
        self.begin()
        for address in addresses:
            for answer in (self.browser.get(address), self.browser.post(address, {"email": "a@new.example"})):
                self.assertContains(answer, "End that view first", status_code=403)
                self.assertContains(answer, "Back to myself", status_code=403)
        self.browser.post(reverse("end-view"))
        for address in addresses:
            self.assertNotEqual(self.browser.get(address).status_code, 403)
        self.begin()
        self.assertRedirects(self.browser.post(reverse("account_logout")), "/", fetch_redirect_response=False)

    def test_ends_by_itself_and_with_the_right(self):
        self.begin()
        session = self.browser.session
        session[viewing.KEY] = [str(self.alice.pk), (timezone.now() - timedelta(seconds=1)).isoformat()]
        session.save()
        self.assertContains(self.browser.get(reverse("customers:list")), "Others")

    def test_only_an_administrator_and_only_for_a_while(self):
        self.assertEqual(self.begin(600).status_code, 400)
        self.sign_in(self.lead)
        self.assertEqual(self.begin().status_code, 403)
        self.sign_in(self.mallory)
        self.assertEqual(self.begin().status_code, 404)
