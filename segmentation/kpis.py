"""Do our customers grow into better classes, and how many are active?"""

from __future__ import annotations

from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from crm.days import within
from crm.kpis import Kpi, Period, Value, register
from customers.models.stats import Stage
from segmentation.models import ClassChange, Tally


def moved_up(period: Period) -> Value | None:
    return _moved(period, up=True)


def moved_down(period: Period) -> Value | None:
    return _moved(period, up=False)


def _moved(period: Period, *, up: bool) -> Value | None:
    """Share of all customers that moved to a dearer (or less dear) class; each counts once."""
    customers = _customers(period, Tally.Kind.CLASS)
    if not customers:
        return None
    moves = ClassChange.objects.filter(**within("at", period.start, period.end), from_class__isnull=False)
    to_rank = {"to_class__rank__lt" if up else "to_class__rank__gt": F("from_class__rank")}
    moved = moves.filter(**to_rank).values("customer").distinct().count()
    return Value(moved / customers, customers)


def active(period: Period) -> Value | None:
    """Customers in stage new or active at the end of the period."""
    customers = _customers(period, Tally.Kind.STAGE)
    if not customers:
        return None
    return Value(_customers(period, Tally.Kind.STAGE, Stage.NEW, Stage.ACTIVE), customers)


def _customers(period: Period, kind: Tally.Kind, *keys: str) -> int:
    """Customers as last counted up to the end of the period."""
    tallies = Tally.objects.filter(kind=kind, on__lte=period.end)
    last = tallies.order_by("-on").values_list("on", flat=True).first()
    if last is None:
        return 0
    counted = tallies.filter(on=last)
    if keys:
        counted = counted.filter(key__in=keys)
    return counted.aggregate(sum=Sum("customers"))["sum"] or 0


register(
    Kpi(
        "active-customers",
        _("Active customers"),
        _("How many customers are buying?"),
        active,
        unit="count",
        url="/customers/?stage=active",
        order=20,
    )
)
register(
    Kpi(
        "class-up",
        _("Moved to a better class"),
        _("Do customers grow with us?"),
        moved_up,
        url="/segments/moves/",
        order=60,
    )
)
register(
    Kpi(
        "class-down",
        _("Moved to a lesser class"),
        _("Which customers are we letting slip?"),
        moved_down,
        better="down",
        url="/segments/moves/",
        order=61,
    )
)
