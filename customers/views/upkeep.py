"""Contact data that needs somebody: what came back, what is old, what is missing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext
from django.views.decorators.http import require_GET, require_POST

from crm.access import needs
from crm.answers import done, posted, sheet
from crm.errors import NotFound
from crm.tenancy.context import current
from customers.forms import moment_of
from customers.models import Confirmation, Customer, FollowUp
from customers.selectors import upkeep as selectors
from customers.selectors.keyset import Page
from customers.selectors.upkeep import UpkeepPage
from customers.services import bounces
from customers.services import upkeep as services
from customers.services.follow_ups import withdraw_follow_up
from customers.upkeep_forms import RulesForm
from customers.views.finding import bounce_or_404, chosen_ids, customer_or_404, follow_up_or_404, in_days
from customers.views.listing import address, counted, fixed_columns, listing_of

MOST_AT_ONCE = 200


@require_GET
@needs("customers.view")
def work_list(request: HttpRequest) -> HttpResponse:
    """Customers whose contact data needs somebody: bouncing first, then the most valuable."""
    asked = request.GET.get("reason", "")
    reason = asked if asked in selectors.REASONS else ""
    cursor = request.GET.get("cursor", "")
    found = selectors.upkeep_page(request.member, reason=reason, cursor=cursor, at=timezone.now())
    listing = listing_of(
        Page(found.items, next=found.next),
        asked={"reason": reason},
        **counted(_count(found, cursor), lambda n: npgettext("counted", "customer", "customers", n)),
        key="upkeep",
        label=_("Upkeep"),
        tabs=[
            {"label": label, "url": f"?reason={key}" if key else "?", "current": key == reason}
            for key, label in _tabs()
        ],
        **fixed_columns(_columns(), numeric=("spent",)),
        row_template="customers/upkeep/_row.html",
        bulk=_bulk(request),
        empty=_empty(found, reason),
    )
    context = {
        "listing": listing,
        "tenant": request.tenant,
        "rules": selectors.policy(),
        "may_change": request.member.can("customers.change"),
        "more": _menu(request),
    }
    return render(request, "customers/upkeep/list.html", context)


def _count(found: UpkeepPage, cursor: str) -> int | None:
    """Told only where the page holds them all: nothing counts a company's customers."""
    return None if cursor or found.next else len(found.items)


def _tabs() -> list[tuple[str, str]]:
    return [
        ("", _("All")),
        ("bouncing", _("Bouncing")),
        ("stale", _("Stale")),
        ("incomplete", _("Incomplete")),
    ]


def _columns() -> dict[str, str]:
    return {
        "name": _("Customer"),
        "why": _("What is the matter"),
        "reach": _("Contact data"),
        "spent": _("Spent"),
        "owner": _("Owner"),
    }


def _bulk(request: HttpRequest) -> list[dict[str, Any]]:
    if not request.member.can("customers.change"):
        return []
    return [{"label": _("Still right"), "icon": "check", "url": reverse("customers:confirm-many")}]


def _empty(found: UpkeepPage, reason: str) -> dict[str, Any]:
    if found.next:
        onwards = address({"reason": reason}, cursor=found.next)
        return {
            "title": _("Nothing among the most valuable"),
            "text": _("The customers looked at so far need nothing. There are more."),
            "icon_name": "address-book",
            "action_label": _("Look further"),
            "action_url": onwards,
        }
    return {
        "title": _("All contact data is in order"),
        "text": _(
            "Customers stand here whose mail comes back, whose data is old, or of whom too little is known."
        ),
        "icon_name": "address-book",
    }


def _menu(request: HttpRequest) -> list[dict[str, Any]]:
    if not request.member.can("settings.manage"):
        return []
    return [
        {
            "label": _("When data is stale or incomplete …"),
            "icon": "adjustments",
            "url": reverse("customers:upkeep-rules"),
            "sheet": True,
        }
    ]


