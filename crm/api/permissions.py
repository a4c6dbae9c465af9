"""What a call may do: the key's scope and its member's capability, both."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS, BasePermission

from crm.errors import NotAllowed


class Anyone(BasePermission):
    """For the description of the API, which holds nothing of any company."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return True


class MissingScope(NotAllowed):
    """The key was not made for this."""

    code = "missing_scope"


class NeedsCapability(BasePermission):
    """The action's scope and capability; an action that declares none is refused to everyone."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if request.auth is None:
            return False
        if view.action in (None, "metadata"):  # answered with what is allowed, or 405
            return True
        scope = f"{view.resource}:{'read' if request.method in SAFE_METHODS else 'write'}"
        if scope not in request.auth.scopes:
            raise MissingScope(_("This key lacks the scope %(scope)s.") % {"scope": scope})
        capability = view.capability_of(view.action)
        if capability is None or not request.member.can(capability):
            raise NotAllowed
        return True
