"""Reminding owners before, on and after the day, and telling the lead what stays undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.formats import date_text, exact_text
from crm.models import Member, Tenant
from crm.people.selectors import language_of
from crm.services.notifications import Note, notify_many
from crm.tenancy.context import current_tenant_id
from crm.webhooks import events
from customers.models import FollowUp
from customers.selectors.owners import chief, lead_of
from maintenance.models import Reminder, ReminderPolicy

AT_ONCE = 5_000
_EVENTS = {
    Reminder.Stage.BEFORE: "follow_up.announced",
    Reminder.Stage.DUE: "follow_up.due",
    Reminder.Stage.OVERDUE: "follow_up.missed",
    Reminder.Stage.ESCALATED: "follow_up.escalated",
}

# d: the promise's day. A stage is given once for each moment promised; "before" and "due" not after
# their time is over. Who promised after the morning of the day is reminded at the moment itself.
_REMIND = """
WITH open AS (
    SELECT f.id, f.due_at, f.created_at, (f.due_at AT TIME ZONE %(zone)s)::date AS d
    FROM customers_followup f JOIN customers_customer c ON c.tenant_id = f.tenant_id AND c.id = f.customer_id
    WHERE f.tenant_id = %(tenant)s::uuid AND c.tenant_id = %(tenant)s::uuid
    AND f.closed_at IS NULL AND c.deleted_at IS NULL AND f.due_at <= %(horizon)s
), moments AS (
    SELECT id, due_at, created_at,
           (d - %(before)s + %(hour)s::time) AT TIME ZONE %(zone)s AS early,
           (d + %(hour)s::time) AT TIME ZONE %(zone)s AS morning,
           (d + %(overdue)s + %(hour)s::time) AT TIME ZONE %(zone)s AS late,
           (d + %(escalate)s + %(hour)s::time) AT TIME ZONE %(zone)s AS very_late
    FROM open
), staged AS (
    SELECT m.id, m.due_at, s.stage FROM moments m
    CROSS JOIN LATERAL (
        SELECT CASE WHEN m.morning <= m.due_at AND m.created_at <= m.morning THEN m.morning ELSE m.due_at END AS due
    ) ripe
    CROSS JOIN LATERAL (VALUES
        ('before', %(before)s > 0 AND %(at)s >= m.early AND %(at)s < ripe.due AND m.created_at <= m.early),
        ('due', %(at)s >= ripe.due AND (%(overdue)s = 0 OR %(at)s < m.late)),
        ('overdue', %(overdue)s > 0 AND %(at)s >= m.late AND %(at)s >= m.due_at),
        ('escalated', %(escalate)s > 0 AND %(at)s >= m.very_late AND %(at)s >= m.due_at)
    ) AS s (stage, ripe)
    WHERE s.ripe
)
INSERT INTO maintenance_reminder (tenant_id, id, follow_up_id, stage, due_at, made_at)
SELECT %(tenant)s::uuid, uuid7(), g.id, g.stage, g.due_at, %(at)s FROM staged g
WHERE NOT EXISTS (
    SELECT FROM maintenance_reminder r WHERE r.tenant_id = %(tenant)s::uuid
    AND r.follow_up_id = g.id AND r.stage = g.stage AND r.due_at = g.due_at
)
ORDER BY g.due_at LIMIT %(limit)s
ON CONFLICT (tenant_id, follow_up_id, stage, due_at) DO NOTHING
RETURNING follow_up_id, stage
"""


@dataclass(frozen=True)
class Reminded:
    """How many reminders of each stage were given, and when the next can fall due."""

    counts: Counter[str]
    next_at: datetime | None


@transaction.atomic
def remind(at: datetime) -> Reminded:
    """Give every reminder that is due at ``at``, each once, whoever else works at the same time."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    policy = policy_of_company()
    given = _take(tenant, policy, at)
    follow_ups = _with_people([follow_up_id for follow_up_id, _stage in given])
    escalated = [follow_up_id for follow_up_id, stage in given if stage == Reminder.Stage.ESCALATED]
    otherwise = chief() if escalated else None
    notes = []
    for follow_up_id, stage in given:
        reader = _reader(follow_ups[follow_up_id], stage, otherwise)
        if reader is not None and reader.active:
            notes.append(_note(follow_ups[follow_up_id], stage, reader, tenant, policy))
    notify_many(notes)
    for stage, event_type in _EVENTS.items():
        events.emit_many(event_type, [pk for pk, given_stage in given if given_stage == stage])
    FollowUp.objects.filter(pk__in=escalated).update(escalated_at=at)
    return Reminded(
        Counter(stage for _id, stage in given), _next(tenant, policy, at, full=len(given) == AT_ONCE)
    )


