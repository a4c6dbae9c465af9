"""What the kernel lets Ctrl/⌘K find: saved views."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from crm.finding import Finder, Hit, register
from crm.models import Member, SavedView
from crm.saved_views.lists import all_lists
from crm.saved_views.selectors import address


def _views(words: str, member: Member) -> Iterable[Hit]:
    lists = {kind.key: kind for kind in all_lists() if member.can(kind.capability)}
    seen = SavedView.objects.living().visible_to(member).filter(listing__in=lists, name__icontains=words)
    for view in seen.order_by("name", "pk"):
        kind = lists[view.listing]
        yield Hit(view.name, str(kind.label), f"{kind.url}{address(view)}", "bookmark")


register(Finder("saved-views", _("Saved views"), "today.view", 90, _views))
