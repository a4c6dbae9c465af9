"""Pairs that may be one customer, and merges with what is needed to take them back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Member
from crm.people.roles import Visibility
from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantQuerySet
from customers.models.customers import Customer


class DuplicateQuerySet(TenantQuerySet):
    def open(self) -> DuplicateQuerySet:
        """Undecided pairs of living customers."""
        return self.filter(status=Duplicate.Status.OPEN, left__deleted_at=None, right__deleted_at=None)

    def about(self, customer: Customer) -> DuplicateQuerySet:
        return self.filter(Q(left=customer) | Q(right=customer))

    def visible_to(self, member: Member) -> DuplicateQuerySet:
        """Pairs of which the member may see both sides."""
        if member.visibility == Visibility.ALL:
            return self
        seen = Customer.objects.visible_to(member).order_by().values("pk")
        return self.filter(left__in=seen, right__in=seen)


class Duplicate(TenantModel):
    """Two customers that may be one: how probable that is and, field by field, why. ``left`` has the smaller id."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        MERGED = "merged", _("Merged")
        NOT_DUPLICATE = "not_duplicate", _("Not a duplicate")

    class Level(models.TextChoices):
        CERTAIN = "certain", _("Certain")
        LIKELY = "likely", _("Likely")
        POSSIBLE = "possible", _("Possible")

    audited = False
    unaudited_because = "found by computing; what people decide about it is a deed"

    left = TenantForeignKey("customers.Customer", models.CASCADE, related_name="+")
    right = TenantForeignKey("customers.Customer", models.CASCADE, related_name="+")
    probability = models.FloatField()
    level = models.CharField(max_length=8, choices=Level.choices)
    reasons = models.JSONField(default=dict)
    status = models.CharField(max_length=13, choices=Status.choices, default=Status.OPEN)
    found_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="+")

    objects = DuplicateQuerySet.as_manager()

    class Meta:
        ordering = ["-probability", "id"]
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "left", "right"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(left__lte=F("right")), name="duplicate_left_before_right"),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "-probability", "id"], condition=Q(status="open"), name="duplicate_open"
            ),
            models.Index(fields=["tenant", "right"], name="duplicate_right"),
        ]


class MergeQuerySet(TenantQuerySet):
    def standing(self) -> MergeQuerySet:
        """Not taken back."""
        return self.filter(undone_at=None)


class Merge(TenantModel):
    """Several customers became one. ``merged`` are the ids of the others; ``kept`` says what an unmerge left alone."""

    audited = False
    unaudited_because = "it is a journal itself; merging and unmerging are deeds"

    survivor = TenantForeignKey("customers.Customer", models.CASCADE, related_name="merges")
    merged = models.JSONField(default=list)
    merged_at = models.DateTimeField(default=timezone.now)
    merged_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="+")
    kept = models.JSONField(default=list)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-merged_at", "-id"]
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        indexes = [models.Index(fields=["tenant", "survivor", "-merged_at"], name="merge_survivor")]


class MergeStep(TenantModel):
    """One change of a merge: in ``rows`` of ``model`` the columns went from ``before`` to ``after``."""

    audited = False
    unaudited_because = "part of a merge's journal"

    merge = TenantForeignKey("customers.Merge", models.CASCADE, related_name="steps")
    position = models.PositiveIntegerField()
    model = models.CharField(max_length=80, db_collation="C")
    rows = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "merge", "position"], name="merge_step_position")
        ]
