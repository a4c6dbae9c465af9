"""A chosen company's customers and imports, to read; addresses that mail came back from can be cleared."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm.operations.base import CompanyAdmin
from customers.models import (
    Capture,
    CaptureTemplate,
    Consent,
    Contract,
    Customer,
    CustomField,
    Import,
    Inlet,
    MailBounce,
    RetentionPeriod,
)
from customers.services.bounces import clear_address


@admin.register(Customer)
class CustomerAdmin(CompanyAdmin):
    list_display = ("name", "kind", "external_id", "owner", "review", "created_at", "deleted_at")
    list_filter = ("kind", "review")
    list_select_related = ("owner",)
    ordering = ("name_norm",)
    search_fields = ("external_id__exact", "email_norm__exact", "name_norm__prefix")
    fields = (
        "kind",
        "external_id",
        "name",
        "email",
        "phone",
        "industry",
        "size",
        "region",
        "city",
        "owner",
        "custom",
        "review",
        "created_at",
        "updated_at",
        "deleted_at",
        "version",
    )


@admin.register(Contract)
class ContractAdmin(CompanyAdmin):
    list_display = ("title", "number", "customer", "starts_on", "ends_on", "renewal", "notice_by", "owner")
    list_filter = ("renewal", "every")
    list_select_related = ("customer", "owner")
    ordering = ("-created_at",)
    search_fields = ("number__exact",)
    fields = (
        *(
            "customer",
            "number",
            "title",
            "starts_on",
            "ends_on",
            "renewal",
            "term_months",
            "notice",
            "notice_unit",
        ),
        *(
            "notice_by",
            "remind_days",
            "remind_on",
            "reminded_for",
            "value",
            "currency",
            "value_home",
            "every",
        ),
        *(
            "owner",
            "notice_given_on",
            "notice_from",
            "ended_because",
            "author",
            "created_at",
            "deleted_at",
            "version",
        ),
    )


@admin.register(CustomField)
class CustomFieldAdmin(CompanyAdmin):
    list_display = ("label", "record", "kind", "key", "required", "personal", "position", "archived_at")
    list_filter = ("record", "kind")
    ordering = ("record", "position")
    fields = (
        "record",
        "key",
        "label",
        "kind",
        "help",
        "choices",
        "required",
        "default",
        "personal",
        "position",
        "archived_at",
        "created_at",
        "version",
    )


@admin.register(Import)
class ImportAdmin(CompanyAdmin):
    list_display = ("kind", "file_name", "state", "created_by", "created_at", "finished_at")
    list_filter = ("kind", "state")
    list_select_related = ("created_by",)
    fields = (
        "kind",
        "file_name",
        "encoding",
        "delimiter",
        "mapping",
        "mode",
        "key",
        "unknown",
        "state",
        "counts",
        "error",
        "created_by",
        "created_at",
        "finished_at",
    )


@admin.register(CaptureTemplate)
class CaptureTemplateAdmin(CompanyAdmin):
    list_display = ("name", "title", "source", "campaign", "owner", "active", "created_at")
    list_filter = ("active",)
    list_select_related = ("owner",)
    ordering = ("name",)
    fields = (
        "name",
        "title",
        "intro",
        "thanks",
        "language",
        "fields",
        "source",
        "campaign",
        "owner",
        "consent",
        "consent_required",
        "consent_channel",
        "consent_purpose",
        "sites",
        "puzzle",
        "active",
        "created_at",
    )


@admin.register(Inlet)
class InletAdmin(CompanyAdmin):
    list_display = ("name", "kind", "source", "campaign", "owner", "active", "created_at")
    list_filter = ("kind", "active")
    list_select_related = ("owner",)
    ordering = ("name",)
    fields = ("name", "kind", "source", "campaign", "owner", "app_id", "active", "created_at")


@admin.register(Capture)
class CaptureAdmin(CompanyAdmin):
    list_display = ("title", "channel", "source", "campaign", "state", "received_at", "decided_by")
    list_filter = ("state", "channel")
    list_select_related = ("decided_by",)
    ordering = ("-received_at",)
    fields = (
        "channel",
        "template",
        "external_id",
        "source",
        "campaign",
        "title",
        "values",
        "context",
        "candidates",
        "customer",
        "contact",
        "owner",
        "state",
        "reason",
        "received_at",
        "decided_at",
        "decided_by",
    )


@admin.register(Consent)
class ConsentAdmin(CompanyAdmin):
    list_display = ("customer", "contact", "channel", "purpose", "given", "at", "source", "author")
    list_filter = ("channel", "purpose", "given", "source")
    list_select_related = ("customer", "contact", "author")
    ordering = ("-at",)
    fields = (
        *("customer", "contact", "channel", "purpose", "given", "at", "source", "proof"),
        *("author", "created_at"),
    )


@admin.register(RetentionPeriod)
class RetentionPeriodAdmin(CompanyAdmin):
    list_display = ("kind", "days")
    ordering = ("kind",)
    fields = ("kind", "days")


class Standing(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("marked", _("Marked: no mail goes there")), ("cleared", _("Cleared")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "marked":
            return queryset.standing()
        return queryset.exclude(cleared_at=None) if self.value() == "cleared" else queryset


@admin.register(MailBounce)
class MailBounceAdmin(CompanyAdmin):
    list_display = ("email_norm", "kind", "status", "why", "at", "marks", "cleared_at", "cleared_by")
    list_filter = (Standing, "kind")
    list_select_related = ("cleared_by",)
    search_fields = ("email_norm__exact",)
    ordering = ("-at", "-id")
    fields = (
        *("email_norm", "kind", "status", "diagnostic", "at", "delivery", "marks"),
        *("cleared_at", "cleared_by"),
    )
    actions = ("clear",)

    @admin.action(description=_("The address works again: clear it"), permissions=["view"])
    def clear(self, request: HttpRequest, queryset: Any) -> None:
        count = 0
        for bounce in queryset.standing():
            if (
                MailBounce.objects.standing().filter(pk=bounce.pk).exists()
            ):  # another of its address may have been
                clear_address(bounce=bounce, actor=None)
                self.note(request, "cleared", bounce)
                count += 1
        text = ngettext("%(count)s address is cleared.", "%(count)s addresses are cleared.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)
