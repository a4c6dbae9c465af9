"""When contact data needs somebody."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import UpkeepPolicy


class RulesForm(forms.ModelForm):
    class Meta:
        model = UpkeepPolicy
        fields = ["months", "quality", "follow_ups"]
        help_texts = {
            "months": _("Neither in contact, nor confirmed, nor changed for so long."),
            "quality": _("A data quality from 0 to 100. 0: never."),
            "follow_ups": _(
                "For the owners of customers of the dearest class, once for each cause; of old data a few at a time."
            ),
        }
