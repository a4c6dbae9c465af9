"""The chosen company's webhooks: whom it tells, what it told, and how that went."""

from __future__ import annotations

from django.contrib import admin

from crm.models import WebhookAttempt, WebhookEndpoint, WebhookEvent
from crm.operations.base import CompanyAdmin


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(CompanyAdmin):
    list_display = ("url", "description", "active", "disabled_because", "failing_since", "created_at")
    list_filter = ("active", "disabled_because")
    search_fields = ("url", "description")
    fields = (
        "url",
        "description",
        "event_types",
        "payload",
        "active",
        "disabled_at",
        "disabled_because",
        "failing_since",
        "secret_no",
        "previous_until",
        "created_by",
        "created_at",
    )


@admin.register(WebhookEvent)
class WebhookEventAdmin(CompanyAdmin):
    list_display = ("type", "subject_id", "at")
    search_fields = ("type", "subject_id__exact")
    fields = ("type", "subject_id", "at", "body")


@admin.register(WebhookAttempt)
class WebhookAttemptAdmin(CompanyAdmin):
    list_display = ("endpoint", "event", "at", "status", "milliseconds", "error")
    list_filter = ("status",)
    list_select_related = ("endpoint", "event")
    fields = ("endpoint", "event", "at", "status", "milliseconds", "answer", "error")
