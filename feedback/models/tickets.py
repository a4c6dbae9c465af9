"""Complaints and problems that someone must solve, with clocks."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantQuerySet


class TicketQuerySet(TenantQuerySet):
    def open(self) -> TicketQuerySet:
        return self.filter(resolved_at=None)

    def unanswered(self) -> TicketQuerySet:
        return self.open().filter(first_responded_at=None)

    def breached(self, at: datetime) -> TicketQuerySet:
        return self.unanswered().filter(respond_by__lte=at)


class Ticket(TenantModel):
    """A problem of a customer that someone must solve. The first-response clock starts when it opens."""

    class Level(models.IntegerChoices):
        LOW = 1, _("Low")
        MEDIUM = 2, _("Medium")
        HIGH = 3, _("High")

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("ticket", "Open")
        ANSWERED = "answered", _("Answered")
        RESOLVED = "resolved", _("Resolved")

    number = models.PositiveIntegerField(editable=False)
    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="tickets")
    feedback = TenantForeignKey(
        "feedback.Feedback", models.SET_NULL, null=True, blank=True, editable=False, related_name="tickets"
    )
    subject = models.CharField(_("subject"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Level.choices, default=Level.MEDIUM)
    impact = models.PositiveSmallIntegerField(_("impact"), choices=Level.choices, default=Level.MEDIUM)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, editable=False)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN, editable=False)
    owner = TenantForeignKey(
        "crm.Member", models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name=_("owner")
    )
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    respond_by = models.DateTimeField(editable=False)
    first_responded_at = models.DateTimeField(null=True, editable=False)
    escalated_at = models.DateTimeField(null=True, editable=False)
    resolved_at = models.DateTimeField(null=True, editable=False)
    resolution = models.TextField(_("resolution"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="ticket_number_unique")]
        indexes = [
            models.Index(fields=["tenant", "respond_by"], condition=Q(resolved_at=None), name="ticket_open"),
            models.Index(fields=["tenant", "customer", "-opened_at"], name="ticket_customer"),
            models.Index(fields=["tenant", "-opened_at", "-id"], name="ticket_newest"),
            models.Index(fields=["tenant", "respond_by", "id"], name="ticket_due"),
            models.Index(fields=["tenant", "-priority", "-id"], name="ticket_priority"),
            models.Index(
                fields=["tenant", "first_responded_at"],
                condition=Q(first_responded_at__isnull=False),
                name="ticket_answered",
            ),
            models.Index(
                fields=["tenant", "resolved_at"],
                condition=Q(resolved_at__isnull=False),
                name="ticket_resolved",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    @property
    def answered_late(self) -> bool | None:
        """Whether the first answer came after its limit; ``None`` before it."""
        return None if self.first_responded_at is None else self.first_responded_at > self.respond_by
