"""Which of maintenance's lists can have saved views, and what those may ask for."""

from django.utils.translation import gettext_lazy as _

from customers.lists import plain_list
from maintenance.selectors.follow_ups import FIELDS, FILTERS, SORTS

FOLLOW_UPS = plain_list(
    "follow-ups",
    _("Follow-ups"),
    "maintenance:follow-ups",
    "maintenance",
    filters=FILTERS,
    sorts=SORTS,
    catalogue=FIELDS,
    columns=("customer", "what", "due", "state", "owner", "from"),
)
