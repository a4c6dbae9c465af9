"""What members are told of customers."""

from django.utils.translation import gettext_lazy as _

from crm.notifications.kinds import ByMail, Kind, register

register(
    Kind("customer.handed", _("A customer was handed to me"), ByMail.DIGEST, order=25),
    Kind("follow_up.handed", _("A follow-up was handed to me"), ByMail.DIGEST, order=14),
)
