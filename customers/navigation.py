"""The customers' place in the frame, and what can be started from anywhere."""

from django.utils.translation import gettext_lazy as _

from crm.navigation import Item, register

register(Item("customers", _("Customers"), "users", "customers:list", 20, "customers.view", keys="g c"))
register(
    Item(
        "new-customer",
        _("New customer"),
        "user-plus",
        "customers:new",
        10,
        "customers.change",
        "action",
        "c",
        True,
        True,
    )
)
register(
    Item(
        "log-call",
        _("Log a call"),
        "phone",
        "customers:log-with",
        20,
        "customers.change",
        "action",
        "l",
        True,
        True,
    )
)
register(
    Item(
        "import", _("Import a file"), "file-import", "customers:new-import", 60, "customers.import", "action"
    )
)
register(
    Item(
        "retention-periods",
        _("Retention periods"),
        "hourglass",
        "customers:periods",
        20,
        "settings.manage",
        "section",
    )
)
register(Item("fields", _("Fields"), "forms", "customers:fields", 10, "settings.manage", "section"))
register(
    Item(
        "duplicates",
        _("Review duplicates"),
        "copy",
        "customers:duplicates",
        70,
        "customers.merge",
        "action",
        "g d",
    )
)
register(
    Item(
        "month",
        _("Calendar of the month"),
        "calendar-month",
        "customers:month",
        63,
        "customers.view",
        "action",
        "g a",
    )
)
register(
    Item(
        "inbox", _("Inbox"), "inbox", "customers:inbox", 65, "customers.change", "action", "g n", False, True
    )
)
register(
    Item(
        "upkeep",
        _("Upkeep of contact data"),
        "address-book",
        "customers:upkeep",
        67,
        "customers.view",
        "action",
        "g u",
    )
)
register(
    Item(
        "contracts", _("Contracts"), "file-text", "customers:contracts", 66, "customers.view", "action", "g k"
    )
)
register(
    Item("contacts", _("Contacts"), "users", "customers:contacts", 64, "customers.view", "action", "g o")
)
register(Item("web-forms", _("Web forms"), "forms", "customers:templates", 12, "customers.import", "section"))
