"""Where maintenance stands in the frame."""

from django.utils.translation import gettext_lazy as _

from crm.navigation import Item, register

register(
    Item(
        "maintenance",
        _("Maintenance"),
        "heart-handshake",
        "maintenance:home",
        40,
        "maintenance.view",
        keys="g m",
    )
)
register(
    Item(
        "new-plan",
        _("New maintenance plan"),
        "heart-plus",
        "maintenance:new-plan",
        50,
        "maintenance.manage",
        group="action",
        sheet=True,
    )
)
register(
    Item(
        "follow-ups",
        _("Follow-ups"),
        "calendar-due",
        "maintenance:follow-ups",
        68,
        "maintenance.view",
        "action",
        "g w",
    )
)
