"""Forms about a person's privacy."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class EraseForm(forms.Form):
    """Why a person is erased, and that this is meant: nothing can be taken back."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Kept in the history with your name. Do not name the person."),
    )
    sure = forms.BooleanField(label=_("I know that this cannot be undone"))


class PeriodForm(forms.Form):
    """For how many days something is kept. ``sure`` holds the days whose count was shown."""

    days = forms.IntegerField(
        label=_("Days"),
        min_value=30,
        max_value=36_500,
        required=False,
        help_text=_("Thirty at least. Empty: kept for good."),
    )
    sure = forms.CharField(required=False, widget=forms.HiddenInput)
