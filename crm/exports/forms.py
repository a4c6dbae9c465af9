"""What a member chooses about a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.exports.listings import Listing


class ExportForm(forms.Form):
    """``what`` is ``<list>:shown`` or ``<list>:whole``."""

    what = forms.ChoiceField(label=_("What"))
    format = forms.ChoiceField(
        label=_("Format"), choices=[("csv", _("CSV")), ("xlsx", _("Excel workbook (XLSX)"))]
    )

    def __init__(self, *args: Any, listings: list[Listing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [one for listing in listings for one in _choices(listing)]

    def chosen(self) -> tuple[str, bool]:
        """The list's name, and whether every field of it."""
        name, _colon, way = self.cleaned_data["what"].partition(":")
        return name, way == "whole"


def _choices(listing: Listing) -> list[tuple[str, Any]]:
    shown = [(f"{listing.name}:shown", _("The list as it is shown"))] if listing.shown else []
    if not listing.whole:
        return shown
    label = _("Every field, to be imported again") if listing.shown else listing.title
    return [*shown, (f"{listing.name}:whole", label)]
