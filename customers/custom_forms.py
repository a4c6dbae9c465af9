"""Custom fields in forms: one form field of each, and what was typed as the service takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_precision
from django import forms
from django.db.models import Count
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Member
from crm.people.selectors import company_currency
from customers.custom.kinds import LINK, LONG, PLACES, SHORT, plain, stored
from customers.models import Customer, CustomField
from customers.models.custom import FieldKind
from customers.normalize import name_norm
from customers.selectors.custom import fields_of, names_of, told

MOST_TICKS = 8
NAMED = " · "
MOMENT = "%Y-%m-%dT%H:%M"


class CustomFields:
    """For forms of records: ``custom_of`` says of which; ``add_custom_fields`` goes last into ``__init__``."""

    custom_of: str

    def add_custom_fields(self, values: Mapping[str, Any] | None) -> None:
        """A form field ``custom.<key>`` each; ``values`` are the record's, ``None`` stands for a new one."""
        self._custom = {f"custom.{field.key}": field for field in fields_of(self.custom_of)}
        fields = self._custom.values()
        self._kept = {f.key: f.default if values is None else values.get(f.key) for f in fields}
        names = {**names_of(fields, [self._kept]), **self._customers_kept()}
        for name, field in self._custom.items():
            self.fields[name] = form_field(field, self._kept[field.key], names)  # type: ignore[attr-defined]

    def _customers_kept(self) -> dict[str, str]:
        asked = (self._kept[f.key] for f in self._custom.values() if f.type == FieldKind.CUSTOMER)
        return typed_names(one for one in asked if one)

    @property
    def custom_names(self) -> str:
        return " ".join(self._custom)

    @property
    def custom_values(self) -> dict[str, Any]:
        """Every custom field's value as it is kept; what nobody touched is exactly as it was."""
        return self._read

    def now(self, name: str) -> Any:
        """What the record has of a value, by the name its custom field has in the form."""
        field = self._custom.get(name)
        return self.instance.custom.get(field.key) if field else super().now(name)  # type: ignore[attr-defined, misc]

    def then(self, name: str, changed: Mapping[str, Any], version: int) -> Any:
        if name in self._custom:
            return changed.get(name, self.now(name))
        return super().then(name, changed, version)  # type: ignore[misc]

    def told(self, name: str, value: Any) -> str:
        field = self._custom.get(name)
        if field is None:
            return str(super().told(name, value))  # type: ignore[misc]
        names = names_of([field], [{field.key: value}])
        return told(field, value, currency=company_currency(), names=names)

    def clean(self) -> Any:
        cleaned = super().clean()  # type: ignore[misc]
        changed = set(self.changed_data)  # type: ignore[attr-defined]
        self._read = dict(self._kept)
        for name, field in self._custom.items():
            if name in changed and name not in self.errors:  # type: ignore[attr-defined]
                try:
                    self._read[field.key] = stored(field, typed_in(field, self.cleaned_data[name]))  # type: ignore[attr-defined]
                except ValueError as wrong:
                    self.add_error(name, str(wrong))  # type: ignore[attr-defined]
        return cleaned


def typed_in(field: CustomField, value: Any) -> Any:
    """A form field's value as ``stored`` takes it."""
    if value in (None, ""):
        return None
    if field.type == FieldKind.MONEY:
        return int(value.scaleb(get_currency_precision(company_currency())))
    return value == "true" if field.type == FieldKind.YES_NO else value


def form_field(field: CustomField, value: Any, names: Mapping[str, str]) -> forms.Field:
    """The form field of a custom field, showing ``value``; ``names`` are those of the records it may speak of."""
    made = _MAKERS[field.type](field, value, names)
    made.label, made.help_text, made.required = field.label, field.help, field.required
    return made


def _text(_field: CustomField, value: Any, _names: Any) -> forms.Field:
    return forms.CharField(max_length=SHORT, initial=value)


def _long_text(_field: CustomField, value: Any, _names: Any) -> forms.Field:
    return forms.CharField(max_length=LONG, initial=value, widget=forms.Textarea(attrs={"rows": 3}))


def _number(_field: CustomField, value: Any, _names: Any) -> forms.Field:
    widget = forms.NumberInput(attrs={"step": "any"})
    made = forms.DecimalField(
        max_digits=18, decimal_places=PLACES, widget=widget, error_messages=_places(PLACES)
    )
    made.initial = None if value is None else Decimal(value)
    return made


def _money(_field: CustomField, value: Any, _names: Any) -> forms.Field:
    digits = get_currency_precision(company_currency())
    made = forms.DecimalField(max_digits=15 + digits, decimal_places=digits, error_messages=_places(digits))
    made.initial = None if value is None else plain(Decimal(value).scaleb(-digits))
    return made


def _places(most: int) -> dict[str, str]:
    """What is said of too many digits after the point, as files and the API say it."""
    return {"max_decimal_places": _("At most %(places)d digits after the point.") % {"places": most}}


def _date(_field: CustomField, value: Any, _names: Any) -> forms.Field:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(initial=value and date.fromisoformat(value), widget=widget)


def _moment(_field: CustomField, value: Any, _names: Any) -> forms.Field:
    # To the minute, as it is shown: so that only what a person changed counts as changed.
    at = value and timezone.localtime(datetime.fromisoformat(value)).replace(second=0, microsecond=0)
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
    return forms.DateTimeField(initial=at, widget=widget, input_formats=[MOMENT, f"{MOMENT}:%S"])


