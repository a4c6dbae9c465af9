"""The list of customers as a file: as it is shown, or with every field an import knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_precision
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm.exports.listings import Ask, Column, Listing, register, to_the_second
from crm.models import Member
from customers import classes
from customers.exports import consents, custom
from customers.imports.fields import FIELDS
from customers.models import Customer, CustomerStats, Import
from customers.models.custom import RecordType
from customers.models.stats import Stage
from customers.selectors import lists_custom
from customers.selectors.lists import Wish, rows_of
from customers.views.columns import COLUMNS, USUAL

OWN = RecordType.CUSTOMER
RISKS = {"low": _("Low"), "medium": _("Medium"), "high": _("High")}
NEEDS = {"class": "segments.view", "risk": "retention.view", "at_risk": "retention.view"}


def wish_of(ask: Ask) -> Wish:
    return Wish.of(ask.query, digits=get_currency_precision(ask.tenant.currency))


def matching(ask: Ask) -> Any:
    """The figures of the customers asked for, in the list's order."""
    wish = wish_of(ask)
    own = lists_custom.own_sort(wish.sort)
    rows = rows_of(wish, ask.member, sorted_by=own[0] if own else None)
    if ask.ids:
        rows = rows.filter(customer__in=ask.ids)
    order, path = wish.order, F(wish.order.path)
    by = path.desc(nulls_last=True) if order.descending else path.asc(nulls_last=True)
    return rows.order_by(by, "-" * order.tie_descending + (order.blank_tie or order.tie))


def customers_asked(ask: Ask) -> Any:
    """The same without an order, to narrow what hangs on them."""
    return matching(ask).order_by().values("customer")


def _ids(ask: Ask) -> Any:
    return matching(ask).values_list("customer_id", flat=True)


def _load(ask: Ask, ids: Sequence[UUID]) -> Iterable[Any]:
    rows = list(CustomerStats.objects.with_risk().filter(customer__in=ids).select_related("customer__owner"))
    custom.name_references(OWN, ask, rows, _values)
    if ask.whole:
        consents.note(rows, consents.of(ids), attrgetter("customer_id"))
    return rows


def _values(row: Any) -> dict[str, Any]:
    return dict(row.customer.custom)


def _columns(ask: Ask) -> list[Column]:
    return _whole(ask) if ask.whole else _shown(ask)


def _whole(ask: Ask) -> list[Column]:
    readers: dict[str, Callable[[Any], Any]] = {
        "record_id": lambda row: str(row.customer_id),
        "owner": lambda row: row.customer.owner.email if row.customer.owner else None,
    }
    built_in = [
        Column(field.name, field.name, readers.get(field.name) or attrgetter(f"customer.{field.name}"))
        for field in FIELDS[Import.Kind.CUSTOMERS]
    ]
    own = custom.whole_columns(OWN, ask, _values)
    return built_in + own + consents.columns(consents.of_customers())


def _shown(ask: Ask) -> list[Column]:
    digits = get_currency_precision(ask.tenant.currency)
    words, stages = classes.words(), {stage.value: str(stage.label) for stage in Stage}
    names = Counter(Member.objects.values_list("display_name", flat=True))
    doubtful = {name for name, times in names.items() if times > 1}

    def money(name: str) -> Callable[[Any], Decimal]:
        return lambda row: Decimal(getattr(row, name) or 0).scaleb(-digits)

    readers: dict[str, Callable[[Any], Any]] = {
        "class": lambda row: words[row.class_code].name if row.class_code in words else None,
        "stage": lambda row: stages.get(row.stage, row.stage),
        "owner": lambda row: _owner(row, doubtful),
        "next_step": to_the_second("next_follow_up_at"),
        "last_contact": to_the_second("last_contact_at"),
        "last_purchase": attrgetter("last_purchase_on"),
        "spend": money("spend"),
        "orders": attrgetter("orders"),
        "risk": lambda row: str(RISKS.get(row.churn_risk, "")),
        "at_risk": money("value_at_risk"),
        "created": attrgetter("customer.created_at"),
    }
    built_in = [
        Column(key, label, readers.get(key) or attrgetter(f"customer.{key}"), NEEDS.get(key, ""))
        for key, label in COLUMNS.items()
    ]
    known = {column.key: column for column in built_in + custom.shown_columns(OWN, ask, _values)}
    shown = [known[key] for key in dict.fromkeys(ask.columns or USUAL) if key in known]
    # By it an import knows the customer again, whatever else is shown.
    return [*shown, Column("record_id", _("Record id"), lambda row: str(row.customer_id))]


def _owner(row: Any, doubtful: Container[str]) -> str | None:
    """By name, as shown; by e-mail address where two share the name."""
    owner = row.customer.owner
    return owner and (owner.email if owner.display_name in doubtful else owner.display_name)


register(
    Listing(
        name="customers",
        title=Customer._meta.verbose_name_plural or "",
        needs="customers.view",
        columns=_columns,
        ids=_ids,
        load=_load,
        back="customers:list",
        key="customer_id",
        whole=True,
    )
)
