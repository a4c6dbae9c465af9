"""The chosen company's people and the doors they opened."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm

from crm.models import ApiKey, Invitation, Member, Team
from crm.operations.base import CompanyAdmin
from crm.services.people import LastAdministrator, keep_an_administrator


class MemberForm(ModelForm):
    """A member as ops may change one: never the last administrator into something else."""

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            keep_an_administrator(self.instance.pk, given.get("role", ""), given.get("active", False))
        except LastAdministrator as error:
            raise ValidationError(str(error)) from error
        return given


@admin.register(Member)
class MemberAdmin(CompanyAdmin):
    form = MemberForm
    may_change = True
    list_display = ("display_name", "email", "role", "visibility", "team", "active", "joined_at")
    list_filter = ("role", "visibility", "active")
    list_select_related = ("team",)
    search_fields = ("display_name", "email")
    fields = ("display_name", "email", "role", "visibility", "team", "active", "joined_at")
    readonly_fields = ("email", "joined_at")


@admin.register(Team)
class TeamAdmin(CompanyAdmin):
    list_display = ("name", "lead")
    list_select_related = ("lead",)
    search_fields = ("name",)
    fields = ("name", "lead")


@admin.register(Invitation)
class InvitationAdmin(CompanyAdmin):
    list_display = ("email", "role", "invited_by", "created_at", "expires_at", "accepted_at", "withdrawn_at")
    list_filter = ("role",)
    list_select_related = ("invited_by",)
    search_fields = ("email",)
    fields = (
        "email",
        "role",
        "visibility",
        "team",
        "invited_by",
        "created_at",
        "expires_at",
        "accepted_at",
        "withdrawn_at",
    )


@admin.register(ApiKey)
class ApiKeyAdmin(CompanyAdmin):
    """Keys without their secrets, which nobody has."""

    list_display = ("name", "member", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("member",)
    search_fields = ("name",)
    fields = ("name", "member", "scopes", "created_at", "last_used_at", "revoked_at")
