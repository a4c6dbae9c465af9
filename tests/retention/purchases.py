"""Companies that buy, small enough for a test and enough for a model."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from crm.models import Tenant
from customers.models import Customer, CustomerStats, Purchase
from tests import factories as make

DAY = date(2025, 6, 30)


def customers(count: int, **fields: Any) -> list[Customer]:
    """``count`` customers C0, C1, … with their rows of figures."""
    made = Customer.objects.bulk_create(
        [
            Customer(name=f"Customer {n}", name_norm=f"customer {n}", external_id=f"C{n}", **fields)
            for n in range(count)
        ]
    )
    CustomerStats.objects.bulk_create([CustomerStats(customer=customer) for customer in made])
    return made


def buy(customer: Customer, *days_ago: int, amount: int = 10_000, on: date = DAY, tenant: Tenant) -> None:
    """Purchases at noon, so many days before ``on``, recorded as they happened."""
    moments = [
        datetime(on.year, on.month, on.day, 12, tzinfo=tenant.zone) - timedelta(days=ago) for ago in days_ago
    ]
    Purchase.objects.bulk_create(
        [
            Purchase(
                customer=customer,
                purchased_at=at,
                created_at=at,
                amount=amount,
                currency="USD",
                amount_home=amount,
            )
            for at in moments
        ]
    )


def busy_company(tenant: Tenant, count: int = 120, seed: int = 4, **fields: Any) -> list[Customer]:
    """Customers with rhythms of their own, some of whom have left: level 1 of the ladder."""
    rng = np.random.default_rng(seed)
    made = customers(count, **fields)
    for customer in made:
        first, rhythm = int(rng.integers(200, 500)), float(rng.uniform(8, 60))
        end = 0 if rng.random() < 0.4 else int(rng.integers(0, first))
        ago, days = float(first), []
        while ago > end:
            days.append(int(ago))
            ago -= rng.exponential(rhythm) + 1
        buy(customer, *days, amount=int(rng.integers(2_000, 90_000)), tenant=tenant)
    return made


def bystander(tenant: Tenant) -> Customer:
    """One who never bought."""
    customer: Customer = make.customer(name="Nadia Never", external_id="NEVER")
    return customer
