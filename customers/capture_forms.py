"""What visitors fill in, what reviewers type about it, and what is to be collected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.models import Member
from customers.capture.fields import fields
from customers.capture.templates import Asked, asked_by
from customers.custom_forms import form_field, typed_in
from customers.models import CaptureTemplate, Customer, Inlet
from customers.selectors.captures import Difference

LANGUAGES = [
    ("", _("The visitor's own")),
    ("en", "English"),
    ("zh-hans", "简体中文"),
    ("zh-hant", "繁體中文"),
]
_origin = URLValidator(schemes=["http", "https"])


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

    fields: dict[str, Any]

    into: Any = forms.ModelChoiceField(queryset=Customer.objects.none(), widget=forms.HiddenInput)
    take = forms.MultipleChoiceField(required=False)

    def __init__(
        self, *args: Any, member: Member, differences: Sequence[Difference] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["into"].queryset = Customer.objects.living().visible_to(member)
        self.fields["take"].choices = [(one.name, one.label) for one in differences if not one.fills]


class PublicCaptureForm(forms.Form):
    """What a visitor fills in: the fields a template asks for, and its consent."""

    def __init__(self, *args: Any, asked: list[Asked], template: CaptureTemplate, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = asked
        self.template = template
        for one in asked:
            self.fields[one.name] = _asked(one)
        if template.consent:
            self.fields["consent"] = forms.BooleanField(
                label=template.consent, required=template.consent_required
            )

    @property
    def given(self) -> dict[str, Any]:
        """What was filled in, as it is taken in."""
        return {one.name: typed_in(one.field.like, self.cleaned_data[one.name]) for one in self.asked}

    @property
    def consent(self) -> dict[str, str]:
        """The words that were agreed to."""
        template = self.template
        if not self.cleaned_data.get("consent"):
            return {"consent": ""}
        about = {"consent_channel": template.consent_channel, "consent_purpose": template.consent_purpose}
        return {"consent": template.consent, **about}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for one in self.asked:
            if one.name in cleaned and one.name not in self.errors:
                try:
                    one.field.read(typed_in(one.field.like, cleaned[one.name]))
                except ValueError as wrong:
                    self.add_error(one.name, str(wrong))
        return cleaned


def _asked(one: Asked) -> forms.Field:
    made = form_field(one.field.like, None, {})
    made.label, made.help_text, made.required = one.label, one.help, one.required
    kinds = {"email": "email", "phone": "tel"}
    if kind := kinds.get(one.name.rpartition(".")[2]):
        made.widget.input_type = kind
    tokens = {
        "name": "name",
        "email": "email",
        "phone": "tel",
        "postcode": "postal-code",
        "city": "address-level2",
    }
    if hint := tokens.get(one.name):
        made.widget.attrs["autocomplete"] = hint
    return made


class TemplateForm(forms.ModelForm):
    """A template: its words and where its captures belong. The fields it asks for come as rows, in their order."""

    sites = forms.CharField(
        label=_("Sites that embed it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "https://www.example.com"}),
        help_text=_("One address a line. None: any site may show the form."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)

    fields: dict[str, Any]

    class Meta:
        model = CaptureTemplate
        fields = [
            *("name", "title", "intro", "thanks", "language", "source", "campaign", "owner", "consent"),
            *("consent_required", "consent_channel", "consent_purpose", "sites", "puzzle", "active"),
        ]
        widgets = {"intro": forms.Textarea(attrs={"rows": 2}), "consent": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "consent": _("What visitors tick. It is kept as their consent, with these words as its proof."),
            "puzzle": _("The visitor's browser works for a second before it may send. It needs JavaScript."),
            "source": _("Where what is sent is said to come from, such as Website."),
            "campaign": _("Unless the address names one (utm_campaign)."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].queryset = Member.objects.active()
        self.fields["owner"].empty_label = gettext("Nobody in particular")
        if not self.is_bound:
            self.initial["sites"] = "\n".join(self.instance.sites)
        for field in self.fields.values():
            field.label = str(field.label)[:1].upper() + str(field.label)[1:]

    def clean_sites(self) -> list[str]:
        sites = self.cleaned_data["sites"].split()
        for site in sites:
            try:
                _origin(site)
            except ValidationError as error:
                raise ValidationError(_("Must be addresses such as https://www.example.com.")) from error
        return ["/".join(site.split("/")[:3]) for site in sites]

    def _post_clean(self) -> None:
        # The template itself is left as it was read: the service writes.
        pass


class InletForm(forms.ModelForm):
    """An address for a WeChat account or a mail server."""

    fields: dict[str, Any]

    class Meta:
        model = Inlet
        fields = ["kind", "name", "source", "campaign", "owner", "app_id", "active"]
        help_texts = {"app_id": _("Of the WeChat account; needed where its messages are encrypted.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].queryset = Member.objects.active()
        self.fields["owner"].empty_label = gettext("Nobody in particular")
        for field in self.fields.values():
            field.label = str(field.label)[:1].upper() + str(field.label)[1:]

    def _post_clean(self) -> None:
        # The inlet itself is left as it was read: the service writes.
        pass


def rows_of(template: CaptureTemplate) -> list[dict[str, Any]]:
    """Every field there is, those the template asks for first and in its order."""
    known = fields()
    asked = asked_by(template)
    own = {one["name"]: one for one in template.fields if isinstance(one, dict)}
    names = [one.name for one in asked]
    names += [name for name in known if name not in names]
    chosen = {one.name for one in asked}
    return [
        {
            "name": name,
            "field": known[name],
            "chosen": name in chosen,
            "required": own.get(name, {}).get("required", False),
            "label": own.get(name, {}).get("label", ""),
            "help": own.get(name, {}).get("help", ""),
        }
        for name in names
    ]


def posted_rows(post: Any) -> list[dict[str, Any]]:
    """The rows that were ticked, in the order in which they stand."""
    known = fields()
    return [
        {
            "name": name,
            "label": post.get(f"label-{name}", "").strip()[:100],
            "help": post.get(f"help-{name}", "").strip()[:200],
            "required": f"required-{name}" in post,
        }
        for name in dict.fromkeys(post.getlist("field"))
        if name in known and f"use-{name}" in post
    ]
