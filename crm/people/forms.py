"""Settings: people and the company."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.lines import NameField
from crm.models import Invitation, Member, Team, Tenant


class InvitationForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ("email", "role", "visibility", "team")


class MemberForm(forms.ModelForm):
    class Meta:
        model = Member
        fields = ("display_name", "role", "visibility", "team", "active")
        help_texts = {"active": _("Somebody who left keeps their history and can no longer sign in here.")}


class TeamForm(forms.ModelForm):
    class Meta:
        model = Team
        fields = ("name", "lead")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = Member.objects.active()


class CompanyForm(forms.ModelForm):
    timezone = forms.ChoiceField(
        label=_("Time zone"), choices=[(z, z) for z in sorted(available_timezones())]
    )

    class Meta:
        model = Tenant
        fields = ("name", "locale", "timezone", "accent_color", "churn_horizon_days")
        widgets = {"accent_color": forms.TextInput(attrs={"type": "color"})}
        help_texts = {
            "churn_horizon_days": _(
                "A customer who buys nothing for so many days counts as lost. Choose what nine in ten of your "
                "customers' gaps between purchases stay under."
            )
        }


class JoinForm(forms.Form):
    name = NameField(label=_("Your name"), max_length=100)
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters."),
    )


class KeyForm(forms.Form):
    name = NameField(label=_("Name"), max_length=100, help_text=_("What uses the key, to know it again."))
    member = forms.ModelChoiceField(
        label=_("Acts as"), queryset=Member.objects.none(), help_text=_("The key sees what this member sees.")
    )
    scopes = forms.MultipleChoiceField(label=_("May"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, scopes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = Member.objects.active()
        self.fields["scopes"].choices = [(scope, scope) for scope in scopes]
