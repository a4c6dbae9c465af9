import sys

from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "Tenure"

    def ready(self) -> None:
        from crm import agenda, channels, defaults, finding, kpis, mailing, navigation, work  # noqa: F401  mailing registers
        from crm.api import checks, housekeeping  # noqa: F401  register themselves
        from crm.audit import sealing  # noqa: F401  registers its work
        from crm.dashboard import charts, places  # noqa: F401  places registers itself
        from crm.exports import listings
        from crm.notifications import kinds
        from crm.saved_views import lists
        from crm.services import digests, jobs, notifications  # noqa: F401  register themselves
        from crm.tenancy import startup
        from crm.webhooks import channel, events, forgetting, types  # noqa: F401  register themselves

        sockets = (jobs, navigation, agenda, kpis, work, defaults, channels, charts, types, kinds)
        for socket in (*sockets, lists, listings, finding):
            socket.discover()
        if "pytest" not in sys.modules:
            startup.refuse_unsafe_role_on_connect()
