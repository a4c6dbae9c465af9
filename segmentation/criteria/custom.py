"""A company's custom fields as criteria: ``custom:<key>``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Member
from crm.personal import is_masked
from crm.tenancy.context import current, current_or_none
from customers.models import CustomField
from customers.models.custom import FieldKind, RecordType
from customers.selectors.custom import all_fields, may_ask
from customers.selectors.names import names_by_id
from segmentation.criteria.fields import Choices, Field, Kind, Text, register_source

OWN = gettext_lazy("Own fields")
_MEMORY, _NAMES = "custom criteria", "customers that rules name"
_KNOWN = ("is_null", "not_null")


def own_fields() -> Mapping[str, Field]:
    """The criteria of the open company's custom fields of customers, archived ones too; none outside a company."""
    if current_or_none() is None:
        return {}
    memory, known = current().memory, all_fields()
    name = f"{_MEMORY}, masked: {is_masked()}"
    kept = memory.get(name)
    if kept is None or kept[0] is not known:
        found = {one.key: one for own in known if own.record == RecordType.CUSTOMER for one in _criteria(own)}
        kept = memory[name] = (known, found)
    return kept[1]


def _criteria(own: CustomField) -> Iterator[Field]:
    text = f"(c.custom ->> '{own.key}')"  # a key is small letters, digits and underscores
    kind = own.type
    if kind == FieldKind.NUMBER:
        yield _field(own, Kind.NUMBER, f"{text}::numeric")
    elif kind == FieldKind.MONEY:
        yield _field(own, Kind.MONEY, f"{text}::bigint")
    elif kind == FieldKind.YES_NO:
        yield _field(own, Kind.BOOL, f"{text}::boolean", phrases=_yes_no(own))
    elif kind in (FieldKind.DATE, FieldKind.MOMENT):
        yield from _days(
            own,
            f"{text}::date"
            if kind == FieldKind.DATE
            else f"({text}::timestamptz AT TIME ZONE {{zone}})::date",
        )
    elif kind in (FieldKind.TEXT, FieldKind.LINK, FieldKind.LONG_TEXT):
        yield _field(own, Kind.TEXT, text, only=_KNOWN if kind == FieldKind.LONG_TEXT else ())
    else:
        yield _listed(own, text)


def _listed(own: CustomField, text: str) -> Field:
    """The criterion of a kind whose values are chosen, from a list or from records."""
    if own.type == FieldKind.MULTI_CHOICE:
        only = ("eq", "ne", "in", *_KNOWN)
        return _field(own, Kind.CHOICES, f"c.custom -> '{own.key}'", choices=_labels(own), only=only)
    if own.type == FieldKind.CUSTOMER:
        return replace(_field(own, Kind.CUSTOMER, text), named=customer_names)
    return _field(own, Kind.CHOICE, text, choices=_members if own.type == FieldKind.MEMBER else _labels(own))


def _field(
    own: CustomField,
    kind: Kind,
    sql: str,
    *,
    key: str = "",
    label: str = "",
    phrases: Mapping[str, Text] | None = None,
    choices: Choices | None = None,
    only: tuple[str, ...] = (),
) -> Field:
    return Field(
        key or f"custom:{own.key}", label or own.label, kind, sql, OWN, phrases or {}, choices,
        only=only, offered=own.archived_at is None and may_ask(own), loose=True,
        personal=own.personal, hidden=not may_ask(own),
    )  # fmt: skip


def customer_names(ids: Iterable[str]) -> Mapping[str, str]:
    """The names of these customers, those gone too, by id; each is asked for once in a transaction."""
    known = current().memory.setdefault(_NAMES, {})
    if wanted := {one for one in ids if one not in known}:
        known |= names_by_id(customers=wanted)
    return known


def _days(own: CustomField, day: str) -> Iterator[Field]:
    label = {"label": own.label}
    since, until = _("days since %(label)s") % label, _("days until %(label)s") % label
    yield _field(own, Kind.DAYS, f"{{today}} - {day}", label=since)
    yield _field(own, Kind.DAYS, f"{day} - {{today}}", key=f"custom:{own.key}:until", label=until)


def _yes_no(own: CustomField) -> dict[str, Text]:
    label = own.label.replace("%", "%%")
    return {"true": _("%(label)s: yes") % {"label": label}, "false": _("%(label)s: no") % {"label": label}}


def _labels(own: CustomField) -> Choices:
    return lambda: list(own.labels.items())


def _members() -> list[tuple[str, Text]]:
    return [(str(pk), name) for pk, name in Member.objects.active().values_list("pk", "display_name")]


register_source(own_fields)
