"""Whom programs outside are told by, what happened, and each try to tell them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.fields import OfPeople, TenantForeignKey, TenantModel, TenantQuerySet


class WebhookEndpointQuerySet(TenantQuerySet):
    def listening(self) -> WebhookEndpointQuerySet:
        return self.filter(active=True)


class WebhookEndpoint(TenantModel):
    """An address that is told what happened. Its secrets are derived, and stand nowhere.

    No ``event_types`` means all of them. ``secret_no`` counts rotations; the secret before counts until
    ``previous_until``. ``disabled_because`` says why Tenure itself switched it off.
    """

    audit_hidden = ("failing_since",)

    class Payload(models.TextChoices):
        FULL = "full", _("The whole record")
        THIN = "thin", _("Only its id")

    class Disabled(models.TextChoices):
        GONE = "gone", _("The receiver answered that it is gone (410).")
        FAILING = "failing", _("The receiver refused or did not answer for too long.")

    url = models.CharField(_("address"), max_length=1_000)
    description = models.CharField(_("description"), max_length=200, blank=True)
    event_types = models.JSONField(_("events"), default=list, blank=True)
    payload = models.CharField(_("sends"), max_length=4, choices=Payload.choices, default=Payload.FULL)
    api_version = models.CharField(max_length=10, default="v1", editable=False)
    active = models.BooleanField(_("active"), default=True)
    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_because = models.CharField(
        max_length=10, choices=Disabled.choices, blank=True, default="", editable=False
    )
    failing_since = models.DateTimeField(null=True, editable=False)
    secret_no = models.PositiveIntegerField(default=1, editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)
    created_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [
            models.Index(fields=["tenant"], condition=Q(active=True), name="webhook_endpoint_listening")
        ]

    def __str__(self) -> str:
        return self.description or self.url

    def wants(self, event_type: str) -> bool:
        return not self.event_types or event_type in self.event_types


class WebhookEvent(TenantModel):
    """Something that happened and that somebody is to be told. Its id is the ``webhook-id`` of every try.

    ``body`` is written with the change; what happened to many at once gets its body when it is first sent.
    """

    of_people = OfPeople.COPY
    impersonal = ("type",)

    audited = False
    unaudited_because = "a copy for sending of what is recorded elsewhere"

    type = models.CharField(max_length=60)
    subject_id = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now)
    body: models.JSONField[Any] = models.JSONField(null=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["tenant", "at", "id"], name="webhook_event_at")]

    def __str__(self) -> str:
        return self.type


class WebhookAttempt(TenantModel):
    """One try to tell an endpoint: what it answered, how fast, with which first words."""

    of_people = OfPeople.COPY

    audited = False
    unaudited_because = "a log by itself"

    endpoint = TenantForeignKey("crm.WebhookEndpoint", models.CASCADE, related_name="attempts")
    event = TenantForeignKey("crm.WebhookEvent", models.CASCADE, related_name="attempts")
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField(default=0)
    answer = models.TextField(blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("try of a webhook")
        verbose_name_plural = _("tries of webhooks")
        indexes = [
            models.Index(fields=["tenant", "endpoint", "-at"], name="webhook_attempt_newest"),
            models.Index(fields=["tenant", "event", "endpoint"], name="webhook_attempt_event"),
        ]
