"""What members are told of customers at risk."""

from django.utils.translation import gettext_lazy as _

from crm.notifications.kinds import ByMail, Kind, register

register(Kind("warning", _("A customer may be leaving"), ByMail.DIGEST, order=30))
