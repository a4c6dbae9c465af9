"""Early warnings: opened by a crossing or a rise, closed by hysteresis or by hand, told to the owner once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm import audit
from crm.models import Member, Tenant
from crm.people.selectors import language_of
from crm.services.notifications import Note, notify_many
from crm.tenancy.context import current_tenant_id
from crm.webhooks import events
from customers.models import FollowUp
from customers.services.follow_ups import schedule_follow_up
from retention import words
from retention.churn import warnings as rule
from retention.churn.arrays import Bools, Floats, Ints
from retention.errors import WarningClosed
from retention.models import Score, Warning
from retention.services import purchases
from retention.services.forecast import probability_before
from retention.services.scoring import Scored

POLICY = rule.Policy()
# How many open warnings an owner can handle; customers without an owner form one queue of the same length.
CAPACITY = 10
TRIGGERS = {
    rule.Trigger.RISE: Warning.Trigger.RISE,
    rule.Trigger.GAP: Warning.Trigger.GAP,
    rule.Trigger.BOTH: Warning.Trigger.BOTH,
}
CLOSINGS = {rule.Closing.RETURNED: Warning.Close.RETURNED, rule.Closing.EASED: Warning.Close.EASED}


@dataclass(frozen=True)
class Changes:
    """How many warnings a night opened and closed."""

    opened: int
    closed: int


@dataclass(frozen=True)
class _Standing:
    """Customers with their index in the run, owner, open warning, and days since the last one was closed."""

    n: Ints
    owner: Ints
    has_open: Bools
    rested: Floats


@transaction.atomic
def update_warnings(scored: Scored, *, at: datetime) -> Changes:
    """Close what has eased, then open what crossed or rose since, as far as the owners can handle it.

    Works on the arrays of a run in the run's transaction. Doing it again changes nothing.
    """
    closed = _close_eased(scored, at)
    opened = _open_new(scored, at)
    _tell_owners(opened, scored.book.tenant)
    events.emit_many("churn.warned", [warning.pk for warning in opened])
    return Changes(len(opened), closed)


def _close_eased(scored: Scored, at: datetime) -> int:
    """Hysteresis: bought since, or clearly less at risk than at the opening."""
    warnings = _open_warnings()
    if not warnings:
        return 0
    scores, tenant = scored.forecast.scores, scored.book.tenant
    rows = _rows_of(scored, np.array([n for n, *_rest in warnings]))
    known = rows >= 0
    warnings, rows = [w for w, here in zip(warnings, known, strict=True) if here], rows[known]
    opening = np.array([p if p is not None else np.nan for _n, _pk, p, _at in warnings], dtype=np.float64)
    days_open = np.array([_days_open(scored.run.as_of, opened, tenant) for *_rest, opened in warnings])
    found = rule.closing(
        scores.probability[rows], opening, scores.history.days_since[rows], days_open, POLICY
    )
    closed = 0
    for closing, reason in CLOSINGS.items():
        ids = [w[1] for w, how in zip(warnings, found, strict=True) if how == closing]
        closed += Warning.objects.filter(pk__in=ids).update(closed_at=at, close_reason=reason)
    return closed


def _days_open(as_of: date, opened_at: datetime, tenant: Tenant) -> int:
    """Days between the run that opened it, which looked at the day before, and this one."""
    return (as_of - tenant.today(opened_at)).days + 1


def _open_warnings() -> list[tuple[int, UUID, float | None, datetime]]:
    sql = f"""
        SELECT c.n, w.id, w.probability, w.opened_at FROM retention_warning w
        JOIN {purchases.CUSTOMERS} c ON c.customer_id = w.customer_id
        WHERE w.tenant_id = %s::uuid AND w.closed_at IS NULL ORDER BY c.n
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [str(current_tenant_id())])
        return list(cursor.fetchall())


def _rows_of(scored: Scored, numbers: Ints) -> Ints:
    """Where customers stand in the arrays; -1 for who has no purchase left."""
    customers = scored.forecast.scores.history.customer
    if not len(customers):
        return np.full(len(numbers), -1, dtype=np.int64)
    rows = np.minimum(np.searchsorted(customers, numbers), len(customers) - 1)
    return np.where(customers[rows] == numbers, rows, -1)


def _open_new(scored: Scored, at: datetime) -> list[Warning]:
    forecast = scored.forecast
    scores, history = forecast.scores, forecast.scores.history
    if not len(history):
        return []
    before = probability_before(scored.book.purchases, forecast, POLICY.window_days)
    trigger = rule.triggers(scores.probability, before, history.days_since, history.gap_limit, POLICY)
    trigger[np.round(forecast.at_risk) <= 0] = int(rule.Trigger.NONE)
    standing = _standing(history.customer[trigger != int(rule.Trigger.NONE)], scored, at)
    rows = _rows_of(scored, standing.n)
    inside = rows >= 0
    opens = rule.opening(
        np.where(inside, trigger[rows], 0),
        np.where(inside, forecast.at_risk[rows], 0.0),
        standing.owner,
        standing.has_open,
        standing.rested,
        capacity=CAPACITY,
        policy=POLICY,
    )
    chosen = rows[opens]
    return _insert(scored, {int(history.customer[row]): (int(row), int(trigger[row])) for row in chosen}, at)


