"""Which of feedback's lists can have saved views, and what those may ask for."""

from django.utils.translation import gettext_lazy as _

from crm.saved_views.lists import ListKind, register
from customers.lists import plain_check
from feedback.selectors.fields import FEEDBACK_FIELDS, TICKET_FIELDS
from feedback.selectors.said import SAID
from feedback.selectors.tickets import TICKETS

TICKET_LIST = register(
    ListKind(
        "tickets",
        _("Tickets"),
        "feedback:tickets",
        "feedback",
        plain_check(frozenset(TICKETS.filters), TICKETS.sorts, TICKET_FIELDS),
        TICKET_FIELDS,
    )
)
FEEDBACK_LIST = register(
    ListKind(
        "feedback",
        _("Feedback"),
        "feedback:list",
        "feedback",
        plain_check(frozenset(SAID.filters), SAID.sorts, FEEDBACK_FIELDS),
        FEEDBACK_FIELDS,
    )
)
