"""What can be done to many follow-ups at once: hand them over, move them, mark them done, let them go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm import audit
from crm.models import AuditEntry, Member, WakeUp
from crm.tenancy.context import current_tenant_id
from crm.webhooks import events
from customers.models import CustomerStats, FollowUp, Interaction
from customers.services import stats
from customers.services.custom_values import WrongValues
from customers.services.follow_ups import refresh_next_step
from customers.services.many.checks import active_member, one_of, text
from customers.services.many.rows import Deed
from customers.services.touchpoints import kind_of

HAND_OVER, MOVE, COMPLETE, SKIP = "hand_over", "move", "complete", "skip"
COLUMNS = (
    "owner_id",
    "due_at",
    "moved_because",
    "escalated_at",
    "closed_at",
    "closed_by_id",
    "outcome",
    "result",
    "interaction_id",
)
_EVENTS = {
    HAND_OVER: "follow_up.reassigned",
    MOVE: "follow_up.moved",
    COMPLETE: "follow_up.completed",
    SKIP: "follow_up.skipped",
}

_KEEP = """
UPDATE customers_followup f
SET closed_at = %(at)s, closed_by_id = %(actor)s::uuid, outcome = 'done', result = %(result)s, interaction_id = told.id,
    version = f.version + 1
FROM unnest(%(follow_ups)s::uuid[], %(interactions)s::uuid[]) told (follow_up, id)
WHERE f.tenant_id = %(tenant)s::uuid AND f.id = told.follow_up AND f.closed_at IS NULL
"""


def check(deed: Deed) -> Deed:
    """The deed with its values as they are kept; refuses others by name."""
    if deed.kind not in _CHECKS:
        raise WrongValues(errors={"deed": [_("There is no such deed.")]})
    return Deed(deed.kind, _CHECKS[deed.kind](deed.values))


def _new_owner(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"owner": str(active_member(values.get("owner")).pk)}


def _new_day(values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        at = parse_datetime(str(values.get("due_at", "")))
    except ValueError:
        at = None
    if at is None or timezone.is_naive(at):
        raise WrongValues(errors={"due_at": [_("Say the moment with its time zone.")]})
    return {"due_at": at.isoformat(), "because": text(values, "because", 200)}


def _what_came_of_it(values: Mapping[str, Any]) -> dict[str, Any]:
    kind = one_of(values, "kind", Interaction.Kind.values) if values.get("kind") else ""
    return {"kind": kind, "result": text(values, "result", 10_000)}


def _why(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"because": text(values, "because", 300, required=True)}


_CHECKS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    HAND_OVER: _new_owner,
    MOVE: _new_day,
    COMPLETE: _what_came_of_it,
    SKIP: _why,
}


@transaction.atomic
def apply(deed: Deed, ids: Sequence[UUID], actor: Member) -> int:
    """Do it to those of these follow-ups that are open and that the actor sees; gives how many changed."""
    rows = FollowUp.objects.open().visible_to(actor).filter(pk__in=ids).order_by("pk")
    found = list(
        rows.select_for_update(of=("self",)).only("customer_id", "owner_id", "channel", "subject", "due_at")
    )
    found = _DOES[deed.kind](found, deed.values, actor)
    if found:
        refresh_next_step({row.customer_id for row in found})
        audit.record("follow_ups.changed", None, actor=actor, records=len(found), what=deed.kind)
        events.emit_many(_EVENTS[deed.kind], [row.pk for row in found])
    return len(found)


def _hand_over(found: list[FollowUp], values: Mapping[str, Any], actor: Member) -> list[FollowUp]:
    owner = active_member(values["owner"])
    found = [row for row in found if row.owner_id != owner.pk]
    _update(found, owner=owner)
    return found


def _move(found: list[FollowUp], values: Mapping[str, Any], actor: Member) -> list[FollowUp]:
    due_at = datetime.fromisoformat(values["due_at"])
    found = [row for row in found if row.due_at != due_at]
    _update(found, due_at=due_at, moved_because=values["because"], escalated_at=None)
    if found:
        WakeUp.objects.create(tenant_id=current_tenant_id(), at=due_at)
    return found


def _skip(found: list[FollowUp], values: Mapping[str, Any], actor: Member) -> list[FollowUp]:
    closed = {"closed_at": timezone.now(), "closed_by": actor, "outcome": FollowUp.Outcome.SKIPPED}
    _update(found, **closed, result=values["because"])
    return found


def _complete(found: list[FollowUp], values: Mapping[str, Any], actor: Member) -> list[FollowUp]:
    """Each leaves the contact it was on its customer's timeline."""
    at = timezone.now()
    written = Interaction.objects.bulk_create([_contact(row, values, actor, at) for row in found])
    given = {
        "tenant": str(current_tenant_id()),
        "at": at,
        "actor": str(actor.pk),
        "result": values["result"],
        "follow_ups": [str(row.pk) for row in found],
        "interactions": [str(one.pk) for one in written],
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, given)
    reached = {one.customer_id for one in written if one.is_contact}
    moment = Value(at, output_field=DateTimeField())
    CustomerStats.objects.filter(customer__in=reached).update(
        last_contact_at=Greatest("last_contact_at", moment)
    )
    events.emit_many("interaction.logged", [one.pk for one in written])
    return found


def _contact(row: FollowUp, values: Mapping[str, Any], actor: Member, at: datetime) -> Interaction:
    kind = values["kind"] or kind_of(row.channel)
    none, out = Interaction.Direction.NONE, Interaction.Direction.OUT
    return Interaction(
        customer_id=row.customer_id,
        author=actor,
        kind=kind,
        channel=row.channel,
        direction=none if kind == Interaction.Kind.NOTE else out,
        happened_at=at,
        text=values["result"] or row.subject,
    )


def _update(found: list[FollowUp], **columns: Any) -> None:
    FollowUp.objects.filter(pk__in=[row.pk for row in found]).update(**columns, version=F("version") + 1)


_DOES: dict[str, Callable[[list[FollowUp], Mapping[str, Any], Member], list[FollowUp]]] = {
    HAND_OVER: _hand_over,
    MOVE: _move,
    COMPLETE: _complete,
    SKIP: _skip,
}


def mend(entries: Sequence[AuditEntry]) -> None:
    """What these changes wrote on the timeline and promised next goes with them; the customers' figures follow."""
    written = [pk for entry in entries if (pk := (entry.after or {}).get("interaction_id"))]
    Interaction.objects.filter(pk__in=written, follow_ups=None).delete()
    rows = FollowUp.objects.filter(pk__in=[entry.subject_id for entry in entries])
    customers = set(rows.order_by().values_list("customer", flat=True))
    FollowUp.objects.filter(pk__in=_promised_with(entries), closed_at=None, version=1).delete()
    stats.refresh(customers, parts=("spoken", "promised"))
    WakeUp.objects.create(tenant_id=current_tenant_id(), at=timezone.now())


def _promised_with(entries: Sequence[AuditEntry]) -> list[UUID]:
    """The next steps that were promised in the same requests."""
    made = AuditEntry.objects.filter(
        request_id__in={entry.request_id for entry in entries},
        subject_type="customers.followup",
        kind=AuditEntry.Kind.INSERT,
    )
    return [pk for pk in made.order_by().values_list("subject_id", flat=True) if pk]
