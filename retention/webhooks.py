"""What programs outside are told of customers at risk."""

from django.utils.translation import gettext_lazy as _

from crm.webhooks import EventType, register

_WARNING = "retention.api.WarningSerializer"

register(
    EventType("churn.warned", _("A customer may be leaving."), _WARNING, deeds=()),
    EventType("warning.closed", _("A churn warning was closed by hand."), _WARNING),
)
