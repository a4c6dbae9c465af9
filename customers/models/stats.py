"""One row of figures per customer: what lists sort by and scores read."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Member
from crm.tenancy.fields import OfPeople, TenantModel, TenantOneToOneField, TenantQuerySet


class Stage(models.TextChoices):
    """Where in its life a customer stands; decided by ``segmentation`` alone."""

    LEAD = "lead", _("Lead")
    PROSPECT = "prospect", _("Prospect")
    NEW = "new", _("New")
    ACTIVE = "active", _("Active")
    DORMANT = "dormant", _("Dormant")
    LOST = "lost", _("Lost")


class StatsQuerySet(TenantQuerySet):
    def with_risk(self) -> Any:
        """Each row with ``churn_probability``, ``churn_risk`` and ``value_at_risk``: ``None`` without a forecast."""
        names = ("churn_probability", "churn_risk", "value_at_risk")
        return self.annotate(**{name: models.F(f"customer__risk__{name}") for name in names})

    def with_owner_name(self, *, apart: bool = False) -> Any:
        """Each row with ``owner_name``: a list shows no more of its owners, and a member per row takes long to make.

        ``apart`` asks row by row instead of joining: among many tables to join, one more makes planning the
        query take as long as answering it.
        """
        path = "customer__owner__display_name"
        if not apart:
            return self.annotate(owner_name=models.F(path))
        owner = Member.objects.filter(pk=models.OuterRef("customer__owner_id")).order_by()
        return self.annotate(owner_name=models.Subquery(owner.values("display_name")))


class CustomerStats(TenantModel):
    """Kept by set-based SQL from what changed; upper apps hand their figures down through a service.

    Money is in minor units of the company's currency; satisfaction is 0–100.
    """

    of_people = OfPeople.FIGURES
    impersonal = ("class_code", "rfm_segment")

    audited = False
    unaudited_because = "derived; what it is derived from has its own history"

    id = None  # type: ignore[assignment]
    customer = TenantOneToOneField(
        "customers.Customer", models.CASCADE, primary_key=True, related_name="stats"
    )
    orders = models.IntegerField(default=0)
    spend = models.BigIntegerField(default=0)
    orders_12m = models.IntegerField(default=0)
    spend_12m = models.BigIntegerField(default=0)
    first_purchase_on = models.DateField(null=True)
    last_purchase_on = models.DateField(null=True)
    last_contact_at = models.DateTimeField(null=True)
    next_follow_up_at = models.DateTimeField(null=True)
    open_tickets = models.IntegerField(default=0)
    satisfaction = models.SmallIntegerField(null=True)
    class_code = models.CharField(max_length=30, blank=True, db_collation="C")
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.LEAD, db_collation="C")
    rfm_recency = models.SmallIntegerField(null=True)
    rfm_frequency = models.SmallIntegerField(null=True)
    rfm_monetary = models.SmallIntegerField(null=True)
    rfm_segment = models.CharField(max_length=30, blank=True, db_collation="C")

    objects = StatsQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-spend", "customer"], name="stats_spend"),
            models.Index(fields=["tenant", "-last_purchase_on", "customer"], name="stats_last_purchase"),
            models.Index(fields=["tenant", "class_code", "-spend"], name="stats_class"),
            models.Index(fields=["tenant", "stage", "-spend"], name="stats_stage"),
            models.Index(fields=["tenant", "rfm_segment", "-spend"], name="stats_rfm"),
            models.Index(fields=["tenant", "next_follow_up_at", "customer"], name="stats_next_step"),
            models.Index(fields=["tenant", "last_contact_at", "customer"], name="stats_last_contact"),
        ]


class CustomerRisk(TenantModel):
    """The newest forecast of a customer's leaving, handed down by the app that makes it; none, no row.

    It stands apart from the other figures because all of it changes every night, and a change of a row writes
    every index of its table. Money is in minor units of the company's currency; probabilities are 0–1.
    """

    audited = False
    unaudited_because = "derived; what it is derived from has its own history"

    id = None  # type: ignore[assignment]
    customer = TenantOneToOneField(
        "customers.Customer", models.CASCADE, primary_key=True, related_name="risk"
    )
    churn_probability = models.FloatField(null=True)
    churn_level = models.SmallIntegerField(null=True)
    churn_risk = models.CharField(max_length=6, blank=True, db_collation="C")
    value_at_risk = models.BigIntegerField(default=0)
    expected_value = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-value_at_risk", "customer"], name="risk_value")]
