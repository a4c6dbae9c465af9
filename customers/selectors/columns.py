"""The columns the list of customers can show."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# In front of the key of a custom field.
MARK = "custom:"

COLUMNS = {
    "name": _("Name"),
    "class": _("Class"),
    "stage": _("Stage"),
    "owner": _("Owner"),
    "next_step": _("Next step"),
    "last_contact": _("Last contact"),
    "last_purchase": _("Last purchase"),
    "spend": _("Spent"),
    "orders": _("Purchases"),
    "risk": _("Risk"),
    "at_risk": _("Value at risk"),
    "industry": _("Industry"),
    "region": _("Region"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "source": _("Source"),
    "quality": _("Data quality"),
    "created": pgettext_lazy("date", "Created"),
}
USUAL = ("name", "class", "stage", "owner", "next_step", "last_purchase", "spend", "risk")
