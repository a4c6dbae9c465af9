"""Everything that hangs on one person, read from the models themselves: a new table is covered by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote, quote_plus
from uuid import UUID

from django.apps import apps
from django.db import connection, models
from django.db.models import Q

from crm.models import AuditEntry
from crm.tenancy.context import current_tenant_id
from crm.tenancy.fields import OfPeople, TenantModel
from customers.models import Contact, Customer
from customers.normalize import email_norm, phone_norm

Model: TypeAlias = type[TenantModel]
Person: TypeAlias = "Customer | Contact"
SHORTEST = 4  # letters a text needs to point to one person
# What a pattern of addresses and numbers asks of the letters around: costly for the database.
_AROUND = re.compile(r"\(\?<?[!=](?:\[[^\]]*\]|\\w)\)|\(\?:\\\+\|00\|0\)\?")
_BEFORE = (r"(?<![\w.+-])", r"(?<!\w)")
_ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_SPEAKS = """
    SELECT t.{key} FROM {table} t CROSS JOIN LATERAL (SELECT concat_ws(' ', {columns}) AS said OFFSET 0) words
    WHERE t.tenant_id = %(tenant)s::uuid AND (said ILIKE ANY (%(patterns)s::text[]) OR EXISTS (
        SELECT FROM regexp_matches(said, '{pattern}', 'g') m WHERE m[1] IN (SELECT unnest(%(ids)s::text[]))
    ) OR CASE WHEN said ~* %(loose)s THEN said ~* %(exact)s END)
"""
_NEVER = "(?!)"


class Had(NamedTuple):
    """An address or a number, the other empty."""

    email: str
    phone: str


@dataclass
class Reach:
    """The rows of a person by table. ``own`` hang on it, ``about`` belong to others and speak of it."""

    person: Person
    roots: list[Person]
    own: dict[Model, set[UUID]] = field(default_factory=dict)
    about: dict[Model, set[UUID]] = field(default_factory=dict)

    def ids(self) -> set[UUID]:
        return set().union(*self.own.values(), *self.about.values())

    @property
    def root_ids(self) -> set[UUID]:
        """The ids by which other rows, texts and addresses know the person."""
        return self.own.get(Customer, set()) | self.own.get(Contact, set())

    def people(self) -> list[Any]:
        """The customers and contacts that are the person."""
        customers = Customer.objects.filter(pk__in=self.own.get(Customer, ()))
        return [*customers, *Contact.objects.filter(pk__in=self.own.get(Contact, ()))]

    def before(self) -> list[Had]:
        """Addresses and numbers the person had before, by the history; none that somebody else has now."""
        labels = [model._meta.label_lower for model in (Customer, Contact)]
        entries = AuditEntry.objects.filter(subject_type__in=labels, subject_id__in=self.root_ids).order_by()
        found = {
            Had(image.get("email") or "", image.get("phone") or "")
            for images in entries.values_list("before", "after")
            for image in images
            if image
        }
        parts = {Had(one.email, "") for one in found} | {Had("", one.phone) for one in found}
        return sorted(one for one in parts if any(one) and not self._is_anothers(one))

    def _is_anothers(self, one: Had) -> bool:
        asked = {"email_norm": email_norm(one.email)} if one.email else {"phone_norm": phone_norm(one.phone)}
        others: list[Any] = [Customer.objects.living(), Contact.objects.all()]
        return any(rows.filter(**asked).exclude(pk__in=self.root_ids).exists() for rows in others)

    def identifiers(self) -> list[str]:
        """What points to the person in a text: names, addresses, numbers, those they had before, ids from elsewhere;
        each also as it stands in an address of a page."""
        found: set[str] = {text for one in self.before() for text in one}
        for one in self.people():
            found |= {one.name, one.email, one.phone, one.phone_norm, getattr(one, "external_id", "")}
        found |= {written for text in found for written in (quote(text), quote_plus(text))}
        return sorted(text for text in found if _tells(text))


def _tells(text: str) -> bool:
    """Whether a text is long enough to point to somebody: two characters of Chinese, or four letters."""
    return len(text) >= SHORTEST or (len(text) >= 2 and not text.isascii())


def reach_of(person: Person) -> Reach:
    """All rows of a customer (with those merged into it, and its contacts) or of one contact."""
    roots = _one_person(person)
    reach = Reach(person, roots)
    model: Model = type(person)
    waiting: list[tuple[Model, set[UUID], bool]] = [(model, {one.pk for one in roots}, True)]
    while waiting:
        model, ids, own = waiting.pop()
        known = reach.own.get(model, set()) | (set() if own else reach.about.get(model, set()))
        if fresh := ids - known:
            (reach.own if own else reach.about).setdefault(model, set()).update(fresh)
            waiting += _hanging(reach, model, fresh, own)
    for model, ids in list(_unclaimed(person)):
        reach.own.setdefault(model, set()).update(ids)
    reach.about = {model: ids - reach.own.get(model, set()) for model, ids in reach.about.items()}
    return reach


def _one_person(person: Person) -> list[Person]:
    """The record and all that were merged into it, however often."""
    if isinstance(person, Contact):
        return [person]
    found, latest = [person], [person.pk]
    while latest:
        merged = list(Customer.objects.filter(merged_into__in=latest))
        found, latest = [*found, *merged], [one.pk for one in merged]
    return list(found)


def _hanging(
    reach: Reach, model: Model, ids: set[UUID], own: bool
) -> Iterator[tuple[Model, set[UUID], bool]]:
    """What points to these rows. What would go with a row is the person's own; what outlives it speaks of it."""
    for reference in references_to(model):
        rows = reference.model._base_manager.filter(**{f"{reference.name}__in": ids})
        goes = model is Customer or reference.remote_field.on_delete is not models.SET_NULL
        if reference.model is Customer:
            continue  # who was merged is one of the roots
        if not goes and isinstance(reach.person, Customer):
            rows = _without_others(rows, reach)
        if found := set(rows.values_list("pk", flat=True)):
            yield reference.model, found, own and goes


