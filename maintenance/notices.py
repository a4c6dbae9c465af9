"""What members are told of follow-ups."""

from django.utils.translation import gettext_lazy as _

from crm.notifications.kinds import Kind, register

register(
    Kind("follow_up.before", _("A follow-up falls due soon"), order=10),
    Kind("follow_up.due", _("A follow-up is due"), on_agenda="follow_up:today", order=11),
    Kind("follow_up.overdue", _("A follow-up is overdue"), on_agenda="follow_up:overdue", order=12),
    Kind("follow_up.escalated", _("A colleague left a follow-up undone"), silenced=False, order=13),
)
