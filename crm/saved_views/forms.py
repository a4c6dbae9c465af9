from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.lines import NameField
from crm.models import Member, SavedView
from crm.saved_views.lists import ListKind
from crm.services.saved_views import ways_to_share
from crm.versioned import Versioned


class ViewForm(Versioned):
    """A view's name and who sees it, as far as the member may share."""

    name = NameField(label=_("Name"), max_length=60)
    sharing = forms.ChoiceField(label=_("Seen by"), widget=forms.RadioSelect)
    pinned = forms.BooleanField(label=_("Show it as a tab"), required=False)

    class Meta:
        model = SavedView
        fields = ["name", "sharing", "pinned"]

    def __init__(self, data: Any, *, kind: ListKind, member: Member, **options: Any) -> None:
        super().__init__(data, **options)
        ways = ways_to_share(kind, member)
        kept = None if self.instance._state.adding else self.instance.sharing
        self.fields["sharing"].choices = [  # type: ignore[attr-defined]
            (way.value, way.label) for way in SavedView.Sharing if way in ways or way == kept
        ]
        self.fields["sharing"].initial = SavedView.Sharing.PRIVATE
        self.fields["pinned"].initial = True

    def told(self, name: str, value: Any) -> str:
        if name == "pinned":
            return str(_("yes") if value else _("no"))
        return super().told(name, value)
