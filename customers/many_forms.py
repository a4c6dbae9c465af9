"""What is asked before something is done to many records."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from customers.custom_forms import CustomFields
from customers.forms import member_field
from customers.models import Contact, Customer, CustomField
from customers.models.custom import RecordType


class TagForm(forms.Form):
    """Which tags many customers get, and which they lose; a choice is told as ``<field>:<value>``."""

    add = forms.MultipleChoiceField(label=_("Add"), required=False, widget=forms.CheckboxSelectMultiple)
    remove = forms.MultipleChoiceField(
        label=_("Take off"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, fields: list[CustomField], **options: Any) -> None:
        super().__init__(*args, **options)
        alone = len(fields) == 1
        choices = [
            (f"{field.key}:{value}", label if alone else f"{field.label}: {label}")
            for field in fields
            for value, label in field.labels.items()
        ]
        for name in ("add", "remove"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def changes(self) -> dict[str, dict[str, list[str]]]:
        """As a deed takes them."""
        told: dict[str, dict[str, list[str]]] = {"add": {}, "remove": {}}
        for way, by_key in told.items():
            for one in self.cleaned_data[way]:
                key, _colon, value = one.partition(":")
                by_key.setdefault(key, []).append(value)
        return told


class AlikeForm(CustomFields, forms.Form):
    """What many records are to have in common: what is filled in is set, what is ticked under ``empty`` emptied.

    ``full`` names the fields that cannot be emptied.
    """

    full: tuple[str, ...] = ()

    empty = forms.MultipleChoiceField(
        label=_("Empty these"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, choices in self.choices().items():
            self.fields[name].choices = [("", "–"), *choices]  # type: ignore[attr-defined]
        self.add_custom_fields({})
        empty = self.fields.pop("empty")
        for name in self._custom:
            self.fields[name].required = False
        optional = [name for name in self.fields if name not in self.full and not self._is_required(name)]
        empty.choices = [(name, self.fields[name].label) for name in optional]  # type: ignore[attr-defined]
        self.fields["empty"] = empty

    def choices(self) -> dict[str, Any]:
        """What the fields with choices offer."""
        return {}

    def _is_required(self, name: str) -> bool:
        return name in self._custom and self._custom[name].required

    @property
    def changes(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Built-in fields and custom ones with their new values; ``None`` empties."""
        plain = [name for name in self.fields if name not in self._custom and name != "empty"]
        values: dict[str, Any] = {name: self.cleaned_data[name] for name in plain if self.cleaned_data[name]}
        if owner := values.get("owner"):
            values["owner"] = str(owner.pk)
        custom = {key: value for key, value in self.custom_values.items() if value is not None}
        for name in self.cleaned_data["empty"]:
            if name in self._custom:
                custom[self._custom[name].key] = None
            else:
                values[name] = None if name == "owner" else ""
        return values, custom


class ManyForm(AlikeForm):
    """What many customers are to have in common."""

    custom_of = RecordType.CUSTOMER
    full = ("kind", "review")

    owner = member_field(label=_("Owner"), required=False, empty_label="–")
    industry = forms.CharField(label=_("Industry"), max_length=100, required=False)
    size = forms.ChoiceField(label=_("Size"), required=False)
    region = forms.CharField(label=_("Region"), max_length=100, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    source = forms.CharField(label=_("Source"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    review = forms.ChoiceField(label=_("Review"), required=False)

    def choices(self) -> dict[str, Any]:
        kinds = {"size": Customer.Size, "kind": Customer.Kind, "review": Customer.Review}
        return {name: kind.choices for name, kind in kinds.items()}


class ManyContactsForm(AlikeForm):
    """What many people are to have in common."""

    custom_of = RecordType.CONTACT
    full = ("role",)

    role = forms.ChoiceField(label=_("Role"), required=False)
    job_title = forms.CharField(label=_("Job title"), max_length=100, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)

    def choices(self) -> dict[str, Any]:
        return {"role": Contact.Role.choices, "language": settings.LANGUAGES}
