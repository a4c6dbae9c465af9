"""Keeping, sharing, arranging and deleting views of lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.errors import Conflict, DomainError, NotAllowed, Stale
from crm.models import Member, SavedView, ViewMark
from crm.saved_views.lists import ListKind, WrongView, list_of

MOST = 200
_CONTENT = ("filters", "sort", "columns")


class MayNotShare(NotAllowed):
    """Sharing so widely takes more rights than the member has."""

    code = "may_not_share"
    message = _("Sharing with everyone is for team leads and administrators; with a team, for its members.")


class NotYours(NotAllowed):
    """The view belongs to somebody else. It can be kept under another name."""

    code = "not_yours"
    message = _("This view belongs to a colleague. Save it under a name of your own.")


class TooManyViews(DomainError):
    """A member keeps no more than ``MOST`` views of one list."""

    code = "too_many_views"
    message = _("You have very many views of this list. Delete one first.")


class ViewGone(Conflict):
    """Somebody deleted the view."""

    code = "view_gone"
    message = _("This view was deleted.")


@transaction.atomic
def save_view(
    *,
    actor: Member,
    listing: str,
    name: str,
    filters: Mapping[str, str] | None = None,
    sort: str = "",
    columns: Sequence[str] = (),
    sharing: str = SavedView.Sharing.PRIVATE,
    pinned: bool = True,
) -> SavedView:
    """Keep a list as it is asked for; whoever makes a view owns it."""
    kind = _kind(listing, actor)
    _refuse_sharing(kind, sharing, actor)
    content: dict[str, Any] = {"filters": dict(filters or {}), "sort": sort, "columns": [*columns]}
    _check(kind, **content)
    if SavedView.objects.living().filter(listing=listing, owner=actor).at_most(MOST) >= MOST:
        raise TooManyViews
    view = SavedView.objects.create(
        listing=listing,
        name=_named(name),
        sharing=sharing,
        pinned=pinned,
        owner=actor,
        team=actor.team,
        **content,
    )
    audit.record("view.saved", view, actor=actor)
    return view


@transaction.atomic
def change_view(*, view: SavedView, actor: Member, version: int | None = None, **fields: Any) -> SavedView:
    """Change name, content (``filters``, ``sort``, ``columns``), sharing or pinning of a view."""
    kind = _kind(view.listing, actor)
    _refuse_others(kind, view, actor)
    unknown = set(fields) - {"name", "sharing", "pinned", *_CONTENT}
    if unknown:
        raise TypeError(f"Not to be changed: {', '.join(sorted(unknown))}")
    if "name" in fields:
        fields["name"] = _named(fields["name"])
    if fields.get("sharing", view.sharing) != view.sharing:
        _refuse_sharing(kind, fields["sharing"], actor)
        fields["team"] = actor.team
    content = {name: fields.get(name, getattr(view, name)) for name in _CONTENT}
    if set(fields) & set(_CONTENT):
        _check(kind, **content)
    changed = {name: value for name, value in fields.items() if getattr(view, name) != value}
    if changed:
        rows = SavedView.objects.living().filter(pk=view.pk)
        rows = rows.filter(version=version) if version is not None else rows
        if not rows.update(**changed, version=F("version") + 1):
            raise Stale if SavedView.objects.living().filter(pk=view.pk).exists() else ViewGone
        audit.record("view.changed", view, actor=actor, fields=sorted(changed))
        view.refresh_from_db()
    return view


@transaction.atomic
def arrange_view(
    *, view: SavedView, actor: Member, pinned: bool | None = None, default: bool | None = None
) -> ViewMark:
    """Pin a view to one's own tabs, or take it off; let the list begin with it, or no longer."""
    mark, _made = ViewMark.objects.get_or_create(member=actor, view=view)
    if default:
        ViewMark.objects.filter(member=actor, view__listing=view.listing).exclude(pk=mark.pk).update(
            default=False
        )
    mark.pinned = mark.pinned if pinned is None else pinned
    mark.default = mark.default if default is None else default
    mark.save(update_fields=["pinned", "default"])
    return mark


@transaction.atomic
def delete_view(*, view: SavedView, actor: Member) -> SavedView:
    """Take a view away from everyone; ``restore_view`` brings it back."""
    _refuse_others(_kind(view.listing, actor), view, actor)
    living = SavedView.objects.living().filter(pk=view.pk)
    if not living.update(deleted_at=timezone.now(), version=F("version") + 1):
        raise ViewGone
    audit.record("view.deleted", view, actor=actor)
    view.refresh_from_db()
    return view


@transaction.atomic
def restore_view(*, view: SavedView, actor: Member) -> SavedView:
    """Bring a deleted view back as it was, with everybody's arrangement of it."""
    _refuse_others(_kind(view.listing, actor), view, actor)
    deleted = SavedView.objects.filter(pk=view.pk).exclude(deleted_at=None)
    if deleted.update(deleted_at=None, version=F("version") + 1):
        audit.record("view.restored", view, actor=actor)
    view.refresh_from_db()
    return view


def may_change(view: SavedView, member: Member) -> bool:
    """One's own always; what is shared, also who manages the area."""
    if view.owner_id == member.pk:
        return True
    return view.sharing != SavedView.Sharing.PRIVATE and member.can(list_of(view.listing).manage)


def ways_to_share(kind: ListKind, member: Member) -> list[str]:
    """With whom a member may share views of a list."""
    ways: list[str] = [SavedView.Sharing.PRIVATE]
    if member.team_id and member.role != "reader":
        ways.append(SavedView.Sharing.TEAM)
    return [*ways, SavedView.Sharing.EVERYONE] if member.can(kind.manage) else ways


def _kind(key: str, actor: Member) -> ListKind:
    kind = list_of(key)
    if not actor.can(kind.capability):
        raise NotAllowed
    return kind


def _refuse_sharing(kind: ListKind, sharing: str, actor: Member) -> None:
    if sharing not in ways_to_share(kind, actor):
        raise MayNotShare


def _refuse_others(kind: ListKind, view: SavedView, actor: Member) -> None:
    if not may_change(view, actor):
        raise NotYours


def _check(kind: ListKind, filters: Mapping[str, Any], sort: str, columns: Sequence[Any]) -> None:
    plain = all(isinstance(one, str) for one in [*filters, *filters.values(), *columns])
    if not plain:
        raise WrongView(errors={"filters": [str(_("Names and values must be texts."))]})
    if errors := kind.check(filters, sort, columns):
        raise WrongView(errors=errors)


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise WrongView(errors={"name": [str(_("A view needs a name."))]})
    return name
