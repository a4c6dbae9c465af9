"""Forms of the feedback pages, and those customers fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.lines import AddressField, CleanField, NameField
from crm.models import Member
from crm.versioned import Versioned
from customers.models import Customer
from customers.models.interactions import Channel
from feedback.models import Feedback, FeedbackForm, Survey, SurveyQuestion, Ticket
from feedback.selectors.questions import Question, questions_at, questions_of
from segmentation.models import Segment

MOST_QUESTIONS = 8


class CustomerChoice(forms.ModelChoiceField):
    """A customer by its id; the choice is made by searching, not from a list of all."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Customer.objects.none(), required=False, **kwargs)


def _members(form: forms.BaseForm, *names: str) -> None:
    for name in names:
        form.fields[name].queryset = Member.objects.active()


class FeedbackEntryForm(forms.ModelForm):
    """``customer_name`` finds the customer by its exact name where no record was open."""

    customer = CustomerChoice()
    customer_name = forms.CharField(label=_("Customer"), max_length=200, required=False)
    open_ticket = forms.BooleanField(
        label=_("Open a ticket"), required=False, help_text=_("Somebody must solve it, with a clock.")
    )

    class Meta:
        model = Feedback
        fields = ("type", "channel", "text", "topic", "sentiment", "assigned_to")
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}

    field_order = (
        "customer",
        "customer_name",
        "type",
        "channel",
        "text",
        "topic",
        "sentiment",
        "assigned_to",
        "open_ticket",
    )

    def __init__(self, *args: Any, member: Member, customer: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visible = Customer.objects.living().visible_to(member)
        self.fields["customer"].queryset = self.visible
        _members(self, "assigned_to")
        if customer is not None:
            self.fields["customer"].initial = customer.pk
            self.fields["customer_name"].initial = customer.name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name = cleaned.pop("customer_name", "").strip()
        known = cleaned.get("customer")
        if name and (known is None or known.name != name):
            found = list(self.visible.filter(name__iexact=name)[:2])
            if len(found) == 1:
                cleaned["customer"] = found[0]
            else:
                words = _("More than one customer has this name: open the right one and enter it there.")
                self.add_error("customer_name", words if found else _("There is no customer of this name."))
        if cleaned.get("open_ticket") and not cleaned.get("customer"):
            self.add_error("open_ticket", _("A ticket needs a customer."))
        return cleaned


class FeedbackSortForm(Versioned):
    """What kind of thing was said, and who handles it."""

    class Meta:
        model = Feedback
        fields = ("type", "topic", "sentiment", "assigned_to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _members(self, "assigned_to")


class TicketForm(Versioned):
    """A ticket: what is wrong, how urgent it is, who solves it."""

    class Meta:
        model = Ticket
        fields = ("subject", "description", "urgency", "impact", "owner")
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _members(self, "owner")


class AnswerForm(forms.Form):
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices, initial=Channel.PHONE)
    text = forms.CharField(label=_("What the customer was told"), widget=forms.Textarea(attrs={"rows": 4}))


class ResolveForm(forms.Form):
    resolution = forms.CharField(label=_("What solved it"), widget=forms.Textarea(attrs={"rows": 4}))


class RatingForm(forms.Form):
    """How urgent many tickets are, and how much hangs on them: their priority and clocks follow."""

    urgency = forms.ChoiceField(label=_("Urgency"), choices=Ticket.Level.choices, initial=Ticket.Level.MEDIUM)
    impact = forms.ChoiceField(label=_("Impact"), choices=Ticket.Level.choices, initial=Ticket.Level.MEDIUM)


class FeedbackFormForm(forms.ModelForm):
    class Meta:
        model = FeedbackForm
        fields = ("name", "title", "intro", "thanks", "active")
        widgets = {"intro": forms.Textarea(attrs={"rows": 3})}


class SurveyForm(Versioned):
    """A survey with up to eight questions; an empty line ends the list."""

    class Meta:
        model = Survey
        fields = ("name", "title", "intro", "thanks", "segment")
        widgets = {"intro": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].queryset = Segment.objects.all()
        known = list(self.instance.questions.all()) if not self.instance._state.adding else []
        self.rows = [
            self._add_row(n, known[n - 1] if n <= len(known) else None) for n in range(1, MOST_QUESTIONS + 1)
        ]

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "questions": self.questions()}

    @property
    def question_rows(self) -> list[dict[str, forms.BoundField]]:
        """The fields of each question, to be drawn together."""
        return [{part: self[name] for part, name in row.items()} for row in self.rows]

    def now(self, name: str) -> Any:
        return questions_of(self.instance) if name == "questions" else super().now(name)

    def then(self, name: str, changed: Mapping[str, Any], version: int) -> Any:
        if name != "questions":
            return super().then(name, changed, version)
        return questions_at(self.instance, version)

    def told(self, name: str, value: Any) -> str:
        if name != "questions":
            return super().told(name, value)
        return "\n".join(f"{number}. {question}" for number, question in enumerate(value, 1))

    def label_of(self, name: str) -> str:
        return str(_("Questions")) if name == "questions" else super().label_of(name)

    def _add_row(self, n: int, known: SurveyQuestion | None) -> dict[str, str]:
        """Three fields of one question, named by its place."""
        number = {"n": n}
        made = {
            f"kind_{n}": forms.ChoiceField(
                label=_("Kind of question %(n)d") % number,
                choices=SurveyQuestion.Kind.choices,
                initial="csat",
            ),
            f"indicator_{n}": forms.ChoiceField(
                label=_("Indicator of question %(n)d") % number,
                choices=[("", "–"), *SurveyQuestion.Indicator.choices],
                required=False,
            ),
            f"text_{n}": forms.CharField(label=_("Question %(n)d") % number, max_length=300, required=False),
            f"required_{n}": forms.BooleanField(
                label=_("Question %(n)d needs an answer") % number, required=False
            ),
        }
        for name, field in made.items():
            if known is not None:
                field.initial = getattr(known, name.rpartition("_")[0])
            self.fields[name] = field
        return {name.rpartition("_")[0]: name for name in made}

    def questions(self) -> list[Question]:
        """The questions that have a text, in order."""
        read = [{part: self.cleaned_data.get(name) for part, name in row.items()} for row in self.rows]
        return [Question(**row) for row in read if row["text"]]


