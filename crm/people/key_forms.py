"""allauth's forms of security keys; it leaves the label of the name to Django, which knows English alone."""

from __future__ import annotations

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class AddKeyForm(AddWebAuthnForm):
    name = forms.CharField(label=_("Name"), required=False, max_length=100)


class EditKeyForm(EditWebAuthnForm):
    name = forms.CharField(label=_("Name"), max_length=100)
