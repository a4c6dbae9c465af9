"""What a person chooses about a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.imports.fields import field_of
from customers.imports.mapping import KEYS
from customers.models import Import

# Where there is only one field to know a record by there is nothing to choose.
_CHOSEN = (Import.Kind.CUSTOMERS, Import.Kind.CONTACTS, Import.Kind.CONTRACTS)


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is in the file"), choices=Import.Kind.choices)
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV in any usual encoding, or XLSX. One row names the columns; titles above it are left out."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )


class ChoicesForm(forms.Form):
    """How rows meet what is there. Only the questions that the kind raises are asked."""

    mode = forms.ChoiceField(
        label=_("Rows that are known and rows that are new"), choices=Import.Mode.choices
    )
    key = forms.ChoiceField(label=_("Known by"), required=False)
    unknown = forms.ChoiceField(label=_("Where the customer is unknown"), choices=Import.Unknown.choices)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [field for name in (KEYS[kind] if kind in _CHOSEN else ()) if (field := field_of(kind, name))]
        self.fields["key"].choices = [
            ("", _("The surest column there is")),
            *((f.name, f.label) for f in keys),
        ]
        if not keys:
            self._leave_out("key")
        if kind in (Import.Kind.CUSTOMERS, Import.Kind.PRODUCTS):
            self._leave_out("unknown")

    def _leave_out(self, name: str) -> None:
        self.fields[name].widget = forms.HiddenInput()
        self.fields[name].required = False

    def clean_unknown(self) -> str:
        return self.cleaned_data["unknown"] or Import.Unknown.REJECT
