"""Which fields may be asked of somebody outside, and how what was given is read and kept.

Names: those of a customer (``email``), of a person there (``contact.name``), of a field of the company's own
(``custom.fee``), and ``message``. Each is described as a custom field is, so that both are read the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.emails import check_address
from crm.people.selectors import company_currency
from customers.custom.kinds import LONG, REFERENCES, SHORT, stored
from customers.models import Customer, CustomField
from customers.models.custom import FieldKind, RecordType
from customers.selectors.custom import fields_of, told

MESSAGE = "message"
CONTACT = "contact."
CUSTOM = "custom."


@dataclass(frozen=True)
class Field:
    """Something that may be asked. ``like`` describes it as a custom field; that of a built-in one is never saved."""

    name: str
    like: CustomField
    most: int = SHORT
    is_email: bool = False

    @property
    def label(self) -> str:
        return str(self.like.label)

    def read(self, given: Any) -> Any:
        """``given`` as it is kept, ``None`` for nothing; ``ValueError`` says what is wrong, for a person."""
        value = stored(self.like, given)
        if isinstance(value, str) and len(value) > self.most:
            raise ValueError(_("At most %(most)d characters.") % {"most": self.most})
        if self.is_email and value:
            try:
                check_address(value)
            except ValidationError as error:
                raise ValueError(error.messages[0]) from error
        return value

    def shown(self, value: Any) -> str:
        """A kept value in words."""
        return told(self.like, value, currency=company_currency(), names={})


# name, label, kind, longest value
_BUILT_IN: tuple[tuple[str, Any, FieldKind, int], ...] = (
    ("name", gettext_lazy("Name"), FieldKind.TEXT, 200),
    ("kind", gettext_lazy("Company or person"), FieldKind.CHOICE, 7),
    ("email", gettext_lazy("E-mail"), FieldKind.TEXT, 254),
    ("phone", gettext_lazy("Phone"), FieldKind.TEXT, 50),
    ("contact.name", gettext_lazy("Contact's name"), FieldKind.TEXT, 200),
    ("contact.job_title", gettext_lazy("Contact's job title"), FieldKind.TEXT, 100),
    ("contact.email", gettext_lazy("Contact's e-mail"), FieldKind.TEXT, 254),
    ("contact.phone", gettext_lazy("Contact's phone"), FieldKind.TEXT, 50),
    ("industry", gettext_lazy("Industry"), FieldKind.TEXT, 100),
    ("size", gettext_lazy("Size"), FieldKind.CHOICE, 10),
    ("website", gettext_lazy("Website"), FieldKind.LINK, 200),
    ("region", gettext_lazy("Region"), FieldKind.TEXT, 100),
    ("city", gettext_lazy("City"), FieldKind.TEXT, 100),
    ("address", gettext_lazy("Address"), FieldKind.TEXT, 200),
    ("postcode", gettext_lazy("Postcode"), FieldKind.TEXT, 20),
    ("birthday", gettext_lazy("Birthday"), FieldKind.DATE, 10),
    ("gender", gettext_lazy("Gender"), FieldKind.CHOICE, 10),
    (MESSAGE, pgettext_lazy("of somebody outside", "Message"), FieldKind.LONG_TEXT, LONG),
)
_CHOICES: dict[str, Any] = {"kind": Customer.Kind, "size": Customer.Size, "gender": Customer.Gender}


def fields() -> dict[str, Field]:
    """All that may be asked, by name, built-in ones first; one query for the company's own."""
    found = {name: _built_in(name, label, kind, most) for name, label, kind, most in _BUILT_IN}
    for own in fields_of(RecordType.CUSTOMER):
        if own.type not in REFERENCES:
            found[f"{CUSTOM}{own.key}"] = Field(f"{CUSTOM}{own.key}", own, LONG)
    return found


def _built_in(name: str, label: Any, kind: FieldKind, most: int) -> Field:
    choices = (
        [{"value": value, "label": str(word)} for value, word in _CHOICES[name].choices]
        if name in _CHOICES
        else []
    )
    like = CustomField(key=name.replace(".", "_"), label=label, kind=kind, choices=choices, record="customer")
    return Field(name, like, most, name.endswith("email"))


def read_values(
    given: Mapping[str, Any], known: Mapping[str, Field], required: Mapping[str, bool] | None = None
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What was given as it is kept, without what is blank; and what is wrong, by name."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, value in given.items():
        try:
            if name not in known:
                raise ValueError(_("There is no such field."))
            kept = known[name].read(value)
        except ValueError as wrong:
            errors[name] = [str(wrong)]
        else:
            if kept is not None:
                values[name] = kept
    for name, needed in (required or {}).items():
        if needed and name not in values and name not in errors:
            errors[name] = [_("This field is required.")]
    return values, errors


def title_of(values: Mapping[str, Any]) -> str:
    """What a reviewer sees first: the name, else whatever names the sender."""
    for name in ("name", "contact.name", "email", "contact.email", "phone", "contact.phone", MESSAGE):
        if values.get(name):
            return str(values[name])[:200]
    return ""
