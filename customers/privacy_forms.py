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
