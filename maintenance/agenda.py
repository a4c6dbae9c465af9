"""What maintenance puts on "Today": with nothing due, the customers nearest to being forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.agenda import Action, Entry, register
from crm.formats import date_text
from crm.models import Member
from customers.models import FollowUp
from maintenance.selectors.coverage import CARED_FOR, without_next_step

OFFERED = 5


def nearly_forgotten(member: Member, at: datetime) -> Iterator[Entry]:
    """The member's important customers without a next step, those silent longest first."""
    if not member.can("customers.change") or FollowUp.objects.due(at).filter(owner=member).exists():
        return
    mine = without_next_step().filter(owner=member, stats__class_code__in=CARED_FOR)
    told = mine.annotate(
        last=F("stats__last_contact_at"), class_code=F("stats__class_code"), spend_12m=F("stats__spend_12m")
    )
    for customer in told.order_by(F("last").asc(nulls_first=True), "id")[:OFFERED]:
        yield Entry(
            key=f"forgotten-{customer.pk}",
            kind="review",
            title=_("Agree a next step"),
            reason=_reason(customer.last),
            due_at=None,
            customer_id=customer.pk,
            customer_name=customer.name,
            class_code=customer.class_code,
            value=customer.spend_12m or None,
            actions=[
                Action(
                    _("Plan"), reverse("customers:schedule", args=[customer.pk]), "sheet", "calendar-plus"
                ),
                Action(_("Log call"), reverse("customers:log", args=[customer.pk]), "sheet", "phone"),
            ],
        )


def _reason(last: datetime | None) -> str:
    if last is None:
        return _("Never contacted, and no next step")
    day = date_text(timezone.localdate(last))
    return _("No next step, last contact %(day)s") % {"day": day}


register(nearly_forgotten)
