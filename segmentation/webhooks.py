"""What programs outside are told of classes."""

from django.utils.translation import gettext_lazy as _

from crm.webhooks import EventType, register

register(
    EventType(
        "class.changed",
        _("A customer moved to another class; a first class is no move."),
        "segmentation.api.ClassChangeSerializer",
        deeds=(),
    )
)