def _without_others(rows: Any, reach: Reach) -> Any:
    """Rows of other customers are theirs."""
    names = {f.name for f in rows.model._meta.local_fields}
    mine = reach.own.get(Customer, set())
    return rows.filter(Q(customer=None) | Q(customer__in=mine)) if "customer" in names else rows


def references_to(model: type[models.Model]) -> Iterator[Any]:
    for other in apps.get_models(include_auto_created=True):
        for reference in other._meta.local_fields:
            if isinstance(reference, models.ForeignKey) and reference.related_model is model:
                yield reference


def _unclaimed(person: Person) -> Iterator[tuple[Model, set[UUID]]]:
    """What came in with the person's address or number and was put down to nobody."""
    known = [text for text in (person.email, person.phone, person.phone_norm) if len(text) >= SHORTEST]
    for reference in references_to(Customer) if known else ():
        if reference.null and reference.model is not Customer:
            rows = reference.model._base_manager.filter(**{reference.name: None})
            found = speaking(reference.model, known, set())
            yield reference.model, set(rows.filter(pk__in=found).values_list("pk", flat=True))


def copies() -> list[Model]:
    """The tables that hold copies of what people's records say."""
    return [m for m in tenant_models() if m.of_people in (OfPeople.COPY, OfPeople.PARTS)]


def tenant_models() -> list[Model]:
    """Every table of companies' data."""
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def texts_of(model: type[models.Model]) -> list[models.Field]:
    """The columns in which people write, or that hold what was written: free text and JSON."""
    kept = {"id", *getattr(model, "impersonal", ())}
    return [
        column
        for column in model._meta.local_fields
        if isinstance(column, models.CharField | models.TextField | models.JSONField)
        and not column.choices
        and column.name not in kept
        and not column.name.endswith("_hash")
    ]


def speaking(model: Model, identifiers: Iterable[str], ids: Iterable[UUID], exact: str = "") -> set[UUID]:
    """The rows that hold an identifier, one of the ids, or what the pattern ``exact`` finds, in whichever column."""
    names = [f'"{column.column}"::text' for column in _searched(model)]
    key = model._meta.pk.column
    sql = _SPEAKS.format(
        table=model._meta.db_table, key=f'"{key}"', columns=", ".join(f"t.{n}" for n in names), pattern=_ID
    )
    given: dict[str, Any] = {
        "tenant": str(current_tenant_id()),
        "patterns": patterns(identifiers),
        "ids": [str(pk) for pk in ids],
        "loose": loose(exact) or _NEVER,
        "exact": in_json(exact) or _NEVER,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return {pk for (pk,) in cursor.fetchall()}


def in_json(pattern: str) -> str:
    """The pattern where a letter behind a backslash ends a line, as in JSON that the database writes."""
    for before in _BEFORE:
        pattern = pattern.replace(before, rf"(?:{before}|(?<=\\[nrt]))")
    return pattern


def loose(pattern: str) -> str:
    """The pattern without what it asks of the letters around: finds all it finds, many times quicker."""
    return _AROUND.sub("", pattern)


def patterns(texts: Iterable[str]) -> list[str]:
    """Each text anywhere, as LIKE takes it, also as it stands within JSON."""
    escaped = (text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for text in texts)
    return [f"%{text}%" for text in escaped]


def _searched(model: Model) -> list[models.Field]:
    kinds = (models.CharField, models.TextField, models.JSONField, models.UUIDField, models.ForeignKey)
    skipped = {"tenant", model._meta.pk.name}
    return [c for c in model._meta.local_fields if isinstance(c, kinds) and c.name not in skipped]
