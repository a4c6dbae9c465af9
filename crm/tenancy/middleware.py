"""One company around the whole request, so that templates render inside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from crm.models import Member, Tenant
from crm.people import selectors, viewing
from crm.tenancy.context import act_as, tenant_context

SESSION_KEY = "tenant_id"
OPERATOR_KEY = "operator_tenant_id"
ADMIN_PREFIX = "/admin/"
# Where operators change from one company to another, or open one: each opens its own context.
BETWEEN_COMPANIES = ("/admin/company/", "/admin/crm/tenant/")
API_PREFIX = "/api/v1/"
# Links that name their company and carry their own secret: whom the session belongs to does not matter there.
BY_LINK = ("/join/", "/s/", "/f/")
# Where an administrator who looks as another member is oneself: signing in and out, and the way back.
AS_ONESELF = ("/accounts/login/", "/accounts/logout/", "/settings/view-as/")


class TenancyMiddleware:
    """Open the company of the session; an answer that refuses leaves nothing behind."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.tenant = request.member = request.api_key = request.viewer = None
        if request.path.startswith(API_PREFIX):  # a session is no key: crm.api.middleware
            return self.get_response(request)
        if request.path.startswith(ADMIN_PREFIX):
            return self._as_operator(request)
        tenant_id = self._tenant_of_session(request)
        if tenant_id is None:
            return self.get_response(request)
        with tenant_context(tenant_id, request_id=request.id, source="web"):
            member = selectors.member_of(request.user)
            if member is None:
                request.session.pop(SESSION_KEY, None)
            else:
                request.tenant, request.member = member.tenant, member
                act_as(member.pk, sees_personal=member.can("customers.personal"))
                if not request.path.startswith(AS_ONESELF):
                    found = viewing.seen_by(request.session, member)
                    if found is not None:
                        return self._as_seen_by(request, *found)
            return self._answer(request)

    def _as_seen_by(self, request: HttpRequest, member: Member, until: datetime) -> HttpResponse:
        """The page as another member has it; whatever it writes is taken back."""
        request.viewer, request.member, request.viewing_until = request.member, member, until
        act_as(request.viewer.pk, sees_personal=member.can("customers.personal"))
        response = self.get_response(request)
        transaction.set_rollback(True)
        response["Cache-Control"] = "no-store"
        return response

    def _as_operator(self, request: HttpRequest) -> HttpResponse:
        """An operator works in the company chosen in the admin, and is no member of it there."""
        operator = request.user.is_authenticated and request.user.is_active and request.user.is_staff
        tenant_id = request.session.get(OPERATOR_KEY) if operator else None
        if tenant_id is None or request.path.startswith(BETWEEN_COMPANIES):
            return self.get_response(request)
        with tenant_context(tenant_id, request_id=request.id, source="admin"):
            act_as(None, sees_personal=request.user.is_superuser)
            request.tenant = Tenant.objects.get(pk=tenant_id)
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= 400:
            transaction.set_rollback(True)
        return response

    def _tenant_of_session(self, request: HttpRequest) -> UUID | None:
        if request.path.startswith(BY_LINK) or not request.user.is_authenticated:
            return None
        if not request.session.get(SESSION_KEY):
            companies = selectors.companies_of(request.user)
            if len(companies) != 1:
                return None
            request.session[SESSION_KEY] = str(companies[0].tenant_id)
        return UUID(request.session[SESSION_KEY])
