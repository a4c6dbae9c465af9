"""What can be done to many customers at once: each deed is one statement for a batch, whatever its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import audit
from crm.errors import NotAllowed
from crm.models import Member
from crm.texts import clean
from crm.webhooks import events
from customers.models import Customer
from customers.models.custom import RecordType
from customers.selectors.custom import field_by_key
from customers.services.bulk import tagging
from customers.services.custom_values import Merged, WrongValues, check_values, held
from customers.services.handed import tell_owner
from customers.services.upkeep import REACHED_BY, note_changes

EDIT, DELETE, TAG = "edit", "delete", "tag"
# Facts that can be the same for many. What tells records apart (name, e-mail, phone, external id) is not among them.
FIELDS = ("owner", "kind", "industry", "size", "region", "city", "language", "gender", "source", "review")
_CAPABILITY = {EDIT: "customers.change", DELETE: "customers.delete", TAG: "customers.change"}


@dataclass(frozen=True)
class Deed:
    """``values`` are built-in fields, an owner by id (``None``: nobody); ``custom`` custom ones, ``None`` empties.

    Of tagging, ``values`` holds ``add`` and ``remove``: lists of choices by the keys of fields that hold several.
    """

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)
    custom: Mapping[str, Any] = field(default_factory=dict)

    @property
    def params(self) -> dict[str, Any]:
        """As a job keeps it."""
        return asdict(self)


def check(deed: Deed, actor: Member) -> Deed:
    """The deed with its values as they are kept; refuses what the actor may not do, and wrong values by name."""
    if deed.kind not in _CAPABILITY or not actor.can(_CAPABILITY[deed.kind]):
        raise NotAllowed
    if deed.kind == DELETE:
        return Deed(DELETE)
    if deed.kind == TAG:
        return Deed(TAG, tagging.checked(deed.values))
    values = _facts(deed.values)
    custom = check_values(RecordType.CUSTOMER, deed.custom, actor=actor)
    for key, value in custom.items():
        own = field_by_key(RecordType.CUSTOMER, key)
        if value is None and own is not None and own.required:
            raise WrongValues(errors={f"custom.{key}": [_("This field is required.")]})
    if not values and not custom:
        raise WrongValues(_("Say which fields are to change."))
    return Deed(EDIT, values, custom)


def _facts(given: Mapping[str, Any]) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, value in given.items():
        try:
            values[name] = _checked(name, value)
        except ValueError as wrong:
            errors[name] = [str(wrong)]
    if errors:
        raise WrongValues(errors=errors)
    return values


def _checked(name: str, value: Any) -> Any:
    if name not in FIELDS:
        raise ValueError(_("This cannot be the same for many."))
    if name == "owner":
        return _owner(value)
    if not isinstance(value, str):
        raise ValueError(_("Must be a text."))
    column: Any = Customer._meta.get_field(name)
    value = clean(value)
    try:
        column.run_validators(value)
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from error
    choices = dict(column.flatchoices)
    if choices and value not in choices and not (column.blank and not value):
        raise ValueError(_("Must be one of: %(choices)s.") % {"choices": ", ".join(choices)})
    return value


def _owner(value: Any) -> str | None:
    if value in (None, ""):
        return None
    try:
        owner = Member.objects.active().filter(pk=UUID(str(value))).first()
    except ValueError:
        owner = None
    if owner is None:
        raise ValueError(_("There is no such record."))
    return str(owner.pk)


@transaction.atomic
def apply(*, deed: Deed, ids: Sequence[UUID], actor: Member, tells: bool = True) -> int:
    """Do it to these customers, as far as the actor sees them; gives how many changed. A new owner is told, unless
    whoever does it in parts ``tells`` of all at their end.
    """
    rows: Any = Customer.objects.living().visible_to(actor).order_by().filter(pk__in=ids)
    if deed.kind == TAG:
        return _tag(deed, list(rows.values_list("pk", flat=True)), actor)
    changes: dict[str, Any] = {"deleted_at": timezone.now()} if deed.kind == DELETE else _columns(deed)
    if deed.kind == EDIT:
        rows = rows.exclude(_already(deed))
    told = "customer.updated" if deed.kind == EDIT else "customer.deleted"
    reached = deed.kind == EDIT and not REACHED_BY.isdisjoint(deed.values)
    wanted = list(rows.values_list("pk", flat=True)) if reached or events.wanting(told) else []
    count = rows.update(**changes, updated_at=timezone.now(), version=F("version") + 1)
    if count:
        name = "customers.edited" if deed.kind == EDIT else "customers.deleted"
        fields = sorted([*deed.values, *(f"custom.{key}" for key in deed.custom)])
        audit.record(name, None, actor=actor, customers=count, **({"fields": fields} if fields else {}))
        note_changes(wanted, deed.values, actor=actor)
        if tells:
            tell_new_owner(deed, count=int(count), actor=actor)
        events.emit_many(told, wanted)
    return int(count)


def tell_new_owner(deed: Deed, *, count: int, actor: Member) -> None:
    """Who gets customers by this deed is told how many."""
    if deed.kind == EDIT and (pk := deed.values.get("owner")):
        tell_owner(owner=Member.objects.filter(pk=pk).first(), actor=actor, count=count)


def _tag(deed: Deed, ids: list[UUID], actor: Member) -> int:
    changed = tagging.tag(ids, add=deed.values["add"], remove=deed.values["remove"])
    if changed:
        keys = sorted({*deed.values["add"], *deed.values["remove"]})
        fields = [f"custom.{key}" for key in keys]
        audit.record("customers.edited", None, actor=actor, customers=len(changed), fields=fields)
        events.emit_many("customer.updated", changed)
    return len(changed)


def _columns(deed: Deed) -> dict[str, Any]:
    columns = {"owner_id" if name == "owner" else name: value for name, value in deed.values.items()}
    return columns | ({"custom": Merged(deed.custom)} if deed.custom else {})


def _already(deed: Deed) -> Q:
    """Records that are as they are to be."""
    same = Q()
    for name, value in _columns(deed).items():
        if name != "custom":
            same &= Q(**{name: value}) if value is not None else Q(**{f"{name}__isnull": True})
    return same & held(deed.custom)
