"""Defining a custom field, as it is typed into the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.lines import NameField
from crm.people.selectors import company_currency
from crm.versioned import Versioned
from customers.custom.kinds import stored
from customers.custom_forms import form_field, typed_in
from customers.models import CustomField
from customers.models.custom import FieldKind, RecordType
from customers.selectors.custom import names_of, told
from customers.services.custom_fields import MOST_CHOICES

PERSONAL_HELP = gettext_lazy("Masked for everybody who may not see e-mail addresses and phone numbers.")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class NewFieldForm(forms.Form):
    """What a new field is; its kind and key stay as they are chosen here."""

    label = NameField(
        label=gettext_lazy("Name"), max_length=80, widget=forms.TextInput(attrs={"autofocus": True})
    )
    record = forms.ChoiceField(label=gettext_lazy("Of"), choices=RecordType.choices)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=FieldKind.choices)
    lines = forms.CharField(
        label=gettext_lazy("Choices"),
        help_text=gettext_lazy("One per line, where the kind is a list."),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    help = forms.CharField(
        label=gettext_lazy("Help"),
        help_text=gettext_lazy("Stands below the field in forms."),
        max_length=200,
        required=False,
    )
    required = forms.BooleanField(label=gettext_lazy("Must be filled in"), required=False)
    personal = forms.BooleanField(
        label=gettext_lazy("Personal data"), help_text=PERSONAL_HELP, required=False
    )
    key = forms.CharField(
        label=gettext_lazy("Key"),
        help_text=gettext_lazy(
            "For the API and files. Made from the name where it is left empty; never changes."
        ),
        max_length=40,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        needs_choices = cleaned.get("kind") in (FieldKind.CHOICE, FieldKind.MULTI_CHOICE)
        if needs_choices and not _lines(cleaned.get("lines", "")):
            self.add_error("lines", _("Which choices are there?"))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "lines"}
        return {**values, "choices": _lines(self.cleaned_data["lines"])}


class FieldForm(Versioned):
    """What of a field can change. ``gone`` are the choices that are left out; they want ``confirmed``.

    ``known`` says which choices it was opened with: one may have come or gone since.
    """

    label = NameField(label=gettext_lazy("Name"), max_length=80)
    help = forms.CharField(label=gettext_lazy("Help"), max_length=200, required=False)
    required = forms.BooleanField(label=gettext_lazy("Must be filled in"), required=False)
    personal = forms.BooleanField(
        label=gettext_lazy("Personal data"), help_text=PERSONAL_HELP, required=False
    )
    known = forms.JSONField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = CustomField
        fields = ["label", "help", "required", "personal"]

    def __init__(self, *args: Any, instance: CustomField, **options: Any) -> None:
        super().__init__(*args, instance=instance, **options)
        self.initial["known"] = [one["value"] for one in instance.choices]
        for number, value in enumerate(self._opened_with(), 1):
            self.fields[f"choice-{number}"] = forms.CharField(
                label=_("Choice %(number)s") % {"number": number},
                max_length=80,
                initial=instance.labels.get(value, ""),
                required=False,
            )
        if instance.type.has_choices:
            self.fields["more"] = forms.CharField(
                label=_("More choices"),
                help_text=_("One per line. To remove a choice, empty it above."),
                widget=forms.Textarea(attrs={"rows": 3}),
                required=False,
            )
        if instance.kind != FieldKind.CUSTOMER:
            names = names_of([instance], [{instance.key: instance.default}])
            self.fields["default"] = form_field(instance, instance.default, names)
            self.fields["default"].label, self.fields["default"].help_text = _("Default"), ""
            self.fields["default"].required = False

    def _opened_with(self) -> list[str]:
        """The choices, in the order of their boxes."""
        given = self.data.get("known") if self.is_bound else None
        with suppress(ValueError):
            read = json.loads(given or "")
            if isinstance(read, list) and all(isinstance(one, str) for one in read[: MOST_CHOICES + 1]):
                return list(dict.fromkeys(read[:MOST_CHOICES]))
        return list(self.initial["known"])

    @property
    def choices(self) -> list[dict[str, str]]:
        """The choices as they would stand: kept, renamed, added."""
        labels = {
            value: self.cleaned_data.get(f"choice-{number}", "")
            for number, value in enumerate(self._opened_with(), 1)
        }
        kept = [{"value": value, "label": label} for value, label in labels.items() if label]
        return kept + [
            {"value": label, "label": label} for label in _lines(self.cleaned_data.get("more", ""))
        ]

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        values = super().values
        if self.instance.type.has_choices:
            values["choices"] = self.choices
        if "default" in self.changed_data:
            values["default"] = self._default()
        return values

    def gone(self, values: Mapping[str, Any]) -> list[str]:
        """The choices of the record that saving these values would take away."""
        left = {one["value"] for one in values.get("choices", self.instance.choices)}
        return [value for value in self.instance.labels if value not in left]

    def told(self, name: str, value: Any) -> str:
        if name == "choices":
            return "\n".join(one["label"] for one in value)
        if name == "default":
            names = names_of([self.instance], [{self.instance.key: value}])
            return told(self.instance, value, currency=company_currency(), names=names)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return super().told(name, value)

    def label_of(self, name: str) -> str:
        return _("Choices") if name == "choices" else super().label_of(name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "default" in self.changed_data and "default" not in self.errors:
            try:
                self._default()
            except ValueError as wrong:
                self.add_error("default", str(wrong))
        return cleaned

    def _default(self) -> Any:
        return stored(self.instance, typed_in(self.instance, self.cleaned_data["default"]))