def policy_of_company() -> ReminderPolicy:
    """The company's policy; the usual one where none was saved."""
    return ReminderPolicy.objects.first() or ReminderPolicy()


def _take(tenant: Tenant, policy: ReminderPolicy, at: datetime) -> list[tuple[Any, str]]:
    parameters: dict[str, Any] = {
        "tenant": str(tenant.pk),
        "zone": tenant.timezone,
        "at": at,
        "horizon": at + timedelta(days=policy.days_before + 1),
        "hour": time(policy.hour),
        "before": policy.days_before,
        "overdue": policy.days_overdue,
        "escalate": policy.days_escalate,
        "limit": AT_ONCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REMIND, parameters)
        return cursor.fetchall()


def _with_people(ids: Iterable[Any]) -> dict[Any, FollowUp]:
    wanted = FollowUp.objects.filter(pk__in=list(ids))
    related = wanted.select_related("customer", "owner__user", "owner__team__lead__user")
    return {follow_up.pk: follow_up for follow_up in related}


def _reader(follow_up: FollowUp, stage: str, otherwise: Member | None) -> Member | None:
    """Whom a stage is told to."""
    return lead_of(follow_up.owner, otherwise) if stage == Reminder.Stage.ESCALATED else follow_up.owner


def _note(follow_up: FollowUp, stage: str, reader: Member, tenant: Tenant, policy: ReminderPolicy) -> Note:
    """What is told, in the reader's language and the company's time."""
    with translation.override(language_of(reader, tenant)), timezone.override(tenant.zone):
        return Note(
            member=reader,
            kind=f"follow_up.{stage}",
            title=_title(follow_up, stage),
            text=_text(follow_up),
            url=reverse("customers:record", args=[follow_up.customer_id]),
            dedup_key=f"follow_up:{follow_up.pk}:{stage}:{follow_up.due_at.timestamp():.0f}",
            email=policy.by_email and not _is_routine(follow_up),
        )


def _is_routine(follow_up: FollowUp) -> bool:
    """What the night asked for by itself, as no appointment with a customer, needs no mail of its own."""
    return follow_up.origin == FollowUp.Origin.UPKEEP and follow_up.created_by_id is None


def _title(follow_up: FollowUp, stage: str) -> str:
    facts = {
        "what": follow_up.subject,
        "customer": follow_up.customer.name,
        "owner": follow_up.owner.display_name,
        "day": date_text(timezone.localdate(follow_up.due_at)),
    }
    wordings = {
        Reminder.Stage.BEFORE: _("Due on %(day)s: %(what)s – %(customer)s"),
        Reminder.Stage.DUE: _("Due today: %(what)s – %(customer)s"),
        Reminder.Stage.OVERDUE: _("Overdue since %(day)s: %(what)s – %(customer)s"),
        Reminder.Stage.ESCALATED: _("Left undone by %(owner)s since %(day)s: %(what)s – %(customer)s"),
    }
    return wordings[Reminder.Stage(stage)] % facts


def _text(follow_up: FollowUp) -> str:
    lines = [
        _("%(channel)s, due %(moment)s, %(owner)s")
        % {
            "channel": follow_up.get_channel_display(),
            "moment": exact_text(follow_up.due_at),
            "owner": follow_up.owner.display_name,
        },
        follow_up.reason,
    ]
    return "\n".join(line for line in lines if line)


def _next(tenant: Tenant, policy: ReminderPolicy, at: datetime, *, full: bool) -> datetime | None:
    """The next morning on which people are reminded, or an earlier moment something is promised for."""
    if full:
        return at
    coming = FollowUp.objects.filter(closed_at=None, due_at__gt=at).aggregate(at=Min("due_at"))["at"]
    return min(filter(None, [coming, _next_morning(tenant, policy, at)]))


def _next_morning(tenant: Tenant, policy: ReminderPolicy, at: datetime) -> datetime:
    today = datetime.combine(tenant.today(at), time(policy.hour), tenant.zone)
    return (
        today
        if today > at
        else datetime.combine(tenant.today(at) + timedelta(days=1), time(policy.hour), tenant.zone)
    )
