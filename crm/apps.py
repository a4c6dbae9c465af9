import sys

from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "Tenure"

    def ready(self) -> None:
        from crm import agenda, defaults, kpis, navigation, work
        from crm.api import checks  # noqa: F401  registers itself
        from crm.tenancy import startup

        for socket in (navigation, agenda, kpis, work, defaults):
            socket.discover()
        if "pytest" not in sys.modules:
            startup.refuse_unsafe_role_on_connect()
