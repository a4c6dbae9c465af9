"""Defining a custom field, as it is typed into the settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.lines import NameField
from customers.custom.kinds import stored
from customers.custom_forms import form_field, typed_in
from customers.models import CustomField
from customers.models.custom import FieldKind, RecordType
from customers.selectors.custom import names_of

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


class FieldForm(forms.Form):
    """What of a field can change. ``gone`` are the choices that were emptied; they want ``confirmed``."""

    label = NameField(label=gettext_lazy("Name"), max_length=80)
    help = forms.CharField(label=gettext_lazy("Help"), max_length=200, required=False)
    required = forms.BooleanField(label=gettext_lazy("Must be filled in"), required=False)
    personal = forms.BooleanField(
        label=gettext_lazy("Personal data"), help_text=PERSONAL_HELP, required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, field: CustomField, **options: Any) -> None:
        self.field = field
        options["initial"] = {
            "label": field.label,
            "help": field.help,
            "required": field.required,
            "personal": field.personal,
            "version": field.version,
        }
        super().__init__(*args, **options)
        for number, one in enumerate(field.choices, 1):
            self.fields[f"choice-{number}"] = forms.CharField(
                label=_("Choice %(number)s") % {"number": number},
                max_length=80,
                initial=one["label"],
                required=False,
            )
        if field.type.has_choices:
            self.fields["more"] = forms.CharField(
                label=_("More choices"),
                help_text=_("One per line. To remove a choice, empty it above."),
                widget=forms.Textarea(attrs={"rows": 3}),
                required=False,
            )
        if field.kind != FieldKind.CUSTOMER:
            names = names_of([field], [{field.key: field.default}])
            self.fields["default"] = form_field(field, field.default, names)
            self.fields["default"].label, self.fields["default"].help_text = _("Default"), ""
            self.fields["default"].required = False

    @property
    def choices(self) -> list[dict[str, str]]:
        """The choices as they would stand: kept, renamed, added."""
        labels = [self.cleaned_data.get(f"choice-{n}", "") for n in range(1, len(self.field.choices) + 1)]
        kept = [
            {"value": one["value"], "label": label}
            for one, label in zip(self.field.choices, labels, strict=True)
            if label
        ]
        return kept + [
            {"value": label, "label": label} for label in _lines(self.cleaned_data.get("more", ""))
        ]

    @property
    def gone(self) -> list[str]:
        left = {one["value"] for one in self.choices}
        return [value for value in self.field.labels if value not in left]

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        values = {name: self.cleaned_data[name] for name in ("label", "help", "required", "personal")}
        if self.field.type.has_choices:
            values["choices"] = self.choices
        if "default" in self.changed_data:
            values["default"] = self._default()
        return values

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "default" in self.changed_data and "default" not in self.errors:
            try:
                self._default()
            except ValueError as wrong:
                self.add_error("default", str(wrong))
        return cleaned

    def _default(self) -> Any:
        return stored(self.field, typed_in(self.field, self.cleaned_data["default"]))
