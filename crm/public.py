"""Pages without a sign-in: the link carries its company and its own secret."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm.access import open_to_all
from crm.errors import NotFound
from crm.models import Tenant
from crm.tenancy import tokens
from crm.tenancy.context import current_or_none, tenant_context

View = Callable[..., HttpResponse]


def by_token(prefix: str = "") -> Callable[[View], View]:
    """Open the company named in the link; a link of another company than the one signed in to is unknown.

    The view gets the token and the company, in whose language it answers unless it chooses another.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, token: str) -> HttpResponse:
            parsed = tokens.parse(token, prefix)
            outer = current_or_none()
            if outer is not None and outer.tenant_id != parsed.tenant_id:
                raise NotFound
            with tenant_context(parsed.tenant_id, source="web"):
                tenant = Tenant.objects.filter(pk=parsed.tenant_id, closed_at=None).first()
                if tenant is None:
                    raise NotFound
                with translation.override(tenant.locale):
                    return view(request, parsed, tenant)

        return never_cache(
            require_http_methods(["GET", "HEAD", "POST"])(
                open_to_all("the link carries its own secret")(opened)
            )
        )

    return decorate