@needs("settings.manage")
def rules(request: HttpRequest) -> HttpResponse:
    """After how long contact data is stale, and below which quality a record is incomplete."""
    form = RulesForm(posted(request), instance=selectors.policy())
    if form.is_bound and form.is_valid():
        services.set_policy(**form.cleaned_data, actor=request.member)
        return done(_("Saved"))
    return sheet(request, form, _("When contact data needs somebody"), submit=_("Save"))


@require_POST
@needs("customers.change")
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Still right: said by this member, today."""
    customer = customer_or_404(request, pk)
    confirmation = services.confirm(customer=customer, actor=request.member)
    undo = reverse("customers:take-back-confirmation", args=[confirmation.pk])
    return done(_("The contact data of %(name)s is confirmed.") % {"name": customer.name}, undo_url=undo)


@require_POST
@needs("customers.change")
def confirm_many(request: HttpRequest) -> HttpResponse:
    """Still right: of all that were ticked."""
    customers = Customer.objects.accepted().visible_to(request.member).filter(pk__in=chosen_ids(request))
    at = timezone.now()
    words = [services.confirm(customer=one, actor=request.member, at=at) for one in customers[:MOST_AT_ONCE]]
    text = ngettext(
        "The contact data of %(count)s customer is confirmed.",
        "The contact data of %(count)s customers is confirmed.",
        len(words),
    )
    undo = reverse("customers:take-back-confirmations", args=[current().request_id])
    return done(text % {"count": len(words)}, undo_url=undo if words else "")


@require_POST
@needs("customers.change")
def take_back_many(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take back what one said of many in one go."""
    seen = Customer.objects.visible_to(request.member).order_by().values("pk")
    words = list(services.said_in(request_id, by=request.member).filter(customer__in=seen)[:MOST_AT_ONCE])
    if not words:
        raise NotFound
    for one in words:
        services.take_back(confirmation=one, actor=request.member)
    text = ngettext(
        "%(count)s customer is on the list again.", "%(count)s customers are on the list again.", len(words)
    )
    return done(text % {"count": len(words)})


@require_POST
@needs("customers.change")
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one's own word back."""
    seen = Customer.objects.visible_to(request.member).order_by().values("pk")
    mine = Confirmation.objects.filter(pk=pk, by=request.member, changed=False, customer__in=seen)
    found = mine.select_related("customer").first()
    if found is None:
        raise NotFound
    services.take_back(confirmation=found, actor=request.member)
    return done(_("%(name)s is on the list again.") % {"name": found.customer.name})


@require_POST
@needs("customers.change")
def ask_owner(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make it a follow-up of the customer's owner."""
    customer = customer_or_404(request, pk)
    follow_up = services.ask_owner(customer=customer, due_at=moment_of(in_days(1)), actor=request.member)
    undo = reverse("customers:withdraw-follow-up", args=[follow_up.pk])
    return done(_("Follow-up for %(owner)s added") % {"owner": follow_up.owner.display_name}, undo_url=undo)


@require_POST
@needs("customers.change")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a follow-up back that this list made."""
    follow_up = follow_up_or_404(request, pk)
    if follow_up.origin != FollowUp.Origin.UPKEEP or follow_up.created_by_id != request.member.pk:
        raise NotFound
    withdraw_follow_up(follow_up=follow_up, actor=request.member)
    return done(_("The follow-up was taken back."))


@require_POST
@needs("customers.change")
def works_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody knows that an address takes mail after all."""
    bounce = bounces.clear_address(bounce=bounce_or_404(request, pk), actor=request.member)
    undo = reverse("customers:address-bounced", args=[bounce.pk])
    return done(_("%(address)s takes mail again.") % {"address": bounce.email_norm}, undo_url=undo)


@require_POST
@needs("customers.change")
def bounced_after_all(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take that back."""
    bounce = bounces.mark_again(bounce=bounce_or_404(request, pk), actor=request.member)
    return done(_("%(address)s is marked again.") % {"address": bounce.email_norm})
