"""What reviewers type about what came from outside."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Member
from customers.models import Customer
from customers.selectors.captures import Difference


class RejectForm(forms.Form):
    """Why nothing is made of it."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        required=False,
        help_text=_("Spam, not a customer of ours, a test …"),
        widget=forms.TextInput(attrs={"autofocus": True}),
    )


class JoinForm(forms.Form):
    """With which customer it is one, and whose value stands where both say something."""

    into = forms.ModelChoiceField(queryset=Customer.objects.none(), widget=forms.HiddenInput)
    take = forms.MultipleChoiceField(required=False)

    def __init__(
        self, *args: Any, member: Member, differences: list[Difference] = (), **options: Any
    ) -> None:  # type: ignore[assignment]
        super().__init__(*args, **options)
        self.fields["into"].queryset = Customer.objects.living().visible_to(member)
        self.fields["take"].choices = [(one.name, one.label) for one in differences if not one.fills]
