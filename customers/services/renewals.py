"""What time does to contracts: terms that renew themselves, and promises to decide before it is too late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm import audit
from crm.formats import date_text
from crm.models import Member, Tenant
from crm.people.selectors import language_of
from crm.tenancy.context import current_tenant_id
from crm.webhooks import events
from customers.models import Contract, FollowUp
from customers.selectors.owners import chief
from customers.services.follow_ups import refresh_next_step

AT_ONCE = 2_000
END_OF_WORK = time(17)

# From the last day of one term to the last day of the next, until one is ahead.
_RENEW = """
WITH due AS (
    SELECT c.id, ((c.ends_on + 1 + make_interval(months => c.term_months * n.times))::date - 1) AS ends_on
    FROM customers_contract c CROSS JOIN LATERAL (
        SELECT min(k) AS times FROM generate_series(1, 1200) k
        WHERE (c.ends_on + 1 + make_interval(months => c.term_months * k))::date > %(today)s
    ) n
    WHERE c.tenant_id = %(tenant)s::uuid AND c.deleted_at IS NULL AND c.renewal = 'auto'
      AND c.notice_given_on IS NULL AND c.ends_on < %(today)s AND c.term_months > 0 AND n.times IS NOT NULL
    ORDER BY c.ends_on LIMIT %(limit)s
)
UPDATE customers_contract c SET ends_on = due.ends_on, version = c.version + 1, updated_at = %(at)s
FROM due WHERE c.tenant_id = %(tenant)s::uuid AND c.id = due.id
RETURNING c.id
"""


@transaction.atomic
def renew_due(at: datetime) -> int:
    """Let every contract whose term is over, and which renews itself, go on for another term; how many did."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    given: dict[str, Any] = {"tenant": str(tenant.pk), "today": tenant.today(at), "at": at, "limit": AT_ONCE}
    count = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_RENEW, given)
            renewed = [pk for (pk,) in cursor.fetchall()]
        events.emit_many("contract.renewed", renewed)
        count += len(renewed)
        if len(renewed) < AT_ONCE:
            break
    if count:
        audit.record("contracts.renewed", None, contracts=count)
    return count


@transaction.atomic
def keep_reminders(contracts: Sequence[UUID] | None = None, *, at: datetime | None = None) -> int:
    """Promise somebody's decision for each contract that it is time to decide on, once for each date; how many.

    A promise whose contract ended, was deleted or got other dates is let go. ``contracts`` names those that changed;
    else all are looked at.
    """
    at = at or timezone.now()
    tenant = Tenant.objects.get(pk=current_tenant_id())
    _let_go(contracts)
    rows = Contract.objects.living().filter(remind_on__lte=tenant.today(at), notice_given_on=None)
    rows = rows.filter(notice_by__gte=tenant.today(at)).exclude(reminded_for=F("notice_by"))
    rows = rows.filter(pk__in=contracts) if contracts is not None else rows
    made = 0
    people = rows.select_related("customer__owner__user", "owner__user").order_by("notice_by", "id")
    while due := list(people[:AT_ONCE]):
        made += _promise(due, tenant, at)
    return made


def _let_go(contracts: Sequence[UUID] | None) -> None:
    """Skip open promises that no contract stands behind any more."""
    still = Contract.objects.living().filter(
        reminder=OuterRef("pk"), reminded_for=F("notice_by"), notice_given_on=None
    )
    idle = FollowUp.objects.filter(origin=FollowUp.Origin.CONTRACT, closed_at=None).filter(~Exists(still))
    if contracts is not None:
        named = Contract.objects.filter(pk__in=contracts).exclude(reminder=None).values("reminder")
        idle = idle.filter(pk__in=named)
    gone = list(idle.values_list("pk", "customer_id"))
    if not gone:
        return
    ids = [pk for pk, _customer in gone]
    FollowUp.objects.filter(pk__in=ids).update(
        closed_at=timezone.now(),
        outcome=FollowUp.Outcome.SKIPPED,
        result=_("The contract has other dates now, or was ended."),
        version=F("version") + 1,
    )
    Contract.objects.filter(reminder__in=ids).update(reminded_for=None, reminder=None)
    refresh_next_step([customer for _pk, customer in gone])
    audit.record("contracts.reminders_dropped", None, follow_ups=len(ids))


def _promise(due: list[Contract], tenant: Tenant, at: datetime) -> int:
    """A follow-up for each of these contracts, and the date it stands for."""
    fallback = chief()
    made: list[FollowUp] = []
    for one in due:
        owner = next((m for m in (one.owner, one.customer.owner, fallback) if m and m.active), None)
        if owner is not None:
            one.reminder = _follow_up(one, owner, tenant, at)
            made.append(one.reminder)
        one.reminded_for = one.notice_by
    FollowUp.objects.bulk_create(made, batch_size=500)
    Contract.objects.bulk_update(due, ["reminder", "reminded_for"], batch_size=500)
    refresh_next_step([one.customer_id for one in due])
    audit.record("contracts.reminded", None, contracts=len(made))
    events.emit_many("follow_up.scheduled", [one.pk for one in made])
    events.emit_many("contract.notice_due", [one.pk for one in due])
    return len(made)


def _follow_up(contract: Contract, owner: Member, tenant: Tenant, at: datetime) -> FollowUp:
    assert contract.notice_by is not None and contract.ends_on is not None
    due_at = _due_at(contract.remind_on or tenant.today(at), contract.notice_by, tenant, at)
    with translation.override(language_of(owner, tenant)):
        auto = contract.renewal == Contract.Renewal.AUTO
        subject = _("Renewal of %(contract)s") if auto else _("Extension of %(contract)s")
        reason = _("It renews itself after %(end)s; notice by %(day)s") if auto else _("It ends on %(end)s")
        told = {"end": date_text(contract.ends_on), "day": date_text(contract.notice_by)}
        return FollowUp(
            customer=contract.customer,
            owner=owner,
            subject=(subject % {"contract": str(contract)})[:200],
            reason=reason % told,
            due_at=due_at,
            first_due_at=due_at,
            origin=FollowUp.Origin.CONTRACT,
        )


def _due_at(remind_on: date, last: date, tenant: Tenant, at: datetime) -> datetime:
    """The end of the working day it is to be thought of; not a moment that has passed, nor one after ``last``."""
    today = at.astimezone(tenant.zone)
    day = max(remind_on, today.date() if today.time() < END_OF_WORK else today.date() + timedelta(days=1))
    return datetime.combine(min(day, last), END_OF_WORK, tenant.zone)
