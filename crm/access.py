"""Every page says what it needs; a page that does not is refused, and the build fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.http import urlencode

from crm.errors import NotAllowed
from crm.models import Member
from crm.people import viewing
from crm.people.roles import ALL_CAPABILITIES

View = Callable[..., HttpResponse]

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
            viewing.check(request, capability)
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


def may_open(member: Member | None, address: str) -> bool:
    """Whether the view at ``address`` would let ``member`` in, as far as its capability says.

    Pages ask before they offer a way. Other sites' addresses and open views let everyone in, and where there is no
    member, as on signed-out pages, nothing is held back.
    """
    if member is None or not address.startswith("/"):
        return True
    capability = _capability_at(_ID.sub(str(UUID(int=0)), address.partition("?")[0]))
    return capability is None or member.can(capability)


@lru_cache(maxsize=1024)
def _capability_at(path: str) -> str | None:
    """What the view at ``path`` needs; records differ only by id, so that the pages of one kind are asked once."""
    try:
        return getattr(resolve(path).func, "capability", None)
    except Resolver404:
        return None
