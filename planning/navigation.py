from django.utils.translation import gettext_lazy as _

from crm.navigation import Item, register

register(Item("plans", _("Plans"), "target-arrow", "planning:list", 80, "plans.view", keys="g p"))
