"""The orders that customers have beside those by their own columns."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm.api.parameters import BadParameter
from customers.api.custom import CustomPagination
from customers.selectors.figures import FIGURES, by_figure


class CustomerPagination(CustomPagination):
    """Figures too, each alone, as the list of customers sorts by them: those without one come last."""

    def indexed(self, queryset: Any, order: str, view: Any) -> Any:
        names = [name.removeprefix("-") for name in order.split(",")]
        if len(names) > 1 and (figure := next((name for name in names if name in FIGURES), "")):
            raise BadParameter("ordering", _("Order by %(name)s alone.") % {"name": figure})
        return by_figure(queryset, order) or super().indexed(queryset, order, view)
