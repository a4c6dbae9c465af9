"""What members type about contracts, read and checked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import formats
from crm.models import Member
from crm.versioned import Versioned
from customers.forms import day_field
from customers.models import Contract

AMOUNTS = ("value", "value_home")
MOST = Decimal(10) ** 13


class ContractForm(Versioned):
    """A contract. Amounts are typed in whole units."""

    value = forms.DecimalField(label=_("Amount"), required=False, max_value=MOST, min_value=-MOST)
    value_home = forms.DecimalField(
        label=_("Value in own currency"),
        required=False,
        max_value=MOST,
        min_value=-MOST,
        help_text=_("Only where it is paid in another currency."),
    )

    class Meta:
        model = Contract
        fields = [
            *("title", "number", "starts_on", "ends_on", "renewal", "term_months", "notice", "notice_unit"),
            *("remind_days", "value", "every", "currency", "value_home", "owner", "notes"),
        ]
        widgets = {
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "notes": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "term_months": _("Of a contract that renews itself."),
            "remind_days": _("So long before the notice date it becomes a follow-up."),
        }

    def __init__(self, *args: Any, home: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.home = home
        self.fields["owner"].queryset = Member.objects.active()  # type: ignore[attr-defined]
        self.fields["owner"].empty_label = _("Nobody")  # type: ignore[attr-defined]
        self.fields["title"].widget.attrs["autofocus"] = True
        self.fields["currency"].widget.attrs |= {"placeholder": home, "maxlength": 3}
        for name in AMOUNTS:
            minor = getattr(self.instance, name)
            if minor is not None:
                self.initial[name] = Decimal(minor).scaleb(-self._digits(name, self.instance.currency))
        if self.instance.currency == home:
            self.initial["value_home"] = None

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"] or self.home).upper()
        if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
            raise forms.ValidationError(_("Three letters, such as EUR."))
        return currency

    @property
    def values(self) -> dict[str, Any]:
        values = super().values
        for name in AMOUNTS:
            if values[name] is not None:
                values[name] = int(values[name].scaleb(self._digits(name, values["currency"])))
        return values

    def _digits(self, name: str, currency: str) -> int:
        return get_currency_precision(self.home if name == "value_home" else currency or self.home)

    def told(self, name: str, value: Any) -> str:
        if name not in AMOUNTS or value is None:
            return super().told(name, value)
        currency = self.home if name == "value_home" else self.cleaned_data["currency"]
        return formats.money_text(int(value), currency)


class NoticeForm(forms.Form):
    """Who ends it, with which day, and why."""

    notice_from = forms.ChoiceField(label=_("Who gave notice"), choices=Contract.From.choices)
    given_on = day_field(label=_("On"), initial=timezone.localdate)
    ends_on = day_field(label=_("It ends on"), required=False)
    because = forms.CharField(label=_("Why"), max_length=300, required=False)
