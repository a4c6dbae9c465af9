"""What members type about customers, read and checked."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import formats
from crm.models import Member
from crm.versioned import Versioned
from customers.custom_forms import CustomFields
from customers.models import Contact, Customer, FollowUp, Interaction
from customers.models.custom import RecordType
from customers.models.interactions import Channel
from customers.services.follow_ups import NextStep

# A promise for a day is kept until the working day ends.
END_OF_WORK = time(17)


def moment_of(day: date) -> datetime:
    """When something promised for a day is due, in the company's time zone."""
    return datetime.combine(day, END_OF_WORK, tzinfo=timezone.get_current_timezone())


def day_field(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


def member_field(**options: Any) -> forms.ModelChoiceField:
    options.setdefault("empty_label", "–")
    return forms.ModelChoiceField(queryset=Member.objects.active(), **options)


class CustomerForm(CustomFields, Versioned):
    """A customer."""

    custom_of = RecordType.CUSTOMER

    size = forms.ChoiceField(label=_("Size"), choices=[("", "–"), *Customer.Size.choices], required=False)

    class Meta:
        model = Customer
        fields = [
            *(
                "kind",
                "name",
                "email",
                "phone",
                "owner",
                "industry",
                "size",
                "region",
                "city",
                "address",
                "postcode",
                "website",
            ),
            *("source", "birthday", "gender", "language", "external_id", "notes"),
        ]
        widgets = {
            "birthday": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "notes": forms.Textarea(attrs={"rows": 3}),
            "language": forms.Select(
                choices=[("", "–"), ("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")]
            ),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].queryset = Member.objects.active()
        self.fields["owner"].empty_label = _("Nobody")
        self.fields["name"].widget.attrs["autofocus"] = True
        for name, kind in (("email", "email"), ("phone", "tel"), ("website", "url")):
            self.fields[name].widget.input_type = kind
        self.add_custom_fields(None if self.instance._state.adding else self.instance.custom)

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "custom": self.custom_values}


class ContactForm(CustomFields, Versioned):
    """A person at a customer."""

    custom_of = RecordType.CONTACT

    class Meta:
        model = Contact
        fields = ["name", "job_title", "role", "email", "phone", "birthday", "language", "primary"]
        widgets = CustomerForm.Meta.widgets

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].widget.attrs["autofocus"] = True
        for name, kind in (("email", "email"), ("phone", "tel")):
            self.fields[name].widget.input_type = kind
        self.add_custom_fields(None if self.instance._state.adding else self.instance.custom)

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "custom": self.custom_values}


class NextStepForm(forms.Form):
    """The next step: both its words and its day, or neither."""

    next_subject = forms.CharField(label=_("Next step"), max_length=200, required=False)
    next_on = day_field(label=_("On"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        subject, day = cleaned.get("next_subject"), cleaned.get("next_on")
        if subject and not day and "next_on" not in self.errors:
            self.add_error("next_on", _("By which day?"))
        if day and not subject:
            self.add_error("next_subject", _("What is to be done?"))
        return cleaned

    def next_step(self) -> NextStep | None:
        subject, day = self.cleaned_data["next_subject"], self.cleaned_data["next_on"]
        return NextStep(subject, moment_of(day)) if subject else None


class ComposerForm(NextStepForm):
    """What happened, and what comes next, in one box."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Interaction.Kind.choices, initial=Interaction.Kind.NOTE)
    text = forms.CharField(label=_("What was said"), widget=forms.Textarea(attrs={"rows": 2}))
    contact = forms.ModelChoiceField(label=_("With"), queryset=Contact.objects.none(), required=False)
    field_order = ("kind", "text", "contact", "next_subject", "next_on")

    def __init__(self, *args: Any, customer: Customer, **options: Any) -> None:
        super().__init__(*args, **options)
        contact = self.fields["contact"]
        contact.queryset = Contact.objects.filter(customer=customer)
        contact.empty_label = _("With whom?")
        contact.widget.attrs |= {"class": "form-select", "aria-label": _("With whom?")}


class CompleteForm(NextStepForm):
    kind = forms.ChoiceField(label=_("How"), choices=Interaction.Kind.choices, initial=Interaction.Kind.CALL)
    result = forms.CharField(
        label=_("Result"), widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}), required=False
    )
    field_order = ("kind", "result", "next_subject", "next_on")


class FollowUpForm(forms.Form):
    subject = forms.CharField(
        label=_("What"), max_length=200, widget=forms.TextInput(attrs={"autofocus": True})
    )
    on = day_field(label=_("By"))
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices, initial=Channel.PHONE)
    owner = member_field(label=_("Owner"), required=True)
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)


class MoveForm(forms.Form):
    on = day_field(label=_("To"))
    because = forms.CharField(label=_("Why"), max_length=200, required=False)


class HandOverForm(forms.Form):
    owner = member_field(label=_("Owner"), required=True)


class MoveOneForm(Versioned):
    """Another day for one promise, and why not before."""

    on = day_field(label=_("To"))
    because = forms.CharField(label=_("Why"), max_length=200, required=False)

    class Meta:
        model = FollowUp
        fields: list[str] = []

    @property
    def values(self) -> dict[str, Any]:
        return {
            "due_at": moment_of(self.cleaned_data["on"]),
            "moved_because": self.cleaned_data["because"].strip(),
        }

    def label_of(self, name: str) -> str:
        return super().label_of({"due_at": "on", "moved_because": "because"}.get(name, name))

    def told(self, name: str, value: Any) -> str:
        return formats.exact_text(value) if name == "due_at" else super().told(name, value)


class HandOverOneForm(Versioned):
    """Who keeps one promise from here on."""

    class Meta:
        model = FollowUp
        fields = ["owner"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].queryset = Member.objects.active()
        self.fields["owner"].empty_label = "–"


class KeepForm(forms.Form):
    """What came of many follow-ups at once."""

    kind = forms.ChoiceField(label=_("How"), required=False)
    result = forms.CharField(
        label=_("Result"), widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [("", _("As each was planned")), *Interaction.Kind.choices]  # type: ignore[attr-defined]


class SkipForm(forms.Form):
    because = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.TextInput(attrs={"autofocus": True})
    )


class ReturnForm(forms.Form):
    """How much comes back, in whole units of the purchase's currency."""

    amount = forms.DecimalField(label=_("Amount"), min_value=0, max_digits=15)
    on = day_field(label=_("On"))
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)


class OwnerForm(forms.Form):
    owner = member_field(label=_("Owner"), required=False, empty_label=_("Nobody"))

    @property
    def owner_id(self) -> str | None:
        """As a deed keeps it."""
        owner = self.cleaned_data["owner"]
        return str(owner.pk) if owner else None
