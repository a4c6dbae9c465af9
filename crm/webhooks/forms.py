"""Settings: a webhook's form."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import WebhookEndpoint
from crm.webhooks import types


class WebhookForm(forms.ModelForm):
    event_types = forms.MultipleChoiceField(
        label=_("Events"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked means all of them, those to come included."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("url", "description", "payload", "active", "event_types")
        widgets = {"url": forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"})}
        help_texts = {
            "url": _("Where your program listens. Only public addresses over HTTPS."),
            "description": _("What it is, to know it again."),
            "payload": _("With only the id, the program fetches what it needs by the API."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event_types"].choices = [
            (f"{group}.*", [(one.name, f"{one.name} – {one.text}") for one in of_group])
            for group, of_group in groupby(types.all_types(), key=attrgetter("group"))
        ]
