"""What a record was and who made it so, in words, out of the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_precision
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from crm import formats
from crm.models import AuditEntry, Member
from crm.people.selectors import company_currency
from customers.past import past_of
from customers.selectors import custom
from customers.selectors.names import names_by_id
from customers.selectors.origins import Origin, origins_of

HISTORY = 100
MONEY = {"value", "value_home"}


@dataclass(frozen=True)
class Change:
    """A field before and after, in words. ``column`` is its name in the history."""

    label: str
    before: str
    after: str
    column: str = ""
    restorable: bool = False


@dataclass(frozen=True)
class Deed:
    """One thing someone did to the record; ``source`` tells by what way, if not on a page, and its ``source_url`` is
    the page of that, where there is one. ``entry`` is its place in the history."""

    at: Any
    who: str
    source: str
    title: str
    changes: list[Change] = field(default_factory=list)
    entry: UUID | None = None
    kind: str = ""
    source_url: str = ""


def history_of(record: models.Model, member: Member | None = None) -> list[Deed]:
    """Who changed what, when, from what to what and by what way: the newest first, in words, as ``member`` reads it."""
    entries = list(AuditEntry.objects.about(record)[:HISTORY])
    words = Words(type(record), [image for e in entries for image in (e.before, e.after) if image])
    words.name_members([entry.member_id for entry in entries])
    origins = origins_of(record, entries, member)
    return [
        _deed(entry, words, origins.get(entry.request_id) if entry.request_id else None)
        for entry in entries
        if not _is_named_elsewhere(entry)
    ]


def _is_named_elsewhere(entry: AuditEntry) -> bool:
    """A deed that only says that fields changed: the change beside it says more."""
    return entry.deed.endswith((".updated", ".created", ".changed", ".opened"))


def _deed(entry: AuditEntry, words: Words, origin: Origin | None) -> Deed:
    who = words.names.get(str(entry.member_id), "") or _("Tenure")
    origin = origin or Origin(_source_words(entry))
    if entry.kind == AuditEntry.Kind.DEED:
        title = _deed_words(entry.deed, words)
        return Deed(entry.at, who, origin.words, title, source_url=origin.url)
    titles = {"insert": _("Created"), "update": _("Changed"), "delete": _("Removed")}
    before, after = entry.before or {}, entry.after or {}
    keys = [key for key in {**before, **after} if words.knows(key)]
    changes = [
        Change(
            words.label(key),
            words.told(key, before.get(key)),
            words.told(key, after.get(key)),
            key,
            entry.kind == "update" and words.past.restorable(key),
        )
        for key in keys
    ]
    if entry.kind == "insert":
        changes = [change for change in changes if change.after]
    title = titles[entry.kind]
    return Deed(entry.at, who, origin.words, title, changes, entry.pk, entry.kind, origin.url)


def _source_words(entry: AuditEntry) -> str:
    """How something was done, where it was not on a page. What somebody started was not done by itself."""
    words = {
        "web": "",
        "api": _("over the API"),
        "admin": _("in the admin"),
        "worker": _("in the background") if entry.member_id else _("by itself"),
        "command": _("by a command"),
    }
    return words.get(entry.source, entry.source)


def _deed_words(deed: str, words: Words) -> str:
    if deed == "record.value_restored":
        return _("An earlier value was put back")
    return str(words.past.deeds.get(deed) or deed.replace("_", " ").replace(".", " "))


class Words:
    """How the columns of one kind of record are told; ``images`` are those whose references are named."""

    def __init__(self, model: type[models.Model], images: list[dict[str, Any]]) -> None:
        self.model, self.past = model, past_of(model)
        self.own = self.past.own
        self._images = images
        self.names: dict[str, str] = {}

    def name_members(self, ids: list[UUID | None]) -> None:
        """Find the names of these members and of the records the images speak of."""
        wanted = {str(pk) for pk in ids if pk}
        wanted |= {str(i[key]) for i in self._images for key in ("owner_id", "author_id") if i.get(key)}
        customers = {i["customer_id"] for i in self._images if i.get("customer_id")}
        self.names = names_by_id(wanted, customers)
        if self.own:
            self.names |= custom.names_in(self.own, self._images)

    def knows(self, column: str) -> bool:
        """Whether it is told at all."""
        return column not in ("version", *self.past.hidden) and (
            column.startswith("custom.") or self._field(column) is not None
        )

    def label(self, column: str) -> str:
        if column.startswith("custom."):
            own = custom.field_of_column(self.own, column) if self.own else None
            return own.label if own else column.removeprefix("custom.")
        if column in self.past.labels:
            return str(self.past.labels[column])
        return str(getattr(self._field(column), "verbose_name", column)).capitalize()

    def told(self, column: str, value: Any) -> str:
        if value in (None, ""):
            return ""
        if column.startswith("custom."):
            return self._own(column, value)
        known = self._field(column)
        if isinstance(known, models.ForeignKey):
            return self.names.get(str(value), "")
        if choices := getattr(known, "choices", None):
            return str(dict(choices).get(value, value))
        if column == "language":
            return str(dict(settings.LANGUAGES).get(value, value))
        if column in MONEY and isinstance(value, int):
            digits = get_currency_precision(company_currency())
            return formats.number_text(Decimal(value).scaleb(-digits), digits=digits)
        return _plain(known, value)

    def _own(self, column: str, value: Any) -> str:
        own = custom.field_of_column(self.own, column) if self.own else None
        if own is None:
            return str(value)
        return custom.told(own, value, currency=company_currency(), names=self.names)

    def _field(self, column: str) -> models.Field[Any, Any] | None:
        try:
            found = self.model._meta.get_field(column.removesuffix("_id") if _refers(column) else column)
        except FieldDoesNotExist:
            return None
        return found if isinstance(found, models.Field) else None


def _refers(column: str) -> bool:
    return column.endswith("_id") and column != "external_id"


def _plain(known: Any, value: Any) -> str:
    if isinstance(known, models.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(known, models.DateTimeField):
        moment = parse_datetime(str(value))
        return formats.exact_text(moment) if moment else str(value)
    if isinstance(known, models.DateField):
        day = parse_date(str(value))
        return formats.day_text(day) if day else str(value)
    return str(value)


@dataclass(frozen=True)
class Fact:
    """A field as it stood, and as it stands, in words."""

    label: str
    then: str
    now: str

    @property
    def differs(self) -> bool:
        return self.then != self.now


@dataclass(frozen=True)
class Then:
    """A record at a moment. ``existed`` is false before it was made."""

    at: datetime
    existed: bool
    deleted: bool = False
    facts: list[Fact] = field(default_factory=list)


def as_of(record: models.Model, at: datetime, now: Mapping[str, Any]) -> Then:
    """The record as it stood at ``at``: its image ``now``, as the history writes it, without what changed later."""
    then = image_then(record, at, now)
    if then is None:
        return Then(at, existed=False)
    words = Words(type(record), [dict(now), then])
    words.name_members([])
    columns = [column for column in {**then, **now} if words.knows(column)]
    facts = [
        Fact(words.label(c), words.told(c, then.get(c)), words.told(c, now.get(c))) for c in _ordered(columns)
    ]
    shown = [fact for fact in facts if fact.then or fact.now]
    return Then(at, existed=True, deleted=bool(then.get("deleted_at")), facts=shown)


def image_then(record: models.Model, at: datetime, now: Mapping[str, Any]) -> dict[str, Any] | None:
    """The record's image at ``at``; ``None`` before it was made."""
    later = AuditEntry.objects.about(record).filter(at__gt=at).exclude(kind=AuditEntry.Kind.DEED)
    then: dict[str, Any] | None = dict(now)
    for entry in later.order_by("-at", "-id"):
        if entry.kind == AuditEntry.Kind.INSERT:
            then = None  # unless it was deleted before, and brought back by this
        else:
            then = (then or {}) | (entry.before or {})
    return None if then is None else {column: value for column, value in then.items() if value is not None}


def _ordered(columns: list[str]) -> list[str]:
    """The name first, then as the table has them, a company's own fields last."""
    return sorted(columns, key=lambda column: (column.startswith("custom."), column not in ("name", "title")))
