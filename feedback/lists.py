"""Which of feedback's lists can have saved views, and what those may ask for."""

from django.utils.translation import gettext_lazy as _

from customers.lists import plain_list
from feedback.selectors.fields import FEEDBACK_FIELDS, TICKET_FIELDS
from feedback.selectors.said import SAID
from feedback.selectors.tickets import TICKETS

TICKET_LIST = plain_list(
    "tickets",
    _("Tickets"),
    "feedback:tickets",
    "feedback",
    filters=TICKETS.filters,
    sorts=TICKETS.sorts,
    catalogue=TICKET_FIELDS,
    columns=("subject", "customer", "priority", "owner", "state", "due", "opened"),
)
FEEDBACK_LIST = plain_list(
    "feedback",
    _("Feedback"),
    "feedback:list",
    "feedback",
    filters=SAID.filters,
    sorts=SAID.sorts,
    catalogue=FEEDBACK_FIELDS,
    columns=("text", "customer", "type", "sentiment", "assigned_to", "received"),
)
