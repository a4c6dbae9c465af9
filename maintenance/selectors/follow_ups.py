"""All follow-ups a member may see, as their list shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

import crm.api.lookups  # noqa: F401  registers ``holds``
from crm.filtering.catalogue import Catalogue
from crm.filtering.columns import column
from crm.filtering.fields import Kind
from crm.models import Member
from crm.people.roles import Visibility
from customers.models import Customer, FollowUp
from customers.models.interactions import Channel
from customers.selectors.asking import asker_of
from customers.selectors.keyset import Page, Sort, page_of
from customers.selectors.list_fields import of_customer, owner_at
from customers.selectors.plain import Asked, owned
from customers.selectors.search import matching_customers
from maintenance.models import MaintenancePlan
from maintenance.periods import period_of

SIZE = 50
MOST_HITS = 500
LATEST = 500
STATES = {
    "overdue": _("Overdue"),
    "week": _("Due this week"),
    "done": pgettext_lazy("state", "Done"),
    "skipped": _("Skipped"),
}
CLOSED = frozenset({"done", "skipped"})
FILTERS = frozenset({"state", "owner", "plan", "origin", "class", "q", "where"})
OPEN_SORTS = {"due": Sort("due_at", tie="id")}
CLOSED_SORTS = {"closed": Sort("closed_at", descending=True, tie="id", tie_descending=True)}
SORTS = OPEN_SORTS | CLOSED_SORTS


def _plans() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in MaintenancePlan.objects.values_list("pk", "name")]


FIELDS = Catalogue(
    [
        column("due", _("Due"), Kind.MOMENT, "due_at"),
        column("first_due", _("First due"), Kind.MOMENT, "first_due_at"),
        column("subject", pgettext_lazy("follow-up", "What")),
        column("reason", _("Reason")),
        column("channel", _("Channel"), Kind.CHOICE, choices=lambda: Channel.choices),
        owner_at("owner"),
        column("origin", _("From"), Kind.CHOICE, choices=lambda: FollowUp.Origin.choices),
        column("plan", _("Plan"), Kind.CHOICE, "planned__plan", blank=None, choices=_plans),
        column("created", pgettext_lazy("date", "Created"), Kind.MOMENT, "created_at"),
        *of_customer(),
    ]
)


@dataclass(frozen=True)
class FollowUpPage:
    """``seen`` are the customers of these rows whose records the member may open."""

    page: Page
    seen: set[UUID]


def asked_of(query: Mapping[str, str]) -> Asked:
    """Open ones by the day they are due, kept and skipped ones by the day they were closed."""
    sorts = CLOSED_SORTS if query.get("state", "").strip() in CLOSED else OPEN_SORTS
    return Asked.of(query, filters=FILTERS, sorts=sorts)


def follow_ups_of(asked: Asked, member: Member, at: datetime) -> Any:
    """Those asked for; open ones, unless the address names another state."""
    rows = _in_state(asked.filters.get("state", ""), at).visible_to(member)
    for name, value in asked.filters.items():
        if name == "owner":
            rows = owned(rows, "owner", value, member)
        elif name == "where":
            rows = FIELDS.narrowed(rows, value, asker_of(member))
        elif name == "plan":
            rows = rows.filter(planned__plan__in=_ids(value))
        elif name in _COLUMNS:
            rows = rows.filter(**{_COLUMNS[name]: value})
    if "q" in asked.filters:
        rows = rows.filter(_about(asked.filters["q"], rows, asked))
    return rows


_COLUMNS = {"origin": "origin", "class": "customer__stats__class_code"}


def _in_state(state: str, at: datetime) -> Any:
    if state in CLOSED:
        return FollowUp.objects.filter(customer__deleted_at=None, outcome=state, closed_at__isnull=False)
    rows = FollowUp.objects.open()
    if state == "overdue":
        return rows.filter(due_at__lt=at)
    if state == "week":
        return rows.filter(due_at__gte=at, due_at__lt=_end_of_week(at))
    return rows if not state else rows.none()


def _end_of_week(at: datetime) -> datetime:
    after = period_of("week", timezone.localtime(at).date()).end + timedelta(days=1)
    return datetime.combine(after, time.min, tzinfo=timezone.get_current_timezone())


def _ids(value: str) -> list[UUID]:
    try:
        return [UUID(value)]
    except ValueError:
        return []


def _about(words: str, rows: Any, asked: Asked) -> Q:
    """Of the customers the words find; or with the words in what is to be done, among the first of ``rows``."""
    customers = list(matching_customers(words, most=MOST_HITS).values_list("pk", flat=True))
    first = rows.order_by(*asked.by).values("pk")[:LATEST]
    said = FollowUp.objects.filter(subject__holds=words, pk__in=first).order_by()
    return Q(customer__in=customers) | Q(pk__in=list(said.values_list("pk", flat=True)))


def follow_up_page(asked: Asked, member: Member, at: datetime) -> FollowUpPage:
    """One page, each with customer, owner and the plan it came from."""
    rows = told(follow_ups_of(asked, member, at))
    page = page_of(rows, asked.order, cursor=asked.cursor, size=SIZE)
    customers = {row.customer_id for row in page.rows}
    if member.visibility != Visibility.ALL:
        theirs = Customer.objects.visible_to(member).filter(pk__in=customers).order_by()
        customers = set(theirs.values_list("pk", flat=True))
    return FollowUpPage(page, customers)


def told(rows: Any) -> Any:
    """Follow-ups with all that is told of them; ``plan_name`` is that of the plan that made one."""
    return rows.select_related("customer", "owner").annotate(plan_name=F("planned__plan__name"))


def source_of(follow_up: Any) -> str:
    """What a follow-up comes from: its plan by name, else who or what set it."""
    return follow_up.plan_name or str(FollowUp.Origin(follow_up.origin).label)
