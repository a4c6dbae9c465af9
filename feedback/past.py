"""The past of tickets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.past import Past, register
from feedback.models import Ticket
from feedback.services import tickets

register(
    Past(
        Ticket,
        "ticket",
        tickets.change_ticket,
        tickets.EDITABLE,
        labels={
            "customer_id": _("Customer"),
            "priority": _("Priority"),
            "status": _("State"),
            "opened_at": pgettext_lazy("ticket", "Opened"),
            "respond_by": _("Answer by"),
            "first_responded_at": _("First answer"),
            "escalated_at": _("Escalated"),
            "resolved_at": _("Resolved"),
        },
        hidden=("feedback_id", "number"),
        deeds={
            "ticket.answered": _("Answered"),
            "ticket.resolved": _("Resolved"),
            "ticket.reopened": _("Opened again"),
        },
    )
)
