"""How long the search for duplicates takes for a whole company, against reading the same columns from the database."""

from __future__ import annotations

from crm.tenancy.context import tenant_context
from customers.duplicates.engine import search
from customers.models import Customer
from customers.services.duplicates.scanning import read
from planning.bench.company import Company
from planning.bench.figures import Figure, Measure, seconds


def measures(company: Company) -> dict[str, Measure]:
    return {"duplicates.scan": lambda: _scan(company)}


def _scan(company: Company) -> Figure:
    with tenant_context(company.tenant.pk):
        floor = min(seconds(_read_only) for _time in range(2))
        took = seconds(lambda: search(read().records))
    return Figure("duplicates.scan", took, "s", floor, company.customers)


def _read_only() -> None:
    columns = ("name", "email_norm", "phone_norm", "address", "city", "region", "birthday")
    for _row in Customer.objects.living().order_by().values_list(*columns).iterator(chunk_size=5_000):
        pass
