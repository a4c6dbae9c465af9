"""How the company's customers were spread at the end of a day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.fields import TenantModel


class Tally(TenantModel):
    """How many customers stood in one class, stage or RFM cell on a day, and what they spent in 12 months.

    Kept by each full classification, so that no page counts a table; ``key`` is a class or stage code, or
    the recency and frequency-with-value scores of an RFM cell ("53").
    """

    class Kind(models.TextChoices):
        CLASS = "class", _("Class")
        STAGE = "stage", _("Stage")
        RFM = "rfm", "RFM"

    audited = False
    unaudited_because = "derived: counted from memberships by each classification"

    on = models.DateField()
    kind = models.CharField(max_length=5, choices=Kind.choices)
    key = models.CharField(max_length=30, db_collation="C")
    customers = models.IntegerField()
    spend_12m = models.BigIntegerField()

    class Meta:
        ordering = ["on", "kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "on", "key"], name="tally_once_a_day")
        ]


class Watermark(TenantModel):
    """One row per company: up to which moment changes to customers have been taken into account."""

    audited = False
    unaudited_because = "it only remembers how far the history has been read"

    seen_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="watermark_one")]
