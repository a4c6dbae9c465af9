"""What a list's page shows of its views: tabs, and the menu of what can be done with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import redirect
from django.utils.translation import gettext as _

from crm.addresses import reverse
from crm.models import SavedView
from crm.saved_views.lists import ListKind
from crm.saved_views.selectors import Tab, tabs_of
from crm.services.saved_views import may_change

ALL = "all"


class Views:
    """The views of one list for whoever asks; ``current`` is the one the address names."""

    def __init__(self, kind: ListKind, request: Any) -> None:
        self.kind, self.member = kind, request.member
        self.tabs = tabs_of(kind, request.member)
        self.current = self._named(request.GET.get("view", ""))
        self.default = next((tab for tab in self.tabs if tab.default), None)

    def _named(self, text: str) -> Tab | None:
        return next((tab for tab in self.tabs if str(tab.view.pk) == text), None)

    @property
    def all_url(self) -> str:
        """The whole list, where the bare address leads to a view."""
        return f"{self.kind.url}?view={ALL}" if self.default else self.kind.url

    def first_page(self, request: Any) -> Any:
        """Where the bare address of the list leads, if to a view."""
        bare = not request.GET and not request.htmx and self.default
        return redirect(self.default.url) if bare and self.default else None

    def drawn(self, built_in: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Tabs as ``ui/list.html`` draws them: those everyone has, then the pinned ones and the one at hand."""
        if self.current:
            built_in = [{**tab, "current": False} for tab in built_in]
        return built_in + [
            {"label": tab.view.name, "url": tab.url, "current": tab is self.current}
            for tab in self.tabs
            if tab.pinned or tab is self.current
        ]

    def menu(self) -> list[dict[str, Any]]:
        """What can be done with the view at hand, then the views that are no tabs."""
        new = reverse("new-view", args=[self.kind.key])
        items = [*(self._deeds(self.current) if self.current else [])]
        items.append({"label": _("Save as a new view …"), "icon": "plus", "url": new, "sheet": True})
        items += [
            {"label": tab.view.name, "icon": _SIGNS[tab.view.sharing], "url": tab.url}
            for tab in self.tabs
            if not tab.pinned and tab is not self.current
        ]
        return items

    def _deeds(self, tab: Tab) -> list[dict[str, Any]]:
        pk = tab.view.pk
        mine = may_change(tab.view, self.member)
        items = [_post(_("Save the view as it is now"), "device-floppy", "save-view", pk)] if mine else []
        if mine:
            edit = reverse("edit-view", args=[pk])
            items.append({"label": _("Rename and share …"), "icon": "edit", "url": edit, "sheet": True})
        pin = (_("Take off the tabs"), "pinned-off") if tab.pinned else (_("Show as a tab"), "pin")
        first = (
            (_("Do not begin with it"), "star-off") if tab.default else (_("Begin with this view"), "star")
        )
        items += [_post(*pin, "pin-view", pk), _post(*first, "default-view", pk)]
        if mine:
            items.append(_post(_("Delete the view"), "trash", "delete-view", pk) | {"danger": True})
        return items


_SIGNS: dict[str, str] = {
    SavedView.Sharing.PRIVATE: "lock",
    SavedView.Sharing.TEAM: "users",
    SavedView.Sharing.EVERYONE: "world",
}


def _post(label: str, icon: str, name: str, pk: UUID) -> dict[str, Any]:
    return {"label": label, "icon": icon, "url": reverse(name, args=[pk]), "post": True}
