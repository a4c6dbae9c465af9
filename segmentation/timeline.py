"""Moves between classes on the customer's timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from customers.models import Customer
from customers.timeline import Entry, register
from segmentation.criteria import learn_reasons, reasons
from segmentation.members import reference_at
from segmentation.models import ClassChange


def class_changes(customer: Customer, before: datetime | None, limit: int) -> Iterable[Entry]:
    """The newest moves before a moment, each with the criteria that were met."""
    changes = ClassChange.objects.filter(customer=customer).select_related(
        "from_class", "to_class", "changed_by"
    )
    if before is not None:
        changes = changes.filter(at__lt=before)
    found = list(changes.order_by("-at", "-id")[:limit])
    reference = reference_at() if found else None
    learn_reasons(change.why for change in found)
    for change in found:
        met = [row["text"] for row in reasons(change.why, reference) if row["met"]] if reference else []
        yield Entry(
            key=f"class-{change.pk}",
            kind="class",
            at=change.at,
            title=_title(change),
            text="\n".join(met),
            author=str(change.changed_by or ""),
            icon="chart-pie-2",
            tone=_tone(change),
        )


def _title(change: ClassChange) -> str:
    if change.from_class is None:
        return _("Class %(to)s") % {"to": change.to_class}
    return _("Class %(before)s → %(to)s") % {"before": change.from_class, "to": change.to_class}


def _tone(change: ClassChange) -> str:
    if change.from_class is None or change.from_class.rank == change.to_class.rank:
        return ""
    return "good" if change.to_class.rank < change.from_class.rank else "warn"


register("class", class_changes)
