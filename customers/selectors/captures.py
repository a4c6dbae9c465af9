"""What came from outside, as a reviewer reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Member
from customers.capture.fields import Field, fields
from customers.capture.parts import compared, customer_values
from customers.models import Capture, Customer
from customers.normalize import phone_norm
from customers.selectors.duplicates import Candidate, candidates

BLANK: tuple[Any, ...] = (None, "", [])


def inbox(member: Member, *, state: str) -> QuerySet[Capture]:
    """The captures of one state that the member may see."""
    rows = Capture.objects.visible_to(member).filter(state=state)
    return rows.select_related("decided_by", "owner")


@dataclass(frozen=True)
class Row:
    """A line of the inbox: the capture, whom it may be and how probable that is, and the record it became."""

    capture: Capture
    possible: list[Candidate]
    customer: Customer | None

    @property
    def pk(self) -> UUID:
        return self.capture.pk

    @property
    def likely(self) -> Candidate | None:
        return self.possible[0] if self.possible else None

    @property
    def addresses(self) -> list[str]:
        """How the sender can be reached."""
        values = self.capture.values
        names = ("email", "phone", "contact.email", "contact.phone")
        return [str(values[name]) for name in names if values.get(name)]


def rows_of(captures: Iterable[Capture], member: Member) -> list[Row]:
    """With the customers that the member may see, in one query for all."""
    captures = list(captures)
    ids = {one["customer"] for capture in captures for one in capture.candidates}
    ids |= {str(capture.customer_id) for capture in captures if capture.customer_id}
    seen = Customer.objects.living().visible_to(member).in_bulk([UUID(pk) for pk in ids])
    return [
        Row(capture, _possible(capture, seen), seen.get(capture.customer_id) if capture.customer_id else None)
        for capture in captures
    ]


def _possible(capture: Capture, seen: dict[Any, Customer]) -> list[Candidate]:
    return [
        Candidate(customer, one["probability"], one["level"], one["reasons"], one.get("contact", ""))
        for one in capture.candidates
        if (customer := seen.get(UUID(one["customer"])))
    ]


def likely_now(capture: Capture, member: Member) -> list[Candidate]:
    """Whom it may be as the records stand now."""
    return candidates(member, **compared(capture.values))


def given_of(capture: Capture) -> list[tuple[str, str]]:
    """What was given: label and value in words, in the order of the fields."""
    known = fields()
    return [
        (known[name].label, known[name].shown(capture.values[name]))
        for name in known
        if name in capture.values
    ]


_CAME_WITH = {
    "page": gettext_lazy("Page"),
    "referrer": gettext_lazy("Came from"),
    "language": gettext_lazy("Language"),
    "consent": gettext_lazy("Agreed to"),
    "subject": gettext_lazy("Subject"),
    "sender": gettext_lazy("Sender"),
    "utm_source": "utm_source",
    "utm_medium": "utm_medium",
    "utm_campaign": "utm_campaign",
    "utm_term": "utm_term",
    "utm_content": "utm_content",
}


def came_with(capture: Capture) -> list[tuple[str, str]]:
    """What came with it, as far as people want to read it."""
    languages = dict(settings.LANGUAGES)
    return [
        (str(label), str(languages.get(told, told) if name == "language" else told))
        for name, label in _CAME_WITH.items()
        if (told := capture.context.get(name))
    ]


@dataclass(frozen=True)
class Difference:
    """A field in which what was given is not what the customer's record says; ``fills`` where that says nothing."""

    name: str
    label: str
    given: Any
    given_text: str
    there_text: str
    fills: bool


def differences(capture: Capture, customer: Customer) -> list[Difference]:
    """Field by field, in their order."""
    given = customer_values(capture.values)
    given |= {f"custom.{key}": value for key, value in given.pop("custom", {}).items()}
    known = fields()
    found = []
    for name in (name for name in known if name in given):
        there, value = value_of(customer, name), given[name]
        if there != value and name != "kind" and not _is_same_number(name, value, there):
            found.append(_difference(known[name], value, there))
    if capture.source and not customer.source:
        found.append(Difference("source", _("Source"), capture.source, capture.source, "", True))
    return found


def _is_same_number(name: str, given: Any, there: Any) -> bool:
    """Whether it is one number, written in two ways."""
    return name == "phone" and phone_norm(given) == phone_norm(there)


def _difference(field: Field, given: Any, there: Any) -> Difference:
    blank = there in BLANK
    return Difference(
        field.name,
        field.label,
        given,
        field.shown(_kept(given)),
        "" if blank else field.shown(_kept(there)),
        blank,
    )


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def value_of(customer: Customer, name: str) -> Any:
    """What the record says, of a built-in field or ``custom.<key>``."""
    if name.startswith("custom."):
        return customer.custom.get(name.removeprefix("custom."))
    return getattr(customer, name)
