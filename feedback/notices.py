"""What members are told of what customers say."""

from django.utils.translation import gettext_lazy as _

from crm.notifications.kinds import ByMail, Kind, register

register(
    Kind("ticket.late", _("A complaint waits too long for its first answer"), silenced=False, order=20),
    Kind("ticket.handed", _("A ticket was handed to me"), ByMail.DIGEST, order=22),
    Kind("feedback.new", _("A customer of mine says something"), ByMail.DIGEST, order=21),
)
