"""The site: entered through our own sign-in, by staff only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from unfold.sites import UnfoldAdminSite

View = Callable[..., HttpResponse]

# The admin's pages are drawn by Alpine, which compiles its attributes, and carry their colours in a style
# element. Only they may; all other pages keep the strict policy.
_relaxed = csp_update({"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]})


class OperationsSite(UnfoldAdminSite):
    index_template = "operations/index.html"

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        return _relaxed(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Sign-in is everybody's, with its second factor. Who is signed in and no operator is refused."""
        if request.user.is_authenticated:
            raise PermissionDenied
        target = request.GET.get("next", "/admin/")
        return redirect(f"/accounts/login/?{urlencode({'next': target})}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_change_password")

    def extra_urls(self) -> list[Any]:
        from crm.operations import views  # its models are there only once the apps are

        return [
            path("company/", self.admin_view(views.choose), name="choose-company"),
            path("company/<uuid:pk>/enter/", self.admin_view(views.enter), name="enter-company"),
            path("company/leave/", self.admin_view(views.leave), name="leave-company"),
            path("health/", self.admin_view(views.health), name="health"),
        ]


def environment(request: HttpRequest) -> list[str] | None:
    """The chosen company, shown on top of every page."""
    return [request.tenant.name, "warning"] if request.tenant else None


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The installation first, then what belongs to the chosen company."""
    return [
        {
            "title": _("Installation"),
            "items": [
                _item(_("Companies"), "crm_tenant_changelist"),
                _item(_("Sign-ins"), "crm_user_changelist"),
                _item(_("Schedules"), "django_celery_beat_periodictask_changelist"),
                _item(_("Health"), "health"),
            ],
        },
        {
            "title": request.tenant.name if request.tenant else _("No company chosen"),
            "items": [
                _item(_("Choose a company"), "choose-company"),
                _item(_("Members"), "crm_member_changelist"),
                _item(_("Teams"), "crm_team_changelist"),
                _item(_("Invitations"), "crm_invitation_changelist"),
                _item(_("API keys"), "crm_apikey_changelist"),
                _item(_("Customers"), "customers_customer_changelist"),
                _item(_("Custom fields"), "customers_customfield_changelist"),
                _item(_("Imports"), "customers_import_changelist"),
                _item(_("Deliveries"), "crm_delivery_changelist"),
                _item(_("Bounced addresses"), "customers_mailbounce_changelist"),
                _item(_("Webhooks"), "crm_webhookendpoint_changelist"),
                _item(_("Webhook events"), "crm_webhookevent_changelist"),
                _item(_("Webhook calls"), "crm_webhookattempt_changelist"),
                _item(_("Jobs"), "crm_job_changelist"),
                _item(_("History"), "crm_auditentry_changelist"),
            ],
        },
    ]


def _item(title: str, name: str) -> dict[str, Any]:
    return {"title": title, "link": reverse(f"admin:{name}")}
