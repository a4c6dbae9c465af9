"""Input of retention's pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms import day_field
from retention.models import Warning


class CloseForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why"),
        choices=[
            (Warning.Close.DISMISSED.value, Warning.Close.DISMISSED.label),
            (Warning.Close.HANDLED.value, Warning.Close.HANDLED.label),
        ],
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class BacktestForm(forms.Form):
    cut = day_field(label=_("Pretend it is the end of"))
    horizon = forms.IntegerField(label=_("Horizon in days"), min_value=1, max_value=730)