def _choice(field: CustomField, value: Any, _names: Any) -> forms.Field:
    return forms.ChoiceField(choices=[("", "–"), *field.labels.items()], initial=value or "")


def _multi_choice(field: CustomField, value: Any, _names: Any) -> forms.Field:
    few = len(field.choices) <= MOST_TICKS
    widget = forms.CheckboxSelectMultiple() if few else forms.SelectMultiple(attrs={"size": MOST_TICKS})
    return forms.MultipleChoiceField(choices=list(field.labels.items()), initial=value or [], widget=widget)


def _yes_no(_field: CustomField, value: Any, _names: Any) -> forms.Field:
    initial = {True: "true", False: "false"}.get(value, "")
    return forms.ChoiceField(choices=[("", "–"), ("true", _("yes")), ("false", _("no"))], initial=initial)


def _link(_field: CustomField, value: Any, _names: Any) -> forms.Field:
    return forms.CharField(max_length=LINK, initial=value, widget=forms.URLInput())


def _member(_field: CustomField, value: Any, names: Mapping[str, str]) -> forms.Field:
    people = {str(pk): name for pk, name in Member.objects.active().values_list("pk", "display_name")}
    if value and value in names:
        people.setdefault(value, names[value])
    return forms.ChoiceField(choices=[("", "–"), *people.items()], initial=value or "")


class CustomerInput(forms.TextInput):
    """A customer by name; the browser offers those that match what is typed."""

    def __init__(self, key: str) -> None:
        self.list_id = f"names-{key}"
        super().__init__(attrs={"list": self.list_id, "autocomplete": "off"})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attrs = {
            **(attrs or {}),
            "hx-get": f"{reverse_lazy('customers:names')}?of={name}",
            "hx-trigger": "input changed delay:150ms",
            "hx-target": f"#{self.list_id}",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
        }
        box = super().render(name, value, attrs, renderer)
        return format_html('{}<datalist id="{}"></datalist>', box, self.list_id)


class CustomerField(forms.CharField):
    """The customer whose name, or whose external id, was typed; the one that is ``kept`` may have gone since."""

    kept: str | None = None

    default_error_messages = {
        "none": gettext_lazy("There is no customer of this name."),
        "several": gettext_lazy(
            "Several customers are called this. Choose one from the list, or type its external id."
        ),
    }

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        rows: Any = Customer.objects.living().order_by()
        _name, _separator, mark = text.rpartition(NAMED)
        if self.kept and mark == self.kept:
            return self.kept
        for wanted in ({"external_id": mark}, _by_id(mark), {"name_norm": name_norm(text)}):
            found = list(rows.filter(**wanted).values_list("pk", flat=True)[:2]) if wanted else []
            if len(found) == 1:
                return str(found[0])
            if found:
                raise forms.ValidationError(self.error_messages["several"])
        raise forms.ValidationError(self.error_messages["none"])


def _by_id(text: str) -> dict[str, Any]:
    return {"pk": text} if is_id(text) else {}


def is_id(text: str) -> bool:
    """Whether it is written as the id of a record."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def marked_names(customers: list[Customer]) -> list[str]:
    """What stands for each of these customers in a ``CustomerField``: the name, with a mark where it is not alone."""
    names = [customer.name for customer in customers]
    return [
        one.name if names.count(one.name) == 1 else f"{one.name}{NAMED}{one.external_id or one.pk}"
        for one in customers
    ]


def typed_names(ids: Iterable[str]) -> dict[str, str]:
    """What stands for each of these customers where one is typed: the name, with a mark where others bear it too."""
    wanted = set(ids)
    found = list(Customer.objects.order_by().filter(pk__in=wanted)) if wanted else []
    bearers: Any = Customer.objects.living().order_by().filter(name_norm__in={one.name_norm for one in found})
    count = dict(bearers.values_list("name_norm").annotate(Count("pk"))) if found else {}
    return {str(one.pk): _typed_name(one, count.get(one.name_norm, 0)) for one in found}


def _typed_name(one: Customer, bearers: int) -> str:
    alive = one.deleted_at is None
    if alive and bearers == 1:
        return one.name
    return f"{one.name}{NAMED}{(one.external_id if alive else '') or one.pk}"


def customer_typed(text: str) -> str:
    """The id of the customer that was typed, also of one that is gone as ``typed_names`` writes it.

    ``ValueError`` says what is wrong.
    """
    mark = text.rpartition(NAMED)[2]
    if is_id(mark):
        return mark
    try:
        return str(CustomerField().clean(text))
    except forms.ValidationError as wrong:
        raise ValueError(" ".join(wrong.messages)) from wrong


def _customer(field: CustomField, value: Any, names: Mapping[str, str]) -> forms.Field:
    made = CustomerField(initial=names.get(value, ""), widget=CustomerInput(field.key))
    made.kept = value
    return made


_MAKERS = {
    FieldKind.TEXT: _text,
    FieldKind.LONG_TEXT: _long_text,
    FieldKind.NUMBER: _number,
    FieldKind.MONEY: _money,
    FieldKind.DATE: _date,
    FieldKind.MOMENT: _moment,
    FieldKind.CHOICE: _choice,
    FieldKind.MULTI_CHOICE: _multi_choice,
    FieldKind.YES_NO: _yes_no,
    FieldKind.LINK: _link,
    FieldKind.MEMBER: _member,
    FieldKind.CUSTOMER: _customer,
}
