"""What can be done to many tickets at once: hand them to somebody, rate them, resolve them, open them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import audit
from crm.models import AuditEntry, Member, WakeUp
from crm.tenancy.context import current_tenant_id
from crm.webhooks import events
from customers.services.custom_values import WrongValues
from customers.services.many.checks import active_member, one_of, text
from customers.services.many.rows import Deed
from customers.services.many.undoing import put_back
from feedback.models import Feedback, Ticket
from feedback.selectors.seeing import visible_tickets
from feedback.services.tickets import RESPONSE_TARGET, count_open, priority_of

ASSIGN, RATE, RESOLVE, REOPEN = "assign", "rate", "resolve", "reopen"
COLUMNS = (
    "owner_id",
    "urgency",
    "impact",
    "priority",
    "respond_by",
    "status",
    "first_responded_at",
    "resolved_at",
    "resolution",
)
_EVENTS = {
    ASSIGN: "ticket.changed",
    RATE: "ticket.changed",
    RESOLVE: "ticket.resolved",
    REOPEN: "ticket.reopened",
}
_LEVELS = [str(level.value) for level in Ticket.Level]


def check(deed: Deed) -> Deed:
    """The deed with its values as they are kept; refuses others by name."""
    if deed.kind not in _CHECKS:
        raise WrongValues(errors={"deed": [_("There is no such deed.")]})
    return Deed(deed.kind, _CHECKS[deed.kind](deed.values))


def _owner(values: Mapping[str, Any]) -> dict[str, Any]:
    given = values.get("owner")
    return {"owner": str(active_member(given).pk) if given else None}


_CHECKS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    ASSIGN: _owner,
    RATE: lambda values: {name: int(one_of(values, name, _LEVELS)) for name in ("urgency", "impact")},
    RESOLVE: lambda values: {"resolution": text(values, "resolution", 10_000, required=True)},
    REOPEN: lambda values: {},
}


@transaction.atomic
def apply(deed: Deed, ids: Sequence[UUID], actor: Member) -> int:
    """Do it to those of these tickets that the actor sees and that are not so already; gives how many changed."""
    rows = visible_tickets(actor).filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    found = [row for row in rows if not _is_so(row, deed)]
    if found:
        _DOES[deed.kind](Ticket.objects.filter(pk__in=[row.pk for row in found]), deed.values)
        if deed.kind in (RESOLVE, REOPEN):
            count_open(list({row.customer_id for row in found}))
        audit.record("tickets.changed", None, actor=actor, records=len(found), what=deed.kind)
        events.emit_many(_EVENTS[deed.kind], [row.pk for row in found])
    return len(found)


def _is_so(row: Ticket, deed: Deed) -> bool:
    if deed.kind in (RESOLVE, REOPEN):
        return (row.resolved_at is None) == (deed.kind == REOPEN)
    if deed.kind == ASSIGN:
        return (str(row.owner_id) if row.owner_id else None) == deed.values["owner"]
    return (row.urgency, row.impact) == (deed.values["urgency"], deed.values["impact"])


def _assign(rows: Any, values: Mapping[str, Any]) -> None:
    owner = active_member(values["owner"]) if values["owner"] else None
    rows.update(owner=owner, version=F("version") + 1)


def _rate(rows: Any, values: Mapping[str, Any]) -> None:
    """An open clock follows the new priority, as it does for one."""
    priority = priority_of(values["urgency"], values["impact"])
    rows.update(
        **values,
        priority=priority,
        respond_by=Case(
            When(first_responded_at=None, then=F("opened_at") + RESPONSE_TARGET[priority]),
            default=F("respond_by"),
        ),
        version=F("version") + 1,
    )
    _wake()


def _resolve(rows: Any, values: Mapping[str, Any]) -> None:
    at = timezone.now()
    said = list(rows.exclude(feedback=None).values_list("feedback", flat=True))
    rows.update(
        status=Ticket.Status.RESOLVED,
        resolved_at=at,
        first_responded_at=Coalesce("first_responded_at", at),
        resolution=values["resolution"],
        version=F("version") + 1,
    )
    Feedback.objects.filter(pk__in=said, handled_at=None).update(handled_at=at)


def _reopen(rows: Any, values: Mapping[str, Any]) -> None:
    rows.update(status=Ticket.Status.ANSWERED, resolved_at=None, version=F("version") + 1)


_DOES: dict[str, Callable[[Any, Mapping[str, Any]], None]] = {
    ASSIGN: _assign,
    RATE: _rate,
    RESOLVE: _resolve,
    REOPEN: _reopen,
}


def mend(entries: Sequence[AuditEntry]) -> None:
    """What was said and counted as handled with these tickets waits again; the customers' figures follow."""
    rows = Ticket.objects.filter(pk__in=[entry.subject_id for entry in entries]).order_by()
    handled = AuditEntry.objects.filter(
        request_id__in={entry.request_id for entry in entries},
        subject_type="feedback.feedback",
        subject_id__in=list(rows.exclude(feedback=None).values_list("feedback", flat=True)),
        kind=AuditEntry.Kind.UPDATE,
    )
    put_back(Feedback, ("handled_at",), list(handled.order_by()))
    count_open(list(set(rows.values_list("customer", flat=True))))
    _wake()


def _wake() -> None:
    """Let the worker look at the clocks anew; it finds the next moment by itself."""
    WakeUp.objects.create(tenant_id=current_tenant_id(), at=timezone.now())
