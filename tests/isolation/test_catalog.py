"""The catalog check finds nothing, and finds each protection that is taken away."""

from django.db import connections
from django.test import TestCase

from crm.celery import GlobalTask, TenantTask, app
from crm.tenancy import catalog

# Tasks that touch no company's data, and why.
GLOBAL_TASKS = {
    "crm.tasks.tick": "reads wake-ups only: which companies have something due",
}


class Catalog(TestCase):
    databases = {"default", "owner"}

    def findings(self, *statements: str) -> list[str]:
        with connections["owner"].cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        return catalog.findings(connections["owner"])

    def test_nothing_is_found(self):
        self.assertEqual(self.findings(), [])

    def test_a_policy_that_is_not_forced_is_found(self):
        self.assertEqual(
            self.findings("ALTER TABLE customers_customer NO FORCE ROW LEVEL SECURITY"),
            ["customers_customer: row-level security is not enabled and forced"],
        )

    def test_a_second_policy_is_found(self):
        self.assertEqual(
            self.findings("CREATE POLICY more ON crm_member USING (true)"),
            ["crm_member: has not exactly the one policy for all commands"],
        )

    def test_a_single_column_key_is_found(self):
        found = self.findings(
            "ALTER TABLE customers_contact DROP CONSTRAINT customers_contact_customer_id_same",
        )
        self.assertEqual(found, ["customers_contact: no composite foreign key holds customer_id"])

    def test_an_index_without_the_tenant_is_found(self):
        found = self.findings("CREATE INDEX loose ON customers_customer (name)")
        self.assertEqual(found, ["customers_customer: index loose does not lead with tenant_id"])

    def test_a_missing_history_is_found(self):
        found = self.findings("DROP TRIGGER audit_update ON customers_purchase")
        self.assertEqual(found, ["customers_purchase: updates are not recorded in the history"])

    def test_a_view_and_a_function_with_the_owners_rights_are_found(self):
        found = self.findings(
            "CREATE VIEW everything AS SELECT * FROM customers_customer",
            "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'",
        )
        self.assertEqual(
            found,
            [
                "everything: the view reads with its owner's rights (security_invoker is off)",
                "peek(): runs with its owner's rights and is not one of the known ways",
                "peek(): runs with its owner's rights without a fixed search_path",
            ],
        )

    def test_an_unknown_table_and_a_changeable_history_are_found(self):
        found = self.findings("CREATE TABLE loose (id int)", "GRANT UPDATE ON crm_auditentry TO crm_app")
        self.assertEqual(
            found,
            [
                "loose: neither a company's table (TenantModel) nor listed as global",
                "crm_auditentry: crm_app may UPDATE the history",
            ],
        )


class Images(TestCase):
    """Statement triggers see all rows of a change, before and after, and a session keeps the plan its first gave them.

    Two images that meet in a plain join are compared each with each once a change of one row came first: a file of
    100,000 customers then took hours. Only a full join can never be planned as such a loop.
    """

    databases = {"default", "owner"}
    LOOPS = r"FROM (new|old)_rows \w+ (?!FULL)\w*\s*JOIN (new|old)_rows"

    def loops(self) -> list[str]:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc ~ %s ORDER BY 1",
                [self.LOOPS],
            )
            return [name for (name,) in cursor.fetchall()]

    def test_both_images_of_a_change_meet_in_a_full_join(self):
        self.assertEqual(self.loops(), [])

    def test_a_plain_join_is_found(self):
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION pairs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "PERFORM FROM new_rows n JOIN old_rows o ON o.id = n.id; RETURN NULL; END $$"
            )
        self.assertEqual(self.loops(), ["pairs"])


class Tasks(TestCase):
    def test_every_task_names_its_company_or_says_why_it_needs_none(self):
        app.loader.import_default_modules()
        ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
        for name, task in ours.items():
            with self.subTest(task=name):
                if isinstance(task, GlobalTask):
                    self.assertIn(name, GLOBAL_TASKS)
                else:
                    self.assertIsInstance(task, TenantTask)
