"""What people type about classes and segments."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from crm.versioned import Versioned
from segmentation.criteria import BadCriteria, parse, told
from segmentation.members import reference_at
from segmentation.models import CustomerClass, Segment
from segmentation.rule_form import RuleForm

RANKS = [
    (1, _("1 · must not be lost")),
    (2, _("2 · can grow")),
    (3, _("3 · the many")),
    (4, _("4 · gone quiet")),
]


class Ruled(Versioned):
    """A form of a record with a rule, which is built beside its fields."""

    def __init__(self, *args: Any, rule: RuleForm, **options: Any) -> None:
        super().__init__(*args, **options)
        self.rule = rule

    def is_valid(self) -> bool:
        return super().is_valid() & self.rule.is_valid()

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "criteria": self.rule.criteria}

    def kept(self, save: Callable[..., HttpResponse], **values: Any) -> HttpResponse | None:
        """What ``save`` answers to the values; ``None`` where the rule is refused, which is told beside its row."""
        try:
            return save(**values)
        except BadCriteria as refusal:
            self.rule.show(refusal)
            return None

    def told(self, name: str, value: Any) -> str:
        if name != "criteria":
            return super().told(name, value)
        with suppress(BadCriteria):
            return told(parse(value, for_class=self.rule.for_class), reference_at())
        return ""

    def label_of(self, name: str) -> str:
        return str(_("Rule")) if name == "criteria" else super().label_of(name)


class ClassForm(Ruled):
    """Name, description and how dear the class is."""

    rank = forms.TypedChoiceField(label=_("Importance"), choices=RANKS, coerce=int, initial=3)

    class Meta:
        model = CustomerClass
        fields = ["name", "description", "rank"]

    def told(self, name: str, value: Any) -> str:
        return str(dict(RANKS)[value]) if name == "rank" else super().told(name, value)


class SegmentForm(Ruled):
    class Meta:
        model = Segment
        fields = ["name", "description"]


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
