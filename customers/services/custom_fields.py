"""Defining the fields a company adds to its records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.errors import Conflict, DomainError, Stale
from crm.models import Member
from crm.tenancy.context import current_tenant_id
from customers.custom.kinds import stored
from customers.models import CustomField
from customers.models.custom import KEY, VALUES, FieldKind, RecordType
from customers.normalize import name_norm, pinyin_of
from customers.selectors.custom import forget_fields

MOST_FIELDS, MOST_CHOICES = 100, 200
EDITABLE = frozenset({"label", "help", "choices", "required", "default", "personal"})


class KeyTaken(Conflict):
    """Another field of these records has this key, maybe an archived one."""

    code = "key_taken"
    message = _("Another field already has this key; it may be archived.")


class TooManyFields(Conflict):
    """More fields than a form can be."""

    code = "too_many_fields"
    message = _("There are as many fields as there can be. Archive one that is no longer used.")


class WrongField(DomainError):
    """The definition does not hold together; ``errors`` says where."""

    code = "invalid"
    message = _("Some fields are not valid.")


@transaction.atomic
def create_field(
    *, record: str, kind: str, label: str, actor: Member | None, key: str = "", **fields: Any
) -> CustomField:
    """Add a field at the end; without ``key`` one is made from the label."""
    field = CustomField(record=record, kind=kind, label=label.strip(), **_known(fields))
    field.key = key or _free_key(record, field.label)
    _check(field)
    peers = CustomField.objects.of(record)
    if peers.active().count() >= MOST_FIELDS:
        raise TooManyFields
    field.position = (peers.aggregate(most=Max("position"))["most"] or 0) + 1
    try:
        with transaction.atomic():
            field.save(force_insert=True)
    except IntegrityError as error:
        raise KeyTaken(errors={"key": [str(KeyTaken.message)]}) from error
    return _settled("custom_field.created", field, actor)


@transaction.atomic
def change_field(
    *, field: CustomField, actor: Member | None, version: int | None = None, **fields: Any
) -> CustomField:
    """Change words, choices, whether it is required or personal data, and its default.

    A choice that is left out is taken from every record.
    """
    before = set(field.labels)
    for name, value in _known(fields).items():
        setattr(field, name, value.strip() if isinstance(value, str) and name != "default" else value)
    _check(field)
    rows = CustomField.objects.filter(pk=field.pk, **({} if version is None else {"version": version}))
    values = {name: getattr(field, name) for name in EDITABLE}
    if not rows.update(**values, version=F("version") + 1):
        raise Stale
    _take_out(field, sorted(before - set(field.labels)))
    field.refresh_from_db(fields=["version"])
    return _settled("custom_field.changed", field, actor)


@transaction.atomic
def archive_field(*, field: CustomField, actor: Member | None) -> CustomField:
    """Take a field out of forms, lists and the API; its values wait for ``restore_field``."""
    return _set_archived(field, actor, archived=True)


@transaction.atomic
def restore_field(*, field: CustomField, actor: Member | None) -> CustomField:
    """Bring an archived field back with its values."""
    return _set_archived(field, actor, archived=False)


def _set_archived(field: CustomField, actor: Member | None, *, archived: bool) -> CustomField:
    at = timezone.now() if archived else None
    rows = CustomField.objects.filter(pk=field.pk, archived_at__isnull=archived)
    if not rows.update(archived_at=at, version=F("version") + 1):
        raise Conflict
    field.refresh_from_db(fields=["version", "archived_at"])
    return _settled("custom_field.archived" if archived else "custom_field.restored", field, actor)


@transaction.atomic
def order_fields(*, record: str, fields: Sequence[CustomField], actor: Member | None) -> None:
    """Put the fields of one type of record into this order."""
    for position, field in enumerate(fields, 1):
        if field.position != position:
            CustomField.objects.filter(pk=field.pk).update(position=position)
            field.position = position
    forget_fields()
    audit.record("custom_fields.ordered", None, actor=actor, record=record, keys=[f.key for f in fields])


def users_of_choice(field: CustomField, values: Sequence[str], *, most: int) -> int:
    """How many records hold one of these choices, counted no further than ``most``."""
    rows: Any = VALUES[field.record].objects
    return rows.filter(field=field, text__in=list(values)).values("record").distinct().at_most(most)


def _settled(deed: str, field: CustomField, actor: Member | None) -> CustomField:
    forget_fields()
    audit.record(deed, field, actor=actor, key=field.key)
    return field


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"Not parts of a field that can be set: {', '.join(sorted(unknown))}")
    return fields


def _check(field: CustomField) -> None:
    errors: dict[str, list[str]] = {}
    if not re.fullmatch(KEY, field.key):
        errors["key"] = [str(_("Small letters, digits and underscores, beginning with a letter."))]
    if not field.label:
        errors["label"] = [str(_("A name is needed."))]
    if field.type.has_choices:
        try:
            field.choices = _choices(field.choices)
        except ValueError as wrong:
            errors["choices"] = [str(wrong)]
    else:
        field.choices = []
    if not errors:
        try:
            field.default = stored(field, field.default)
        except ValueError as wrong:
            errors["default"] = [str(wrong)]
    if errors:
        raise WrongField(errors=errors)


def _choices(given: Any) -> list[dict[str, str]]:
    """Choices with a value each: given as ``{"value", "label"}``, or as a label alone."""
    found: dict[str, str] = {}
    for one in given:
        label = str(one["label"] if isinstance(one, dict) else one).strip()
        value = str(one.get("value") or label).strip() if isinstance(one, dict) else label
        if not label or len(label) > 80 or len(value) > 80 or "\0" in label + value:
            raise ValueError(_("Each choice has 1 to 80 characters."))
        if value in found or label in found.values():
            raise ValueError(_("“%(choice)s” stands there twice.") % {"choice": label})
        found[value] = label
    if not 0 < len(found) <= MOST_CHOICES:
        raise ValueError(_("Give 1 to %(most)d choices.") % {"most": MOST_CHOICES})
    return [{"value": value, "label": label} for value, label in found.items()]


def _free_key(record: str, label: str) -> str:
    spelled = pinyin_of(label)[0] or name_norm(label)
    base = re.sub(r"[^a-z0-9]+", "_", spelled).strip("_")[:34] or "field"
    base = base if base[0].isalpha() else f"f_{base}"
    taken = set(CustomField.objects.of(record).values_list("key", flat=True))
    return next(
        key
        for number in range(1, len(taken) + 2)
        if (key := base if number == 1 else f"{base}_{number}") not in taken
    )


_WITHOUT = {
    FieldKind.CHOICE: "c.custom - %(key)s::text",
    FieldKind.MULTI_CHOICE: """
        CASE WHEN (c.custom -> %(key)s::text) - %(gone)s::text[] = '[]' THEN c.custom - %(key)s::text
        ELSE jsonb_set(c.custom, ARRAY[%(key)s::text], (c.custom -> %(key)s::text) - %(gone)s::text[]) END""",
}


def _take_out(field: CustomField, gone: list[str]) -> None:
    """Records no longer hold choices that are gone; in one statement."""
    if not gone:
        return
    values: Any = VALUES[field.record]._meta
    records = values.get_field("record").related_model._meta
    versions = ", version = c.version + 1, updated_at = now()" if field.record == RecordType.CUSTOMER else ""
    sql = f"""
        UPDATE {records.db_table} c SET custom = {_WITHOUT[field.type]}{versions}
        WHERE c.tenant_id = %(tenant)s::uuid AND c.id IN (
            SELECT v.record_id FROM {values.db_table} v
            WHERE v.tenant_id = %(tenant)s::uuid AND v.field_id = %(field)s::uuid AND v.text = ANY (%(gone)s::text[])
        )"""  # noqa: S608  names of our own tables
    given: dict[str, Any] = {
        "key": field.key,
        "gone": gone,
        "tenant": str(current_tenant_id()),
        "field": str(field.pk),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
