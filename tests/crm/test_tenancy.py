from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from crm.models import AuditEntry, Member
from crm.people.selectors import companies_of
from crm.tenancy import startup
from crm.tenancy.context import NoTenant, TenantSwitch, tenant_context
from customers.models import Customer, FollowUp
from tests import factories as make
from tests.cases import CastTestCase, TenantTestCase


class Role(CastTestCase):
    def test_tests_run_as_the_application_role(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
            )
            self.assertEqual(cursor.fetchone(), ("crm_app", False, False))
        self.assertFalse(startup.role_is_unsafe(connection))

    def test_a_role_that_looks_past_the_walls_is_refused(self):
        owner = connections["owner"]
        self.assertTrue(startup.role_is_unsafe(owner))
        owner.alias = "default"
        try:
            with self.assertRaises(ImproperlyConfigured):
                startup._check(None, owner)
        finally:
            owner.alias = "owner"

    databases = {"default", "owner"}


class Context(CastTestCase):
    def test_outside_a_company_nothing_can_be_read_or_written(self):
        with self.assertRaises(NoTenant):
            list(Customer.objects.all())
        with self.assertRaises(NoTenant):
            Customer(name="x")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM crm_member")
            self.assertEqual(cursor.fetchone()[0], 0)

    def test_a_second_company_inside_the_first_is_refused(self):
        with tenant_context(self.acme.pk), self.assertRaises(TenantSwitch), tenant_context(self.other.pk):
            pass

    def test_raw_sql_sees_one_company(self):
        with tenant_context(self.other.pk), connection.cursor() as cursor:
            cursor.execute("SELECT display_name FROM crm_member")
            self.assertEqual(cursor.fetchall(), [("Mallory",)])

    def test_a_row_for_another_company_is_refused_by_the_database(self):
        with tenant_context(self.acme.pk), self.assertRaises(DatabaseError), transaction.atomic():
            Customer.objects.create(name="x", tenant=self.other)

    def test_companies_of_a_person_are_found_without_a_context(self):
        self.assertEqual([c.tenant_id for c in companies_of(self.alice.user)], [self.acme.pk])


class Keys(TenantTestCase):
    def test_a_child_of_another_companys_record_is_refused(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            make.follow_up(self.alice, customer=make.customer(), closed_by_id=self.mallory.pk)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_every_join_carries_the_tenant(self):
        query = FollowUp.objects.filter(customer__owner__team__name="North").select_related("owner")
        sql = str(query.query)
        self.assertEqual(sql.count(str(self.acme.pk)), 1 + 2 * sql.count("JOIN"))

    def test_the_base_manager_is_the_tenants_too(self):
        self.assertEqual(Customer._base_manager.name, "objects")
        self.assertIn("tenant_id", str(Customer._base_manager.all().query))


class Audit(TenantTestCase):
    def test_raw_and_bulk_changes_are_recorded_with_what_changed(self):
        customer = make.customer(name="Old")
        AuditEntry.objects.count()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE customers_customer SET name = 'New' WHERE id = %s", [str(customer.pk)])
        entry = AuditEntry.objects.about(customer).first()
        self.assertEqual(
            (entry.kind, entry.before, entry.after), ("update", {"name": "Old"}, {"name": "New"})
        )

    def test_history_cannot_be_changed_or_removed(self):
        make.customer()
        for statement in ("UPDATE crm_auditentry SET deed = 'x'", "DELETE FROM crm_auditentry"):
            with self.assertRaises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)

    def test_owners_are_members(self):
        self.assertIs(FollowUp._meta.get_field("owner").related_model, Member)
