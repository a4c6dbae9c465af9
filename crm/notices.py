"""What the kernel itself tells members."""

from django.utils.translation import gettext_lazy as _

from crm.notifications.kinds import ByMail, Kind, register

register(
    Kind("security.key", _("An API key acts in my name"), silenced=False, order=80),
    Kind("job.finished", _("Long work of mine has ended"), ByMail.DIGEST, order=60),
    Kind("webhook.disabled", _("A webhook was switched off"), capability="settings.manage", order=90),
    Kind("note", _("Anything else"), ByMail.OFF, order=99),
)
