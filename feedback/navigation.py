from django.utils.translation import gettext_lazy as _

from crm.navigation import Item, register

register(Item("feedback", _("Feedback"), "message-2", "feedback:list", 50, "feedback.view", keys="g f"))
register(
    Item(
        "new-feedback",
        _("Enter feedback"),
        "message-plus",
        "feedback:new",
        30,
        "feedback.change",
        group="action",
        sheet=True,
    )
)
