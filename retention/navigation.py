"""Where retention stands in the frame."""

from django.utils.translation import gettext_lazy as _

from crm.navigation import Item, register

register(
    Item("retention", _("Retention"), "shield-heart", "retention:home", 60, "retention.view", keys="g r")
)
