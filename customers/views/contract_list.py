"""The list of contracts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext

from crm.access import needs
from customers.lists import CONTRACTS
from customers.models import Contract
from customers.models.contracts import Status
from customers.selectors.contracts import DAYS, SORTS, asked_of, contract_page, contracts_of
from customers.views import listing as lists
from customers.views.list_page import ListPage


class _Contracts(ListPage):
    """The list of contracts with its filters in words."""

    def words(self, name: str, value: str) -> str:
        if name == "owner":
            return lists.owner_said(value)
        if name in ("due", "ends"):
            return _("in the next %(days)s days") % {"days": value}
        choices: dict[str, dict[str, Any]] = {
            "status": dict(Status.choices),
            "renewal": dict(Contract.Renewal.choices),
            "deleted": {"1": _("yes")},
        }
        return str(choices[name].get(value, value))


@needs("customers.view")
def contract_list(request: HttpRequest) -> HttpResponse:
    """Contracts: the next to be decided on first."""
    page = _Contracts(request, CONTRACTS, asked_of(request.GET), _labels())
    if (elsewhere := page.elsewhere()) is not None:
        return elsewhere
    return page.answer(_listing(page), may_change=request.member.can("customers.change"))


def _listing(page: _Contracts) -> dict[str, Any]:
    asked, member, day = page.asked, page.request.member, timezone.localdate()
    return page.listing(
        contract_page(asked, member, day),
        lambda most: contracts_of(asked, member, day).at_most(most),
        lambda n: npgettext("counted", "contract", "contracts", n),
        tabs=page.tabs(_views()),
        search={"value": asked.filters.get("q", ""), "placeholder": _("Number or customer")},
        filter_menu=page.quick_filters(_quick()),
        **page.table(_columns(), SORTS, numeric=("value",)),
        row_template="customers/contracts/_row.html",
        empty=_empty(),
    )


def _views() -> list[tuple[str, dict[str, str]]]:
    return [
        (_("All"), {}),
        (_("Mine"), {"owner": "me"}),
        (_("To decide soon"), {"due": "90"}),
        (pgettext("contract", "Running"), {"status": "running"}),
        (_("Notice given"), {"status": "leaving"}),
        (_("Ended"), {"status": "ended"}),
        (_("Deleted"), {"deleted": "1"}),
    ]


def _labels() -> dict[str, str]:
    return {
        "status": _("Status"), "owner": _("Owner"), "renewal": _("Renewal"), "due": _("Notice by"),
        "ends": _("Ends"), "deleted": _("Deleted"),
    }  # fmt: skip


def _quick() -> list[tuple[str, str, str]]:
    quick = [("status", value, "progress-check") for value in Status.values]
    quick += [("renewal", value, "refresh") for value in Contract.Renewal.values]
    quick += [("due", days, "calendar-due") for days in DAYS]
    quick += [("ends", days, "calendar-x") for days in DAYS]
    return [*quick, ("owner", "me", "user"), ("owner", "none", "user-off")]


def _columns() -> dict[str, str]:
    return {
        "title": _("Contract"), "customer": _("Customer"), "status": _("Status"), "value": _("Amount"),
        "ends_on": _("Ends"), "notice_by": _("Notice by"), "owner": _("Owner"),
    }  # fmt: skip


def _empty() -> dict[str, Any]:
    return {
        "title": _("No contracts yet"),
        "text": _(
            "What is agreed with customers stands here, with the day by which to decide whether it goes on."
        ),
        "icon_name": "file-text",
        "action_label": _("Customers"),
        "action_url": reverse("customers:list"),
    }
