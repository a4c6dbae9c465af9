"""What members are told of complaints."""

from django.utils.translation import gettext_lazy as _

from crm.notifications.kinds import Kind, register

register(Kind("ticket.late", _("A complaint waits too long for its first answer"), silenced=False, order=20))
