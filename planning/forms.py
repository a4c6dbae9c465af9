"""Plans and objectives."""

from __future__ import annotations

from typing import Any

from babel.numbers import get_currency_precision
from django import forms
from django.utils.translation import gettext_lazy as _

from crm import kpis
from crm.models import Member
from crm.people.selectors import company_currency
from crm.versioned import Versioned
from planning.models import Objective, Plan

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PlanForm(Versioned):
    """A plan."""

    class Meta:
        model = Plan
        fields = ("name", "background", "starts_on", "ends_on", "owner")
        widgets = {"starts_on": DAY, "ends_on": DAY, "background": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = Member.objects.active()


class ObjectiveForm(forms.ModelForm):
    """Shares are written as per cent, money in major units."""

    kpi = forms.ChoiceField(label=_("KPI"))

    class Meta:
        model = Objective
        fields = ("kpi", "target", "term", "due_on", "owner")
        widgets = {"due_on": DAY}
        help_texts = {"target": _("Shares in per cent, money in whole units of your currency.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = Member.objects.active()
        self.fields["kpi"].choices = [(kpi.key, kpi.label) for kpi in kpis.all_kpis()]
        if self.instance.kpi:
            self.initial["target"] = round(self.instance.target * _shown_by(self.instance.kpi), 2)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "target" in cleaned and "kpi" in cleaned:
            cleaned["target"] = cleaned["target"] / _shown_by(cleaned["kpi"])
        return cleaned


def _shown_by(key: str) -> float:
    """What a stored figure is multiplied by to be shown."""
    kpi = kpis.get(key)
    if kpi is not None and kpi.unit == "money":
        return 10.0 ** -get_currency_precision(company_currency())
    return 100.0 if kpi is not None and kpi.unit == "share" else 1.0
