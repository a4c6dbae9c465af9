from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from customers import classes, entries, figures, panels, past, pasts, questions, timeline  # noqa: F401  some register
        from customers.selectors import custom  # noqa: F401  names what is masked

        classes.discover()
        figures.discover()
        panels.discover()
        past.discover()
        questions.discover()
        timeline.discover()
