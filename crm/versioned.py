"""Forms over records that others may save meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import ForeignKey
from django.utils.translation import gettext_lazy as _


class Versioned(forms.ModelForm):
    """A form over a record that others may save meanwhile. ``version`` is the one it was opened with, ``decided`` the
    one whose differences whoever sends it was shown.

    The record itself is left as it was read: services compare with it and write.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    decided = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance._state.adding:
            self.initial.setdefault("version", self.instance.version)
        for field in self.fields.values():
            if field.label:
                field.label = str(field.label)[:1].upper() + str(field.label)[1:]

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}  # type: ignore[attr-defined]

    def now(self, name: str) -> Any:
        """What the record has of a value."""
        return getattr(self.instance, name)

    @property
    def readings(self) -> tuple[int, int]:
        """The version it was opened with, and the one it was last decided over."""
        opened = self.cleaned_data["version"]
        decided = self.cleaned_data.get("decided")
        return opened, opened if decided is None else decided

    def then(self, name: str, changed: Mapping[str, Any], version: int) -> Any:
        """What it had at a version; ``changed`` holds the columns changed since, as they were."""
        theirs, field = self.now(name), self.instance._meta.get_field(name)
        if field.attname not in changed:
            return theirs
        value = changed[field.attname]
        if isinstance(field, ForeignKey):
            # Also who may be chosen no longer.
            return field.remote_field.model._default_manager.filter(pk=value).first()
        read = field.to_python(value)
        return "" if read is None and isinstance(theirs, str) else read

    def told(self, name: str, value: Any) -> str:
        """A value of a field in words."""
        choices = getattr(self.instance._meta.get_field(name), "choices", None)
        return str(dict(choices).get(value, value)) if choices else "" if value is None else str(value)

    def label_of(self, name: str) -> str:
        """What a field is called."""
        return str(self.fields[name].label)

    def stand_on(self, version: int) -> None:
        """Sent again, the form has seen the record as it is now: keeping mine is a decision.

        What was not touched stays as the others saved it, so the form is still the one that was opened.
        """
        sent: Any = self.data
        self.data = sent = sent.copy()
        sent["decided"] = version

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance._state.adding and cleaned.get("version") is None:
            self.errors.pop("version", None)
            self.add_error(
                None, _("The form does not say which version of the record it changes. Open it once more.")
            )
        return cleaned

    def _post_clean(self) -> None:
        pass
