"""The chosen company's history, to read."""

from __future__ import annotations

from django.contrib import admin

from crm.models import AuditEntry
from crm.operations.base import CompanyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(CompanyAdmin):
    list_display = ("at", "kind", "deed", "subject_type", "subject_id", "member_id", "source")
    list_filter = ("kind", "source")
    search_fields = ("subject_id__exact", "request_id__exact")
    fields = (
        "at",
        "kind",
        "deed",
        "subject_type",
        "subject_id",
        "member_id",
        "request_id",
        "source",
        "before",
        "after",
    )
    ordering = ("-at",)
