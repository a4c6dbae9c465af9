"""Names and addresses without what nobody sees, whether a form, a program or a service writes them."""

from django.test import SimpleTestCase
from django.urls import reverse

from crm.lines import AddressField, CleanField, NameField
from crm.models import Invitation, Member, Team
from crm.people.forms import CompanyForm, InvitationForm, JoinForm, MemberForm, TeamForm
from crm.services import people
from customers.forms import ContactForm, CustomerForm
from customers.models import Customer
from feedback.forms import PublicFeedbackForm
from maintenance.forms import PlanForm as MaintenancePlanForm
from planning.forms import PlanForm
from segmentation.forms import ClassForm, SegmentForm
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase

TYPED = "\ufeffNorth\u00a0 \u200bSea\u202e "
HIDDEN = "\u200b\ufeff"
ADDRESS = "ada@harbour.example"
ADDRESSES = (f"\ufeff {ADDRESS}", "ada\u200b@harbour.example\u200e\u00a0", f"\u202a{ADDRESS}\u202c")


class Forms(SimpleTestCase):
    def test_of_names(self):
        for form, name in (
            (MemberForm, "display_name"),
            (TeamForm, "name"),
            (CompanyForm, "name"),
            (JoinForm, "name"),
            (PlanForm, "name"),
            (MaintenancePlanForm, "name"),
            (SegmentForm, "name"),
            (ClassForm, "name"),
        ):
            with self.subTest(form.__name__):
                field = form.base_fields[name]
                self.assertIs(type(field), NameField)
                self.assertEqual(field.clean(TYPED), "North Sea")
                self.assertFalse(field.has_changed("North Sea", TYPED))
                with self.assertRaisesMessage(Exception, "This field is required."):
                    field.clean(HIDDEN)

    def test_of_addresses_and_numbers(self):
        for form, name, kind in (
            (InvitationForm, "email", AddressField),
            (PublicFeedbackForm, "email", AddressField),
            (CustomerForm, "email", CleanField),
            (ContactForm, "email", CleanField),
        ):
            for typed in ADDRESSES:
                with self.subTest(form.__name__, typed=ascii(typed)):
                    self.assertIs(type(form.base_fields[name]), kind)
                    self.assertEqual(form.base_fields[name].clean(typed), ADDRESS)
        for form in (CustomerForm, ContactForm, PublicFeedbackForm):
            with self.subTest(form.__name__):
                phone = form.base_fields["phone"]
                self.assertEqual(phone.clean("\u200e+44 113 496 0001\u202c"), "+44 113 496 0001")


class Pages(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.sign_in(self.admin)

    def test_an_invitation_goes_to_the_address_that_is_seen(self):
        given = {"email": ADDRESSES[0], "role": "manager", "visibility": "own"}
        self.assertEqual(self.client.post(reverse("invite"), given).status_code, 200)
        with self.inside():
            self.assertEqual(Invitation.objects.get().email, ADDRESS)

    def test_a_team_of_the_name_that_is_seen_is_there_already(self):
        for status in (204, 422):
            self.assertEqual(self.client.post(reverse("new-team"), {"name": TYPED}).status_code, status)
        with self.inside():
            self.assertEqual(sorted(team.name for team in Team.objects.all()), ["North", "North Sea"])


class Programs(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.key_of(self.admin)

    def test_names(self):
        told = self.call("POST", "segments", {"name": TYPED}, key=self.key)
        self.assertEqual((told.status_code, told.json()["name"]), (201, "North Sea"))
        again = self.call("POST", "segments", {"name": "North Sea"}, key=self.key)
        refused = self.call("POST", "segments", {"name": HIDDEN}, key=self.key)
        self.assertEqual((again.status_code, refused.status_code), (409, 400))
        self.assertEqual(refused.json()["errors"], {"name": ["This field may not be blank."]})

    def test_addresses_and_numbers(self):
        with self.inside():
            customer = make.customer()
        for typed in ADDRESSES:
            with self.subTest(ascii(typed)):
                body = {"email": typed, "phone": "\u200e+44 113 496 0001\u202c"}
                told = self.call("PATCH", f"customers/{customer.pk}", body, key=self.key)
                self.assertEqual((told.json()["email"], told.json()["phone"]), (ADDRESS, "+44 113 496 0001"))
                with self.inside():
                    Customer.objects.update(email="", phone="")


class Services(TenantTestCase):
    def test_write_names_as_they_are_seen(self):
        people.change_member(member=self.alice, actor=self.admin, display_name=TYPED)
        team = people.save_team(team=None, name=TYPED, lead=None, actor=self.admin)
        Member.objects.filter(pk=self.admin.pk).update(display_name=TYPED)
        self.assertEqual({self.fresh(one, "display_name") for one in (self.alice, self.admin)}, {"North Sea"})
        self.assertEqual(self.fresh(team, "name"), "North Sea")

    def fresh(self, record, name):
        return type(record).objects.values_list(name, flat=True).get(pk=record.pk)
