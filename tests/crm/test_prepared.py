"""Queries whose SQL is kept answer like those they are kept from, whoever asks."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Member
from crm.tenancy.context import NoTenant, act_as, tenant_context
from crm.tenancy.prepared import Prepared
from customers.models import Customer
from tests import factories as make
from tests.cases import CastTestCase

NAMED = Prepared(lambda name: Customer.objects.filter(name=name).order_by("name"))
MEMBERS = Prepared(
    lambda user, team: Member.objects.filter(user=user, team=team).select_related("team", "tenant")
)


class Rows(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        for tenant in (cls.acme, cls.other):
            with tenant_context(tenant.pk):
                make.customer(name="Same", email="same@example.com", owner=None, city=tenant.name)

    def test_each_company_has_its_own_answer_from_one_text(self):
        for tenant in (self.acme, self.other, self.acme):
            with (
                self.inside(tenant),
                CaptureQueriesContext(
                    connection,
                ) as asked,
            ):
                self.assertEqual([one.city for one in NAMED("Same")], [tenant.name])
                self.assertEqual(NAMED("Nobody"), [])
                self.assertTrue(all(str(tenant.pk) in query["sql"] for query in asked))
                self.assertEqual(len(asked), 2)

    def test_what_hangs_on_a_row_is_there_without_another_query(self):
        with self.inside():
            alice = MEMBERS.first(self.alice.user_id, self.team.pk)
            with self.assertNumQueries(0):
                self.assertEqual((alice, alice.team, alice.tenant), (self.alice, self.team, self.acme))
            self.assertIsNone(MEMBERS.first(self.admin.user_id, None), "none equals nothing")

    def test_masks_are_put_on_for_whoever_asks(self):
        with self.inside():
            act_as(self.reader.pk, sees_personal=False)
            self.assertEqual(NAMED.first("Same").email, "s•••@•••")
        with self.inside():
            self.assertEqual(NAMED.first("Same").email, "same@example.com")

    def test_a_value_that_is_changed_on_its_way_is_refused(self):
        with self.inside(), self.assertRaises(AssertionError):
            Prepared(lambda name: Customer.objects.filter(name__contains=name))("Same")

    def test_a_value_not_asked_for_is_refused_unless_it_may_be_spared(self):
        def named(name, city):
            return Customer.objects.filter(name=name)

        with self.inside(self.other):
            with self.assertRaisesMessage(AssertionError, "city"):
                Prepared(named)("Same", "Leeds")
            (found,) = Prepared(named, spare=["city"])("Same", "Leeds")
            self.assertEqual(found.city, self.other.name)

    def test_whole_numbers_and_any_number_of_values_are_told_each_time(self):
        def of(*given):
            name, version = given
            return Customer.objects.filter(name=name, version=version)

        prepared = Prepared(of, given=["name", "version"], kinds={"version": int})
        with self.inside():
            self.assertEqual([len(prepared("Same", version)) for version in (1, 2, 1)], [1, 0, 1])

    def test_without_a_company_there_is_no_answer_of_one(self):
        with self.inside():
            NAMED("Same")
        with self.assertRaises(NoTenant):
            NAMED("Same")


class Records(CastTestCase):
    def test_a_record_read_in_part_reads_the_rest_when_asked_and_saves_what_it_has(self):
        with self.inside():
            pk = make.customer(name="Whole", city="Leeds").pk
            part = Customer.objects.only("name").get(pk=pk)
            self.assertEqual(part.get_deferred_fields() & {"name", "city"}, {"city"})
            with self.assertNumQueries(1):
                self.assertEqual(part.city, "Leeds")
            self.assertFalse(part._state.adding)
