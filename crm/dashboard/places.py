"""The kernel's own places in the frame."""

from django.utils.translation import gettext_lazy as _

from crm.navigation import Item, register

register(Item("today", _("Today"), "sun", "today", 0, "today.view", keys="g t"))
register(Item("insight", _("Insight"), "chart-line", "insight", 70, "insight.view", keys="g i"))
register(
    Item(
        "notifications",
        _("Notifications"),
        "bell",
        "notifications",
        -10,
        "today.view",
        group="settings",
        keys="g b",
    )
)
register(Item("settings", _("Settings"), "settings", "settings", 0, "people.manage", group="settings"))
register(
    Item("people", _("Company and people"), "users-group", "settings", 0, "people.manage", group="section")
)
register(Item("webhooks", _("Webhooks"), "webhook", "webhooks", 20, "settings.manage", group="section"))
