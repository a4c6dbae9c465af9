"""Lifecycle stages: where each customer stands, since when and why."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from crm.tenancy.fields import TenantModel, TenantOneToOneField
from customers.models.stats import Stage


class StageMembership(TenantModel):
    """A customer's lifecycle stage with the facts that decided it."""

    audited = False
    unaudited_because = "derived from purchases and contacts each night"

    id = None  # type: ignore[assignment]
    customer = TenantOneToOneField(
        "customers.Customer", models.CASCADE, primary_key=True, related_name="stage_membership"
    )
    stage = models.CharField(max_length=10, choices=Stage.choices)
    since = models.DateTimeField(default=timezone.now)
    why = models.JSONField(default=dict)
