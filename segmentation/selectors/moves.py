"""Who moved between classes, newest first."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm.models import Member
from crm.people.roles import Visibility
from customers.models import Customer
from customers.selectors.keyset import Page, Sort, page_of
from segmentation.criteria import Reference, learn_reasons, reasons
from segmentation.members import reference_at
from segmentation.models import ClassChange, CustomerClass

SIZE = 50
NEWEST = Sort("at", descending=True, tie="id", tie_descending=True)


def moves_page(
    member: Member, *, to: CustomerClass | None = None, left: CustomerClass | None = None, cursor: str = ""
) -> Page:
    """One page of the moves a member may see, the newest first; rows carry their reasons as ``words``."""
    changes = ClassChange.objects.select_related("customer", "from_class", "to_class", "changed_by")
    if member.visibility != Visibility.ALL:
        changes = changes.filter(customer__in=Customer.objects.visible_to(member))
    changes = changes.filter(customer__deleted_at=None)
    if to is not None:
        changes = changes.filter(to_class=to)
    if left is not None:
        changes = changes.filter(from_class=left)
    page = page_of(changes, NEWEST, cursor=cursor, size=SIZE)
    reference = reference_at()
    learn_reasons(row.why for row in page.rows)
    for row in page.rows:
        row.words = _words(row, reference)
    return page


def _words(change: ClassChange, reference: Reference) -> str:
    return _(", ").join(reason["text"] for reason in reasons(change.why, reference) if reason["met"])
