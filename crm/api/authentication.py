"""Who calls: the key that the middleware has already looked up under its own company."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer tnr_…``. Unknown, revoked and malformed keys look the same."""

    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        if request.api_key is not None:
            return request.member, request.api_key
        if "Authorization" in request.headers:
            raise AuthenticationFailed(_("The key is not known, or it was revoked."))
        return None

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="Tenure"'


class KeyScheme(OpenApiAuthenticationExtension):
    """How the description names the key."""

    target_class = "crm.api.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "tnr_…"}
