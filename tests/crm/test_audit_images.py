"""What the history keeps of a new row is the same whether it came alone or with many."""

from django.db import connection

from crm.ids import uuid7
from crm.models import AuditEntry
from customers.models import Customer, PurchaseLine
from tests import factories as make
from tests.cases import TenantTestCase
from tests.isolation.rows import Rows

OWN = {"plan": "gold", "since": "2026-01-31"}
WHOLE = "jsonb_strip_nulls(audit_flat(to_jsonb(n)) - %s::text[])"


class Images(TenantTestCase):
    def audited(self) -> list[tuple[str, str]]:
        """Tables whose new rows are written down, with the columns that are hidden."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text, split_part(encode(tgargs, 'escape'), '\\000', 2) FROM pg_trigger "
                "WHERE tgname = 'audit_insert' ORDER BY 1"
            )
            return [(table, hidden[:-1] + (",id,tenant_id}" if hidden != "{}" else "id,tenant_id}"))
                    for table, hidden in cursor.fetchall()]  # fmt: skip

    def own_fields(self) -> None:
        make.custom_field(key="plan", kind="text")
        make.custom_field(key="since", kind="date")

    def different(self, table: str, hidden: str) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit_image(%s::regclass, %s::text[])", [table, hidden])
            (image,) = cursor.fetchone()
            cursor.execute(
                f"SELECT count(*), count(*) FILTER (WHERE ({image}) IS DISTINCT FROM {WHOLE}) FROM {table} n",
                [hidden],
            )
            return cursor.fetchone()

    def test_column_by_column_gives_what_the_whole_row_gives_in_every_table(self):
        Rows("X").one_of_each()
        self.own_fields()
        Customer.objects.update(custom=OWN)
        found = self.audited()
        self.assertIn("customers_customer", dict(found))
        for table, hidden in found:
            with self.subTest(table=table):
                rows, different = self.different(table, hidden)
                self.assertGreater(rows, 0)
                self.assertEqual(different, 0)

    def test_a_customer_among_many_is_written_down_as_one_alone_is(self):
        self.own_fields()
        one = make.customer(custom=OWN)
        many = [Customer(**(_values(one) | {"id": uuid7()})) for _ in range(40)]
        Customer.objects.bulk_create(many)
        alone, *others = AuditEntry.objects.filter(
            subject_id__in=[one.pk, *(c.pk for c in many)], kind=AuditEntry.Kind.INSERT
        ).order_by("at", "id")
        self.assertEqual(len(others), 40)
        self.assertEqual(alone.after["custom.plan"], "gold")
        for entry in others:
            self.assertEqual(entry.after | {"created_at": ""}, alone.after | {"created_at": ""})

    def test_lines_stand_under_their_order(self):
        order = make.purchase(customer=make.customer())
        PurchaseLine.objects.bulk_create(
            [PurchaseLine(purchase=order, position=n, description=f"Line {n}", quantity=1, unit_price=5, amount=500)
             for n in (1, 2)]
        )  # fmt: skip
        entry = AuditEntry.objects.filter(subject_id=order.pk).latest("id")
        self.assertEqual(
            [
                (part["position"], part["description"], part["amount"])
                for part in entry.after["customers.purchaseline"]
            ],
            [(1, "Line 1", 500), (2, "Line 2", 500)],
        )
        self.assertNotIn("purchase_id", entry.after["customers.purchaseline"][0])


def _values(customer: Customer) -> dict[str, object]:
    return {
        f.attname: getattr(customer, f.attname) for f in customer._meta.local_fields if f.name != "quality"
    }
