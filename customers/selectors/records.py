"""What the record page shows of one customer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from crm import formats
from crm.models import AuditEntry, Member
from customers.models import Contact, Customer, CustomerStats, FollowUp, Purchase
from customers.models.custom import RecordType
from customers.normalize import email_norm, name_norm, phone_norm
from customers.selectors import custom

HISTORY = 100
HIDDEN = {"deleted_at", "merged_into_id"}


@dataclass(frozen=True)
class Change:
    """A field before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Deed:
    """One thing someone did to the record."""

    at: Any
    who: str
    source: str
    title: str
    changes: list[Change] = field(default_factory=list)


def history_of(customer: Customer) -> list[Deed]:
    """Who changed what, when, from what to what: the newest first, in words."""
    entries = list(AuditEntry.objects.about(customer)[:HISTORY])
    ids = {entry.member_id for entry in entries if entry.member_id}
    for entry in entries:
        ids |= {
            images["owner_id"] for images in (entry.before or {}, entry.after or {}) if images.get("owner_id")
        }
    names = {
        str(pk): name for pk, name in Member.objects.filter(pk__in=ids).values_list("pk", "display_name")
    }
    names |= custom.names_in(RecordType.CUSTOMER, [i for e in entries for i in (e.before, e.after) if i])
    return [_deed(entry, names) for entry in entries if not _is_named_elsewhere(entry)]


def _is_named_elsewhere(entry: AuditEntry) -> bool:
    """A deed that only says that fields changed: the change beside it says more."""
    return entry.deed in ("customer.updated", "customer.created")


def _deed(entry: AuditEntry, names: dict[str, str]) -> Deed:
    who = names.get(str(entry.member_id), "") or _("Tenure")
    if entry.kind == AuditEntry.Kind.DEED:
        return Deed(entry.at, who, entry.source, deed_words(entry.deed))
    titles = {"insert": _("Created"), "update": _("Changed"), "delete": _("Removed")}
    before, after = entry.before or {}, entry.after or {}
    keys = [key for key in {**before, **after} if key not in HIDDEN]
    changes = [
        Change(_label(key), _words(key, before.get(key), names), _words(key, after.get(key), names))
        for key in keys
    ]
    if entry.kind == "insert":
        changes = [change for change in changes if change.after]
    return Deed(entry.at, who, entry.source, titles[entry.kind], changes)


def deed_words(deed: str) -> str:
    words = {
        "customer.deleted": _("Deleted"),
        "customer.restored": _("Restored"),
        "customer.merged": _("Merged"),
        "customer.unmerged": _("Merge undone"),
        "customer.merged_away": _("Merged"),
        "customer.separated": _("Merge undone"),
        "duplicate.dismissed": _("Told apart from another customer"),
        "customer.accepted": _("Accepted"),
        "customer.rejected": _("Rejected"),
    }
    return words.get(deed, deed.replace("_", " ").replace(".", " "))


def _label(column: str) -> str:
    if column.startswith("custom."):
        own = custom.field_of_column(RecordType.CUSTOMER, column)
        return own.label if own else column.removeprefix("custom.")
    name = column.removesuffix("_id") if column == "owner_id" else column
    field: Any = Customer._meta.get_field(name)
    return str(field.verbose_name).capitalize()


def _words(column: str, value: Any, names: dict[str, str]) -> str:
    if value in (None, ""):
        return ""
    if column == "owner_id":
        return names.get(str(value), "")
    if column.startswith("custom."):
        own = custom.field_of_column(RecordType.CUSTOMER, column)
        return custom.told(own, value, currency=custom.company_currency(), names=names) if own else str(value)
    choices = getattr(Customer._meta.get_field(column), "choices", None)
    if choices:
        return str(dict(choices).get(value, value))
    if column.endswith("_at"):
        moment = parse_datetime(value)
        return formats.exact_text(moment) if moment else str(value)
    if column == "birthday" and (day := parse_date(value)):
        return formats.day_text(day)
    return str(value)


@dataclass(frozen=True)
class Bought:
    """Purchases in short: by month over a year, and the newest."""

    months: list[date]
    amounts: list[int]
    latest: list[Purchase]

    @property
    def any(self) -> bool:
        return bool(self.latest)


def bought(customer: Customer, *, latest: int = 5) -> Bought:
    today = timezone.localdate()
    months = [_month(today, back) for back in range(11, -1, -1)]
    since = timezone.make_aware(datetime.combine(months[0], time()))
    rows = Purchase.objects.filter(customer=customer)
    sums = rows.filter(purchased_at__gte=since).order_by().annotate(month=TruncMonth("purchased_at"))
    by_month = {
        row["month"].date(): row["amount"] for row in sums.values("month").annotate(amount=Sum("amount_home"))
    }
    return Bought(months, [by_month.get(month, 0) for month in months], list(rows[:latest]))


def _month(day: date, back: int) -> date:
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def purchases_with_lines(customer: Customer, *, limit: int = 100) -> list[Purchase]:
    return list(Purchase.objects.filter(customer=customer).annotate(line_count=Count("lines"))[:limit])


def open_follow_ups(customer: Customer) -> list[FollowUp]:
    return list(FollowUp.objects.filter(customer=customer, closed_at=None).select_related("owner"))


def stats_of(customer: Customer) -> CustomerStats:
    """The customer's figures with its risk. One query."""
    return CustomerStats.objects.with_risk().get(customer=customer)


def contacts_of(customer: Customer) -> list[Contact]:
    return list(Contact.objects.filter(customer=customer))


def likely_duplicates(*, name: str = "", email: str = "", phone: str = "", most: int = 5) -> list[Customer]:
    """Living customers with the same e-mail address, number or name; each by an index of its own."""
    wanted = {"email_norm": email_norm(email), "phone_norm": phone_norm(phone), "name_norm": name_norm(name)}
    found: dict[Any, Customer] = {}
    for column, value in wanted.items():
        if value:
            rows = Customer.objects.living().filter(**{column: value}).select_related("owner").order_by("id")
            found |= {customer.pk: customer for customer in rows[:most]}
    return list(found.values())[:most]
