"""Long work about tickets, run by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from crm.formats import number_text
from crm.models import Member
from customers.services.many import rows, running
from feedback.models import Ticket
from feedback.selectors.seeing import visible_tickets
from feedback.selectors.tickets import TICKETS as KNOWN
from feedback.selectors.tickets import tickets_of
from feedback.services import many as deeds
from feedback.services.tickets import PASSING


def _asked(query: Mapping[str, str], member: Member) -> Any:
    return tickets_of(KNOWN.asked(query), member)


def _told(count: int) -> str:
    words = ngettext("%(count)s ticket changed.", "%(count)s tickets changed.", count)
    return words % {"count": number_text(count)}


TICKETS = rows.register(
    rows.Rows(
        "tickets",
        Ticket,
        "feedback.change",
        deeds.COLUMNS,
        seen=visible_tickets,
        asked=_asked,
        check=deeds.check,
        apply=deeds.apply,
        told=_told,
        mend=deeds.mend,
        passes=PASSING,
    )
)
running.register_jobs(
    TICKETS,
    title=_("Changing tickets"),
    back="feedback:tickets",
    undo="feedback:undo-tickets-job",
    of=ngettext_lazy("%(done)s of %(total)s ticket", "%(done)s of %(total)s tickets", "number"),
)
