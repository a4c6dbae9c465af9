"""The list of follow-ups as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.exports.listings import Ask, Column, Listing, as_shown, register, to_the_second
from customers.models import FollowUp
from maintenance.lists import FOLLOW_UPS
from maintenance.selectors.follow_ups import asked_of, follow_ups_of, source_of, told


def _ids(ask: Ask) -> Any:
    asked = asked_of(ask.query)
    rows = follow_ups_of(asked, ask.member, timezone.now())
    if ask.ids:
        rows = rows.filter(pk__in=ask.ids)
    return rows.order_by(*asked.by).values_list("pk", flat=True)


def _load(ask: Ask, ids: Sequence[UUID]) -> Iterable[Any]:
    return told(FollowUp.objects.filter(pk__in=ids))


def _columns(ask: Ask) -> list[Column]:
    columns = [
        Column("customer_id", _("Customer's external id"), attrgetter("customer.external_id"), of="customer"),
        Column("customer", _("Customer"), attrgetter("customer.name")),
        Column("subject", pgettext_lazy("follow-up", "What"), attrgetter("subject"), of="what"),
        Column("reason", _("Reason"), attrgetter("reason"), of="what"),
        Column("channel", _("Channel"), lambda row: row.get_channel_display()),
        Column("owner", _("Owner"), attrgetter("owner.display_name")),
        Column("plan", _("From"), source_of, of="from"),
        Column("due_at", _("Due"), to_the_second("due_at"), of="due"),
        Column("closed_at", pgettext_lazy("follow-up", "Closed"), to_the_second("closed_at"), of="due"),
        Column("outcome", _("Outcome"), lambda row: row.get_outcome_display(), of="state"),
        Column("result", _("Result"), attrgetter("result")),
    ]
    return as_shown(columns, ask, FOLLOW_UPS.columns)


register(
    Listing(
        "follow-ups",
        _("Follow-ups"),
        "maintenance.view",
        _columns,
        _ids,
        _load,
        back="maintenance:follow-ups",
    )
)
