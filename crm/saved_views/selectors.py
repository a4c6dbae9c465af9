"""A member's views of a list, as tabs over it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, FilteredRelation, Q

from crm.models import Member, SavedView
from crm.personal import asks_hidden, is_masked
from crm.saved_views.lists import ListKind
from crm.tenancy.prepared import Prepared


@dataclass(frozen=True)
class Tab:
    """A view as one member has arranged it."""

    view: SavedView
    pinned: bool
    default: bool
    url: str


def arranged(member_id: UUID, team_id: UUID | None) -> Any:
    """The views a member sees, each with ``my_pinned`` and ``my_default``."""
    mine = FilteredRelation("marks", condition=Q(marks__member=member_id))
    views = SavedView.objects.living().seen_by(member_id, team_id).annotate(mine=mine)
    return views.annotate(my_pinned=F("mine__pinned"), my_default=F("mine__default"))


def told(views: Iterable[Any]) -> list[Any]:
    """The views without those that ask about what is hidden in the open context: not even their filters are told."""
    return [view for view in views if not asks_hidden([view.filters, view.sort])]


_OF_LIST = Prepared(lambda member, team, listing: arranged(member, team).filter(listing=listing))


def tabs_of(kind: ListKind, member: Member) -> list[Tab]:
    """The member's views of one list by name; one query."""
    return [
        Tab(
            view,
            view.pinned if view.my_pinned is None else view.my_pinned,
            bool(view.my_default),
            f"{kind.url}{address(view)}",
        )
        for view in told(_OF_LIST(member.pk, member.team_id, kind.key))
    ]


def readable(views: Any) -> Any:
    """Of a query set of views those that ``told`` leaves."""
    return views.filter(pk__in=[view.pk for view in told(views)]) if is_masked() else views


def address(view: SavedView) -> str:
    """The query that shows a view; all it holds stands in it, so that it can be sent to anybody."""
    query: dict[str, str] = {"view": str(view.pk), **view.filters}
    query |= {"sort": view.sort} if view.sort else {}
    query |= {"cols": ".".join(view.columns)} if view.columns else {}
    return f"?{urlencode(query, safe='(),:')}"