class PublicFeedbackForm(forms.Form):
    """What a customer fills in. ``website`` is a trap for programs: people do not see it."""

    type = forms.ChoiceField(
        label=_("What is it about?"), choices=Feedback.Type.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("Your message"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 5})
    )
    name = NameField(label=_("Your name"), max_length=200, required=False)
    email = AddressField(label=_("E-mail"), required=False)
    phone = CleanField(label=_("Phone"), max_length=50, required=False)
    website = forms.CharField(required=False, widget=forms.HiddenInput)


class PublicSurveyForm(forms.Form):
    """One field a question, named by the question's id."""

    def __init__(self, *args: Any, questions: list[SurveyQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions:
            self.fields[str(question.pk)] = _field_of(question)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Answer at least one question."))
        return cleaned

    def answers(self, questions: list[SurveyQuestion]) -> dict[Any, Any]:
        return {question.pk: self.cleaned_data.get(str(question.pk)) for question in questions}


def _field_of(question: SurveyQuestion) -> forms.Field:
    if question.kind == SurveyQuestion.Kind.TEXT:
        area = forms.Textarea(attrs={"rows": 4})
        return forms.CharField(label=question.text, required=question.required, max_length=5_000, widget=area)
    nps = question.kind == SurveyQuestion.Kind.NPS
    choices = [(str(n), str(n)) for n in (range(11) if nps else range(1, 6))]
    return forms.ChoiceField(
        label=question.text,
        required=question.required,
        choices=choices,
        help_text=_("0: not at all likely, 10: very likely") if nps else _("1 is the worst, 5 the best"),
        widget=forms.RadioSelect,
    )


class FilterForm(forms.Form):
    """The filters of a list; what is left open asks for nothing."""

    all_optional = True

    def __init__(self, data: Any, *, facets: Iterable[Any], **options: Any) -> None:
        super().__init__(data, **options)
        for facet in facets:
            if facet.choices is None:
                day = forms.DateInput(attrs={"type": "date"})
                field: forms.Field = forms.DateField(label=facet.label, required=False, widget=day)
            else:
                choices = [("", _("any")), *facet.choices()]
                now = self.initial.get(facet.name, "")
                if now not in dict(choices):
                    choices.append((now, facet.words(now)))
                field = forms.ChoiceField(label=facet.label, required=False, choices=choices)
            self.fields[facet.name] = field

    def asked(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.cleaned_data.items() if value}
