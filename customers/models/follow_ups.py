"""The follow-up: the one unit of work about a customer."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Member
from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantQuerySet
from customers.models.interactions import Channel
from customers.models.sight import within_sight


class FollowUpQuerySet(TenantQuerySet):
    def open(self) -> FollowUpQuerySet:
        return self.filter(closed_at=None, customer__deleted_at=None)

    def due(self, at: datetime) -> FollowUpQuerySet:
        return self.open().filter(due_at__lte=at)

    def visible_to(self, member: Member) -> FollowUpQuerySet:
        return within_sight(self, member, or_own="owner")


class FollowUp(TenantModel):
    """A promise to contact a customer by a moment in time; done, moved or skipped with a result."""

    class Origin(models.TextChoices):
        PERSON = "person", _("Set by a person")
        PLAN = "plan", _("From a maintenance plan")
        WARNING = "warning", _("From a churn warning")
        TICKET = "ticket", _("From a ticket")
        CONTRACT = "contract", _("From a contract")
        UPKEEP = "upkeep", _("From the upkeep of contact data")

    class Outcome(models.TextChoices):
        DONE = "done", pgettext_lazy("state", "Done")
        SKIPPED = "skipped", _("Skipped")

    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="follow_ups")
    owner = TenantForeignKey("crm.Member", models.PROTECT, related_name="follow_ups")
    subject = models.CharField(_("what"), max_length=200)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.PHONE)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.PERSON, editable=False)
    due_at = models.DateTimeField(_("due"))
    first_due_at = models.DateTimeField(editable=False)
    moved_because = models.CharField(_("moved because"), max_length=200, blank=True, editable=False)
    escalated_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, editable=False, related_name="+")
    outcome = models.CharField(max_length=7, choices=Outcome.choices, blank=True, editable=False)
    result = models.TextField(_("result"), blank=True)
    interaction = TenantForeignKey(
        "customers.Interaction", models.SET_NULL, null=True, editable=False, related_name="follow_ups"
    )
    created_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        indexes = [
            models.Index(
                fields=["tenant", "due_at", "id"], condition=Q(closed_at=None), name="follow_up_open"
            ),
            models.Index(
                fields=["tenant", "owner", "due_at"], condition=Q(closed_at=None), name="follow_up_open_owner"
            ),
            models.Index(fields=["tenant", "customer", "due_at"], name="follow_up_customer"),
            models.Index(
                fields=["tenant", "-closed_at", "-id"],
                condition=Q(closed_at__isnull=False),
                name="follow_up_closed",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="follow_up_closed_with_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
