"""Programs that act for a company or a member: API keys, the answers they may ask for again, calendars."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lines import NameLine
from crm.tenancy.fields import OfPeople, TenantForeignKey, TenantModel


class ApiKey(TenantModel):
    """A key of the REST API. It acts as a member, within ``scopes`` (``<resource>:<read|write>``)."""

    audit_hidden = ("secret_hash", "last_used_at")

    name = NameLine(_("name"), max_length=100)
    member = TenantForeignKey("crm.Member", models.CASCADE, related_name="api_keys", verbose_name=_("member"))
    scopes = models.JSONField(_("scopes"), default=list)
    secret_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "secret_hash"], name="api_key_secret_unique")
        ]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return self.name


class CalendarFeed(TenantModel):
    """The secret address at which one member's calendar program reads their follow-ups.

    ``content_hash`` is of what was read last, ``changed_at`` when that was first seen.
    """

    audit_hidden = ("secret_hash", "last_read_at", "content_hash", "changed_at")

    member = TenantForeignKey("crm.Member", models.CASCADE, related_name="+")
    secret_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_read_at = models.DateTimeField(null=True, editable=False)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    changed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "member"], name="calendar_feed_once"),
            models.UniqueConstraint(fields=["tenant", "secret_hash"], name="calendar_feed_secret_unique"),
        ]
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")


class IdempotentAnswer(TenantModel):
    """The answer a POST with an ``Idempotency-Key`` was given; empty while it is in flight."""

    of_people = OfPeople.COPY
    impersonal = ("key", "fingerprint")

    audited = False
    unaudited_because = "a copy of an answer, kept for a day"

    api_key = TenantForeignKey("crm.ApiKey", models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "api_key", "key"], name="idempotency_key_once")
        ]
        indexes = [models.Index(fields=["tenant", "created_at"], name="idempotency_created")]
