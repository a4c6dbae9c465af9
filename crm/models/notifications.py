"""What members are told, and how each wants to be."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy.fields import OfPeople, TenantForeignKey, TenantModel, TenantQuerySet


class ByMail(models.TextChoices):
    """When a note comes by e-mail."""

    NOW = "now", _("At once")
    DIGEST = "digest", _("In the digest")
    OFF = "off", pgettext_lazy("by e-mail", "Not")


class NotificationQuerySet(TenantQuerySet):
    def in_app(self) -> NotificationQuerySet:
        return self.filter(in_app=True)

    def unread(self) -> NotificationQuerySet:
        """What the bell counts; a note for the digest alone counts as read from the beginning."""
        return self.filter(read_at=None)

    def for_digest(self) -> NotificationQuerySet:
        """What waits for the next digest."""
        return self.filter(for_digest=True)


class Notification(TenantModel):
    """A note to one member: shown in the app, or waiting for the digest, or both."""

    of_people = OfPeople.COPY
    impersonal = ("kind", "dedup_key")

    audited = False
    unaudited_because = "a copy for reading of what is recorded elsewhere"

    member = TenantForeignKey("crm.Member", models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    dedup_key = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    in_app = models.BooleanField(default=True)
    for_digest = models.BooleanField(default=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "member", "dedup_key"], name="notification_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "member", "-created_at"], name="notification_newest"),
            models.Index(fields=["tenant", "member"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(
                fields=["tenant", "member"], condition=Q(for_digest=True), name="notification_for_digest"
            ),
        ]


class NotificationChoice(TenantModel):
    """How one member wants to be told of one kind of thing; without a row, as is usual for the kind."""

    impersonal = ("kind",)

    member = TenantForeignKey("crm.Member", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    in_app = models.BooleanField(default=True)
    email = models.CharField(max_length=6, choices=ByMail.choices, default=ByMail.NOW)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "member", "kind"], name="notification_choice_once")
        ]
        verbose_name = _("choice of notifications")
        verbose_name_plural = _("choices of notifications")


class Digest(TenantModel):
    """One member's daily mail: on which days, from which hour of the company's clock, and the last day it was made."""

    class Days(models.TextChoices):
        WORKING = "working", _("Monday to Friday")
        EVERY = "every", _("Every day")
        NEVER = "never", _("Never")

    audit_hidden = ("made_on",)

    member = TenantForeignKey("crm.Member", models.CASCADE, related_name="digests")
    days = models.CharField(_("daily digest"), max_length=7, choices=Days.choices, default=Days.WORKING)
    hour = models.PositiveSmallIntegerField(
        _("hour of the day"), default=8, validators=[MaxValueValidator(23)]
    )
    made_on = models.DateField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "member"], name="digest_once")]
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
