"""Which of maintenance's lists can have saved views, and what those may ask for."""

from django.utils.translation import gettext_lazy as _

from crm.saved_views.lists import ListKind, register
from customers.lists import plain_check
from maintenance.selectors.follow_ups import FIELDS, FILTERS, SORTS

FOLLOW_UPS = register(
    ListKind(
        "follow-ups",
        _("Follow-ups"),
        "maintenance:follow-ups",
        "maintenance",
        plain_check(FILTERS, SORTS, FIELDS),
        FIELDS,
    )
)
