"""Every page says what it needs; a page that does not is refused, and the build fails."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from crm.errors import NotAllowed
from crm.people.roles import ALL_CAPABILITIES

View = Callable[..., HttpResponse]


def needs(capability: str) -> Callable[[View], View]:
    """The view is for members who hold ``capability``; others sign in, choose a company, or are refused."""
    if capability not in ALL_CAPABILITIES:
        raise LookupError(f"No such capability: {capability}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect(f"/accounts/login/?{urlencode({'next': request.get_full_path()})}")
            if request.member is None:
                return redirect("companies")
            if not request.member.can(capability):
                raise NotAllowed
            return view(request, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return guarded

    return decorate


def open_to_all(reason: str) -> Callable[[View], View]:
    """The view needs no member, for the reason given: health, survey links, choosing a company."""

    def decorate(view: View) -> View:
        view.open_because = reason  # type: ignore[attr-defined]
        return view

    return decorate
