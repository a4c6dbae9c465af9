"""What people type about classes and segments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from segmentation.models import CustomerClass, Segment

RANKS = [
    (1, _("1 · must not be lost")),
    (2, _("2 · can grow")),
    (3, _("3 · the many")),
    (4, _("4 · gone quiet")),
]


class ClassForm(forms.ModelForm):
    """Name, description and how dear the class is; its rule is built beside."""

    rank = forms.TypedChoiceField(label=_("Importance"), choices=RANKS, coerce=int, initial=3)

    class Meta:
        model = CustomerClass
        fields = ["name", "description", "rank"]


class SegmentForm(forms.ModelForm):
    class Meta:
        model = Segment
        fields = ["name", "description"]

    def validate_constraints(self) -> None:
        """Whether the name is free is the service's to say."""


class OverrideForm(forms.Form):
    """A class by hand, with its reason and its end."""

    customer_class: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Class"), queryset=CustomerClass.objects.none()
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Everyone who sees the customer can read it.")
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Without a day it holds until someone takes it off."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer_class"].queryset = CustomerClass.objects.active()  # type: ignore[attr-defined]
