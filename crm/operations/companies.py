"""Companies and the people who sign in: the global registry."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from crm.lines import AddressField
from crm.models import Tenant, User
from crm.operations.base import OperationsAdmin
from crm.services import operations
from crm.services.tenants import create_tenant

_SETTINGS = ("name", "slug", "locale", "timezone", "currency")


class CompanyForm(forms.ModelForm):
    """A new company, with its first administrator."""

    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(name, name) for name in sorted(available_timezones())],
        initial="UTC",
        widget=UnfoldAdminSelectWidget,
    )
    admin_email = AddressField(label=_("Administrator's e-mail"), widget=UnfoldAdminEmailInputWidget)
    password = forms.CharField(
        label=_("First password"),
        widget=UnfoldAdminPasswordWidget,
        validators=[validate_password],
        help_text=_("Not used when this person signs in already."),
    )

    class Meta:
        model = Tenant
        fields = _SETTINGS


@admin.register(Tenant)
class TenantAdmin(OperationsAdmin):
    may_add = True
    list_display = ("name", "slug", "locale", "timezone", "currency", "created_at", "closed_at")
    list_filter = ("locale", ("closed_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "slug")
    fields = (*_SETTINGS, "created_at", "closed_at")
    add_fieldsets = ((None, {"fields": (*_SETTINGS, "admin_email", "password")}),)
    actions = ("close", "reopen")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(
            request, obj, change=change, **({"form": CompanyForm} if obj is None else {}), **kwargs
        )

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:
        """Through the service: the administrator, the defaults and the first line of its history come with it."""
        tenant, _key = create_tenant(**form.cleaned_data)
        obj.pk, obj.created_at = tenant.pk, tenant.created_at

    @admin.action(description=_("Close: nobody gets in, nothing is sent"), permissions=["view"])
    def close(self, request: HttpRequest, queryset: Any) -> None:
        for tenant in queryset:
            operations.close_company(tenant=tenant, operator=request.user)

    @admin.action(description=_("Open again"), permissions=["view"])
    def reopen(self, request: HttpRequest, queryset: Any) -> None:
        for tenant in queryset:
            operations.reopen_company(tenant=tenant, operator=request.user)


@admin.register(User)
class UserAdmin(OperationsAdmin):
    """Sign-ins. Only a superuser may change who is an operator."""

    list_display = ("email", "name", "is_active", "is_staff", "is_superuser", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name")
    fields = (
        "email",
        "name",
        "language",
        "is_active",
        "is_staff",
        "is_superuser",
        "date_joined",
        "last_login",
    )
    readonly_fields = ("email", "date_joined", "last_login")
    actions = ("remove_second_factors",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    @admin.action(description=_("Remove second factors (a lost phone)"), permissions=["change"])
    def remove_second_factors(self, request: HttpRequest, queryset: Any) -> None:
        Authenticator.objects.filter(user__in=queryset).delete()
        for user in queryset:
            self.note(request, "second factors removed", user)
