"""Contracts: one of them, and making, changing, ending, deleting and restoring it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import needs
from crm.answers import done, go, posted, refuse, sheet, taken
from crm.conflicts import edited
from crm.errors import DomainError
from customers.contract_forms import ContractForm, NoticeForm
from customers.models import Contract
from customers.services import contracts as services
from customers.views.finding import contract_or_404, customer_or_404
from customers.views.history import past_of


@needs("customers.view")
def contract(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One contract with its history."""
    found = contract_or_404(request, pk)
    context = {
        "contract": found,
        **past_of(found, reverse("customers:contract-as-of", args=[pk]), request.member),
        "may_change": request.member.can("customers.change") and found.deleted_at is None,
        "more": _menu(request, found),
        "crumbs": [
            {"label": _("Contracts"), "url": reverse("customers:contracts")},
            {"label": found.customer.name, "url": reverse("customers:record", args=[found.customer_id])},
        ],
        "tenant": request.tenant,
    }
    return render(request, "customers/contracts/contract.html", context)


def _menu(request: HttpRequest, found: Contract) -> list[dict[str, Any]]:
    if found.deleted_at or not request.member.can("customers.change"):
        return []
    if found.notice_given_on:
        menu = [_deed(_("Take the notice back"), "arrow-back-up", "withdraw-notice", found)]
    else:
        menu = [_deed(_("Notice was given"), "file-x", "give-notice", found, sheet=True)]
    if request.member.can("customers.delete"):
        menu.append(
            _deed(_("Delete"), "trash", "delete-contract", found)
            | {
                "danger": True,
                "confirm": _("It leaves every list. You can restore it from the tab Deleted."),
                "confirm_title": _("Delete %(name)s?") % {"name": found},
                "confirm_action": _("Delete"),
            }
        )
    return menu


def _deed(label: str, icon: str, name: str, found: Contract, *, sheet: bool = False) -> dict[str, Any]:
    way = {"sheet": True} if sheet else {"post": True}
    return {"label": label, "icon": icon, "url": reverse(f"customers:{name}", args=[found.pk]), **way}


@needs("customers.change")
def new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down what was agreed with a customer."""
    customer = customer_or_404(request, pk)
    form = ContractForm(
        posted(request),
        home=request.tenant.currency,
        initial={"starts_on": timezone.localdate(), "owner": customer.owner_id, "notice": 1},
    )
    if form.is_bound and form.is_valid():
        try:
            services.create_contract(customer=customer, actor=request.member, **form.values)
            return done(_("Contract added"))
        except DomainError as error:
            refuse(form, error)
    return sheet(request, form, _("Contract with %(name)s") % {"name": customer.name}, submit=_("Add"))


@needs("customers.change")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a contract. Whoever saves an older reading is shown what the other changed."""
    found = contract_or_404(request, pk)
    form = ContractForm(posted(request), home=request.tenant.currency, instance=found)
    save = partial(services.update_contract, contract=found, actor=request.member)
    return edited(request, form, found, _("Edit %(name)s") % {"name": found}, save)


@needs("customers.change")
def give_notice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down that it is to end."""
    found = contract_or_404(request, pk)
    form = NoticeForm(posted(request), initial={"ends_on": found.ends_on})
    if taken(form, partial(services.give_notice, contract=found, actor=request.member)):
        return done(_("Notice written down"), undo_url=reverse("customers:withdraw-notice", args=[pk]))
    return sheet(request, form, _("Notice of %(name)s") % {"name": found}, submit=_("Write down"))


@require_POST
@needs("customers.change")
def withdraw_notice(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.take_notice_back(contract=contract_or_404(request, pk), actor=request.member)
    return done(_("It goes on."))


@require_POST
@needs("customers.delete")
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete, with undo."""
    found = services.delete_contract(contract=contract_or_404(request, pk), actor=request.member)
    undo = reverse("customers:restore-contract", args=[pk])
    messages.success(request, _("%(name)s was deleted.") % {"name": found}, extra_tags=f"undo:{undo}")
    return go(reverse("customers:contracts"))


@require_POST
@needs("customers.delete")
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = services.restore_contract(contract=contract_or_404(request, pk), actor=request.member)
    messages.success(request, _("%(name)s is back.") % {"name": found})
    return go(reverse("customers:contract", args=[pk]))
