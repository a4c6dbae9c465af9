"""One company around the whole request, so that templates render inside it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from crm.models import Member, Tenant
from crm.people import selectors
from crm.tenancy.context import act_as, tenant_context

SESSION_KEY = "tenant_id"
API_PREFIX = "/api/v1/"


class TenancyMiddleware:
    """Open the company of the session; an answer that refuses leaves nothing behind."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.tenant = request.member = request.api_key = None
        if request.path.startswith(API_PREFIX):  # a session is no key: crm.api.middleware
            return self.get_response(request)
        tenant_id = self._tenant_of_session(request)
        if tenant_id is None:
            return self.get_response(request)
        with tenant_context(tenant_id, request_id=request.id, source=_source(request)):
            member = Member.objects.active().filter(user=request.user.pk).select_related("team").first()
            if member is None and not _is_ops(request):
                request.session.pop(SESSION_KEY, None)
            else:
                request.tenant, request.member = Tenant.objects.get(pk=tenant_id), member
                act_as(member.pk if member else None)
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= 400:
            transaction.set_rollback(True)
        return response

    def _tenant_of_session(self, request: HttpRequest) -> UUID | None:
        if not request.user.is_authenticated:
            return None
        if not request.session.get(SESSION_KEY):
            companies = selectors.companies_of(request.user)
            if len(companies) != 1:
                return None
            request.session[SESSION_KEY] = str(companies[0].tenant_id)
        return UUID(request.session[SESSION_KEY])


def _source(request: HttpRequest) -> str:
    return "admin" if request.path.startswith("/admin/") else "web"


def _is_ops(request: HttpRequest) -> bool:
    return request.path.startswith("/admin/") and request.user.is_staff
