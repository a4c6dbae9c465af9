"""What can be done to many people at once: facts in common, tags, and taking them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from crm import audit
from crm.models import AuditEntry, Member
from crm.texts import clean
from crm.webhooks import events
from customers.models import Contact
from customers.models.custom import RecordType
from customers.selectors.contacts import seen_contacts
from customers.selectors.custom import field_by_key
from customers.services.bulk import tagging
from customers.services.custom_values import Merged, WrongValues, check_values, held
from customers.services.many.rows import Deed

EDIT, TAG, DELETE = "edit", "tag", "delete"
FIELDS = ("role", "job_title", "language")
COLUMNS = (*FIELDS, "custom")
# Taking one person out is a change of the customer's record; taking out many is deleting.
RIGHTS = {DELETE: "customers.delete"}


def check(deed: Deed) -> Deed:
    """The deed with its values as they are kept; refuses others by name."""
    if deed.kind not in _CHECKS:
        raise WrongValues(errors={"deed": [_("There is no such deed.")]})
    return Deed(deed.kind, _CHECKS[deed.kind](deed.values))


def _alike(values: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(values)
    custom = check_values(RecordType.CONTACT, given.pop("custom", None) or {}, actor=None)
    for key, value in custom.items():
        own = field_by_key(RecordType.CONTACT, key)
        if value is None and own is not None and own.required:
            raise WrongValues(errors={f"custom.{key}": [_("This field is required.")]})
    facts, errors = {}, {}
    for name, value in given.items():
        try:
            facts[name] = _fact(name, value)
        except ValueError as wrong:
            errors[name] = [str(wrong)]
    if errors:
        raise WrongValues(errors=errors)
    if not facts and not custom:
        raise WrongValues(_("Say which fields are to change."))
    return {**facts, "custom": custom}


def _fact(name: str, value: Any) -> str:
    if name not in FIELDS:
        raise ValueError(_("This cannot be the same for many."))
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(_("Must be a text."))
    column: Any = Contact._meta.get_field(name)
    value = clean(value)
    choices = dict(column.flatchoices)
    if choices and value not in choices:
        raise ValueError(_("Must be one of: %(choices)s.") % {"choices": ", ".join(choices)})
    try:
        column.run_validators(value)
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from error
    return value


_CHECKS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    EDIT: _alike,
    TAG: lambda values: tagging.checked(values, RecordType.CONTACT),
    DELETE: lambda values: {},
}


@transaction.atomic
def apply(deed: Deed, ids: Sequence[UUID], actor: Member) -> int:
    """Do it to those of these people whom the actor sees; gives how many changed."""
    rows = seen_contacts(actor).filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    changed = _DOES[deed.kind](list(rows.values_list("pk", flat=True)), deed.values)
    if changed:
        audit.record("contacts.changed", None, actor=actor, records=len(changed), what=deed.kind)
        events.emit_many("contact.deleted" if deed.kind == DELETE else "contact.updated", changed)
    return len(changed)


def _edit(ids: list[UUID], values: Mapping[str, Any]) -> list[UUID]:
    columns = {name: value for name, value in values.items() if name != "custom"}
    same = Q(**columns) & held(values["custom"])
    rows = Contact.objects.filter(pk__in=ids).exclude(same)
    found = list(rows.order_by().values_list("pk", flat=True))
    if values["custom"]:
        columns["custom"] = Merged(values["custom"])
    Contact.objects.filter(pk__in=found).update(**columns, version=F("version") + 1)
    return found


def _tag(ids: list[UUID], values: Mapping[str, Any]) -> list[UUID]:
    return tagging.tag(ids, add=values["add"], remove=values["remove"], record=RecordType.CONTACT)


def _delete(ids: list[UUID], values: Mapping[str, Any]) -> list[UUID]:
    """As one is deleted: their consents go with them, what was said with them stays on the timeline."""
    Contact.objects.filter(pk__in=ids).delete()
    return ids


_DOES: dict[str, Callable[[list[UUID], Mapping[str, Any]], list[UUID]]] = {
    EDIT: _edit,
    TAG: _tag,
    DELETE: _delete,
}


def mend(entries: Sequence[AuditEntry]) -> None:
    """Who listens is told of whom there is again, and of whose fields went back."""
    back = {entry.subject_id for entry in entries if entry.kind == AuditEntry.Kind.DELETE}
    events.emit_many("contact.created", sorted(pk for pk in back if pk))
    events.emit_many(
        "contact.updated", sorted({pk for e in entries if (pk := e.subject_id) and pk not in back})
    )
