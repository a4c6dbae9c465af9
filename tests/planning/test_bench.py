import json
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import connections

from crm.models import Tenant, User
from tests.cases import CommittedTestCase

UNITS = {
    "pages.list": "ms",
    "pages.next": "ms",
    "pages.filtered": "ms",
    "pages.built_filter": "ms",
    "pages.custom_filter": "ms",
    "pages.custom_sort": "ms",
    "search.prefix": "ms",
    "search.rest": "ms",
    "search.slip": "ms",
    "search.middle": "ms",
    "search.han": "ms",
    "pages.record": "ms",
    "api.customers": "ms",
    "import.customers": "rows/s",
    "import.purchase_lines": "rows/s",
    "import.small_orders": "rows/s",
    "import.update": "rows/s",
    "import.undo": "s",
    "bulk.edit": "s",
    "bulk.undo": "s",
    "classify.unchanged": "s",
    "classify.moves": "s",
    "score_churn": "s",
    "follow_ups.make": "s",
    "duplicates.scan": "s",
}


def bench(*arguments):
    out = StringIO()
    call_command("bench", "--customers", "200", "--requests", "2", *arguments, stdout=out, stderr=StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]


def rows_of(tenant, table):
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", [str(tenant.pk)])
        return cursor.fetchone()[0]


class Bench(CommittedTestCase):
    def test_measures_everything_and_leaves_nothing(self):
        lines = bench()
        self.assertEqual({line["name"]: line["unit"] for line in lines}, UNITS)
        for line in lines:
            self.assertEqual(list(line), ["name", "value", "unit", "floor", "ratio", "n"])
            self.assertGreater(min(line["value"], line["n"]), 0, line)
        tenant = Tenant.objects.get(slug="bench-200")
        self.assertEqual(rows_of(tenant, "customers_customer"), 200, "the import is taken back")
        self.assertEqual(rows_of(tenant, "retention_score"), 0, "the scores are taken back")
        self.assertTrue(1_000 < rows_of(tenant, "customers_purchase") < 3_000)
        again = bench("--only", "import.customers", "classify")
        self.assertEqual(
            [line["name"] for line in again], ["import.customers", "classify.unchanged", "classify.moves"]
        )
        self.assertEqual(Tenant.objects.get(slug="bench-200"), tenant, "the company is used again")
        bench("--remove")
        self.assertFalse(Tenant.objects.filter(pk=tenant.pk).exists())
        self.assertEqual(rows_of(tenant, "crm_auditentry"), 0)
        self.assertFalse(User.objects.filter(email__endswith="@bench-200.example").exists())
        self.assertTrue(Tenant.objects.filter(pk=self.acme.pk).exists())

    def test_an_unknown_figure_is_refused(self):
        with self.assertRaisesMessage(CommandError, "There is no figure speed."):
            bench("--only", "speed")
