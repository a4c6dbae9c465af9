"""Custom fields of the bench's company: a monthly charge of everybody and a tier of four in five."""

from __future__ import annotations

from typing import Any

from django.db import connection, connections

from crm.tenancy.context import tenant_context
from customers.models import Customer
from customers.models.custom import FieldKind, RecordType
from customers.selectors.custom import field_by_key
from customers.services.custom_fields import create_field
from planning.bench.company import SLICE, Company

CHARGE, TIER = "monthly_charge", "tier"
TIERS = ("Bronze", "Silver", "Gold", "Platinum")

_FILL = """
UPDATE customers_customer c SET custom = jsonb_build_object(%(charge)s::text, 900 + n * 7919 %% 90000)
    || CASE WHEN n %% 5 = 0 THEN '{}' ELSE jsonb_build_object(%(tier)s::text, (%(tiers)s::text[])[1 + n * 31 %% 4]) END
FROM (SELECT 'C-' || n AS external_id, n FROM generate_series(%(start)s::bigint, %(stop)s::bigint) n) numbered
WHERE c.tenant_id = %(tenant)s::uuid AND c.external_id = numbered.external_id AND c.custom = '{}'
"""


def fill_custom_fields(company: Company) -> None:
    """Define the fields and give the customers values, where that was not done before; by one statement a slice."""
    with tenant_context(company.tenant.pk):
        if field_by_key(RecordType.CUSTOMER, TIER) is None:
            create_field(
                record="customer", kind=FieldKind.MONEY, label="Monthly charge", key=CHARGE, actor=None
            )
            create_field(
                record="customer", kind=FieldKind.CHOICE, label="Tier", key=TIER, choices=TIERS, actor=None
            )
        if not Customer.objects.filter(custom={}).exists():
            return
    for start in range(1, company.customers + 1, SLICE):
        values: dict[str, Any] = {
            "charge": CHARGE,
            "tier": TIER,
            "tiers": list(TIERS),
            "start": start,
            "stop": min(start + SLICE - 1, company.customers),
            "tenant": str(company.tenant.pk),
        }
        with tenant_context(company.tenant.pk), connection.cursor() as cursor:
            cursor.execute(_FILL, values)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE customers_customer, customers_customervalue")
