"""How a member is told: a line for each kind, a column for each way; and when the digest comes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Digest, Member
from crm.notifications.choices import Choice, Choices, digest_of
from crm.notifications.kinds import ByMail, Kind, kinds_for


class ChoicesForm(forms.Form):
    days = forms.ChoiceField(
        label=_("Daily digest"),
        choices=Digest.Days.choices,
        help_text=_(
            "One mail with what is overdue, what is due that day and what you chose for it. Without news there is none."
        ),
    )
    hour = forms.TypedChoiceField(
        label=pgettext_lazy("hour", "From"),
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        help_text=_("By the company's clock."),
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        digest = digest_of(member)
        super().__init__(*args, initial={"days": digest.days, "hour": digest.hour}, **kwargs)
        self.kinds = kinds_for(member)
        made = Choices([member.pk])
        for kind in self.kinds:
            self._ask(kind, made.of(member.pk, kind.key))

    def _ask(self, kind: Kind, choice: Choice) -> None:
        by_mail = [pair for pair in ByMail.choices if kind.silenced or pair[0] != ByMail.OFF]
        named = f"kind-{kind.key}"
        self.fields[f"app:{kind.key}"] = forms.BooleanField(
            label=_("In the app"),
            required=False,
            initial=choice.in_app,
            disabled=not kind.silenced,
            widget=forms.CheckboxInput(attrs={"class": "form-check-input", "aria-describedby": named}),
        )
        self.fields[f"email:{kind.key}"] = forms.ChoiceField(
            label=_("E-mail"),
            choices=by_mail,
            initial=choice.email,
            widget=forms.Select(attrs={"class": "form-select form-select-sm", "aria-labelledby": named}),
        )

    def rows(self) -> list[tuple[Kind, Any, Any]]:
        """Each kind with its two fields."""
        return [(kind, self[f"app:{kind.key}"], self[f"email:{kind.key}"]) for kind in self.kinds]

    def chosen(self) -> dict[str, Any]:
        """What the service keeps."""
        given = self.cleaned_data
        choices = {
            kind.key: Choice(given[f"app:{kind.key}"], given[f"email:{kind.key}"]) for kind in self.kinds
        }
        return {"choices": choices, "days": given["days"], "hour": given["hour"]}
