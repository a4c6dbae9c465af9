"""What members type about consents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import Consent, Contact, Customer


class ConsentForm(forms.ModelForm):
    """One word of a customer or of one of its contacts."""

    given = forms.TypedChoiceField(
        label=_("Word"),
        choices=[("yes", _("Gives consent")), ("no", _("Withdraws or refuses"))],
        coerce=lambda text: text == "yes",
        initial="yes",
    )

    class Meta:
        model = Consent
        fields = ["contact", "given", "channel", "purpose", "at", "proof"]
        widgets = {
            "at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "proof": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {"proof": _("The text agreed to, the document, the call: what shows it.")}

    def __init__(self, *args: Any, customer: Customer, **options: Any) -> None:
        super().__init__(*args, **options)
        contact: Any = self.fields["contact"]
        contact.queryset = Contact.objects.filter(customer=customer)
        contact.empty_label = customer.name
        contact.label = _("Who")
        self.fields["at"].label = _("When")
