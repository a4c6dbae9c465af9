"""Who moved between classes, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.models import Member
from crm.people.roles import Visibility
from customers.models import Customer
from segmentation.criteria import Reference, reasons
from segmentation.members import reference_at
from segmentation.models import ClassChange, CustomerClass

SIZE = 50


@dataclass(frozen=True)
class MovesPage:
    """``rows`` carry their reasons as ``words``."""

    rows: list[ClassChange]
    next_cursor: str


def moves_page(
    member: Member, *, to: CustomerClass | None = None, left: CustomerClass | None = None, cursor: str = ""
) -> MovesPage:
    """One page of the moves a member may see; a cursor nobody gave out is the first page."""
    changes = ClassChange.objects.select_related("customer", "from_class", "to_class", "changed_by")
    if member.visibility != Visibility.ALL:
        changes = changes.filter(customer__in=Customer.objects.visible_to(member))
    changes = changes.filter(customer__deleted_at=None)
    if to is not None:
        changes = changes.filter(to_class=to)
    if left is not None:
        changes = changes.filter(from_class=left)
    before = _decode(cursor)
    if before:
        changes = changes.filter(Q(at__lt=before[0]) | Q(at=before[0], pk__lt=before[1]))
    found = list(changes.order_by("-at", "-id")[: SIZE + 1])
    more, rows = len(found) > SIZE, found[:SIZE]
    reference = reference_at()
    for row in rows:
        row.words = _words(row, reference)  # type: ignore[attr-defined]
    return MovesPage(rows, f"{rows[-1].at.isoformat()}_{rows[-1].pk}" if more else "")


def _words(change: ClassChange, reference: Reference) -> str:
    return _(", ").join(reason["text"] for reason in reasons(change.why, reference) if reason["met"])


def _decode(cursor: str) -> tuple[datetime, UUID] | None:
    moment, _underscore, pk = cursor.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
        return (at, UUID(pk)) if at.tzinfo else None
    except ValueError:
        return None