def _standing(wanted: Ints, scored: Scored, at: datetime) -> _Standing:
    """Of the customers who could get a warning, and of all who have one (they take up room)."""
    sql = f"""
        SELECT c.n, CASE WHEN k.owner_id IS NULL THEN -1 ELSE dense_rank() OVER (ORDER BY k.owner_id) - 1 END,
               o.id IS NOT NULL, l.closed_at
        FROM {purchases.CUSTOMERS} c
        JOIN customers_customer k ON k.tenant_id = %(tenant)s::uuid AND k.id = c.customer_id
        LEFT JOIN retention_warning o ON o.tenant_id = %(tenant)s::uuid AND o.customer_id = c.customer_id
             AND o.closed_at IS NULL
        LEFT JOIN (
            SELECT customer_id, max(closed_at) AS closed_at FROM retention_warning
            WHERE tenant_id = %(tenant)s::uuid AND closed_at > %(since)s GROUP BY customer_id
        ) l ON l.customer_id = c.customer_id
        WHERE c.n = ANY (%(wanted)s::int[]) OR o.id IS NOT NULL
        ORDER BY c.n
    """  # noqa: S608
    since = at - timedelta(days=POLICY.window_days)
    parameters = {"tenant": str(current_tenant_id()), "since": since, "wanted": wanted.tolist()}
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found = cursor.fetchall()
    rested = [np.nan if closed is None else (at - closed) / timedelta(days=1) for *_rest, closed in found]
    return _Standing(
        n=np.array([row[0] for row in found], dtype=np.int64),
        owner=np.array([row[1] for row in found], dtype=np.int64),
        has_open=np.array([row[2] for row in found], dtype=np.bool_),
        rested=np.array(rested, dtype=np.float64),
    )


def _insert(scored: Scored, chosen: dict[int, tuple[int, int]], at: datetime) -> list[Warning]:
    sql = f"""
        SELECT c.n, s.id FROM {purchases.CUSTOMERS} c
        JOIN retention_score s ON s.tenant_id = %s::uuid AND s.customer_id = c.customer_id AND s.run_id = %s::uuid
        WHERE c.n = ANY (%s::int[])
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [str(current_tenant_id()), str(scored.run.pk), list(chosen)])
        numbers = {pk: n for n, pk in cursor.fetchall()}
    made = []
    for score in Score.objects.filter(pk__in=list(numbers)).select_related("customer__owner__user"):
        row, trigger = chosen[numbers[score.pk]]
        made.append(
            Warning(
                customer=score.customer,
                owner=score.customer.owner,
                score=score,
                opened_at=at,
                trigger=TRIGGERS[rule.Trigger(trigger)],
                probability=score.probability,
                value_at_risk=round(float(scored.forecast.at_risk[row])),
                reasons=score.reasons,
            )
        )
    return Warning.objects.bulk_create(made)


def _tell_owners(opened: list[Warning], tenant: Tenant) -> None:
    notify_many([_note(warning, warning.owner, tenant) for warning in opened if warning.owner is not None])


def _note(warning: Warning, owner: Member, tenant: Tenant) -> Note:
    with translation.override(language_of(owner, tenant)):
        return Note(
            member=owner,
            kind="warning",
            title=_("%(name)s may be leaving") % {"name": warning.customer.name},
            text=_("; ").join(words.raising(warning.reasons, tenant.currency)),
            url=reverse("customers:record", args=[warning.customer_id]),
            dedup_key=f"warning:{warning.pk}",
        )


@transaction.atomic
def close_warning(*, warning: Warning, reason: str, note: str = "", actor: Member) -> Warning:
    """Close by hand; whoever comes second gets ``WarningClosed``. The customer is then left alone for a while."""
    return _close(warning, reason, note, actor)


@transaction.atomic
def act_on_warning(
    *,
    warning: Warning,
    subject: str,
    due_at: datetime,
    owner: Member,
    actor: Member,
    channel: str = "phone",
) -> FollowUp:
    """Answer a warning with a follow-up that carries its reason; the warning is handled with it."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    why = _("; ").join(words.raising(warning.reasons, tenant.currency))[:300]
    follow_up = schedule_follow_up(
        customer=warning.customer,
        owner=owner,
        subject=subject,
        due_at=due_at,
        actor=actor,
        channel=channel,
        reason=why,
        origin=FollowUp.Origin.WARNING,
    )
    _close(warning, Warning.Close.HANDLED, "", actor, follow_up=follow_up)
    return follow_up


def _close(
    warning: Warning, reason: str, note: str, actor: Member, follow_up: FollowUp | None = None
) -> Warning:
    changes = {
        "closed_at": timezone.now(),
        "close_reason": reason,
        "closed_by": actor,
        "note": note.strip()[:300],
        "follow_up": follow_up,
    }
    if not Warning.objects.filter(pk=warning.pk, closed_at=None).update(**changes):
        raise WarningClosed
    for name, value in changes.items():
        setattr(warning, name, value)
    audit.record(
        "warning.closed", warning, actor=actor, reason=str(reason), customer=str(warning.customer_id)
    )
    return warning
