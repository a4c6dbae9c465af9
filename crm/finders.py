"""What the kernel lets Ctrl/⌘K find: saved views."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from crm.finding import Finder, Hit, register
from crm.models import Member, SavedView
from crm.saved_views.lists import all_lists
from crm.saved_views.selectors import address, told
from crm.tenancy.prepared import Prepared

_NAMED = Prepared(
    lambda words, member, team: (
        SavedView.objects.living().seen_by(member, team).filter(name__holds=words).order_by("name", "pk")
    )
)


def _views(words: str, member: Member) -> Iterable[Hit]:
    lists = {kind.key: kind for kind in all_lists() if member.can(kind.capability)}
    for view in told(_NAMED(words, member.pk, member.team_id)):
        kind = lists.get(view.listing)
        if kind is not None:
            yield Hit(view.name, str(kind.label), f"{kind.url}{address(view)}", "bookmark")


register(Finder("saved-views", _("Saved views"), "today.view", 90, _views))
