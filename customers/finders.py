"""What of the customers' work Ctrl/⌘K finds beside customers and people: contracts, purchases, follow-ups."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from crm.finding import DEEPER, MOST, Finder, Hit, Seen, Texts, around, register
from crm.formats import day_text, money_text
from crm.models import Member
from crm.tenancy.prepared import Prepared
from customers.models import Contract, Customer, FollowUp, Interaction, Purchase

_CONTRACT = ("pk", "title", "number", "customer__name")
_NUMBERED = Seen(
    lambda words, member: (
        Contract.objects.living()
        .visible_to(member)
        .filter(~Q(number=""), number__prefix=words)
        .order_by("number")
        .values_list(*_CONTRACT)[: MOST + 1]
    )
)
_TITLED = Texts(
    "search_contracts",
    lambda member: Contract.objects.living().visible_to(member),
    "title",
    order=("-created_at", "-id"),
    drawn=_CONTRACT,
)
_FOLLOW_UPS = Texts(
    "search_follow_ups",
    lambda member: FollowUp.objects.open().visible_to(member),
    "subject",
    order=("due_at", "id"),
    drawn=("pk", "customer", "subject", "customer__name", "owner__display_name"),
)
_INTERACTIONS = Texts(
    "search_interactions",
    lambda member: Interaction.objects.filter(
        customer__in=Customer.objects.living().visible_to(member).order_by()
    ),
    "text",
    order=("-happened_at", "-id"),
    drawn=("pk", "customer", "kind", "text", "customer__name", "happened_at"),
)
_ORDERS = Prepared(
    lambda words: (
        Purchase.objects.filter(~Q(order_no=""), order_no__prefix=words)
        .order_by("order_no")
        .values_list("pk", flat=True)[: MOST * DEEPER]
    )
)


def _contracts(words: str, member: Member) -> Iterable[Hit]:
    for pk, title, number, customer in dict.fromkeys([*_NUMBERED(words, member), *_TITLED(words, member)]):
        subtitle = " · ".join(filter(None, [number, customer]))
        yield Hit(title, subtitle, reverse("customers:contract", args=[pk]), "file-text")


def _purchases(words: str, member: Member) -> Iterable[Hit]:
    # The numbers first: joined in one query, all customers would be read before the few numbers are.
    found = _ORDERS(words)
    if not found:
        return
    customers = Customer.objects.living().visible_to(member).order_by()
    rows = Purchase.objects.filter(pk__in=found, customer__in=customers)
    for purchase in rows.select_related("customer").order_by("order_no")[: MOST + 1]:
        subtitle = f"{purchase.customer.name} · {money_text(purchase.amount, purchase.currency)}"
        url = reverse("customers:record", args=[purchase.customer_id])
        yield Hit(purchase.order_no, subtitle, url, "receipt")


def _follow_ups(words: str, member: Member) -> Iterable[Hit]:
    for _pk, customer, subject, name, owner in _FOLLOW_UPS(words, member):
        yield Hit(subject, f"{name} · {owner}", reverse("customers:record", args=[customer]), "calendar-due")


def _interactions(words: str, member: Member) -> Iterable[Hit]:
    kinds = dict(Interaction.Kind.choices)
    for _pk, customer, kind, text, name, at in _INTERACTIONS(words, member):
        url = reverse("customers:record", args=[customer])
        yield Hit(
            around(text, words), f"{name} · {kinds[kind]} · {day_text(localdate(at))}", url, _ICONS[kind]
        )


def _contract_list(words: str) -> str:
    return f"{reverse('customers:contracts')}?{urlencode({'q': words})}"


def _follow_up_list(words: str) -> str:
    return f"{reverse('maintenance:follow-ups')}?{urlencode({'q': words})}"


register(Finder("contracts", _("Contracts"), "customers.view", 30, _contracts, _contract_list))
register(Finder("purchases", _("Purchases"), "customers.view", 35, _purchases))
_ICONS = {"note": "note", "call": "phone", "visit": "walk", "message": "message", "email": "mail"}
register(Finder("interactions", _("Timeline"), "customers.view", 45, _interactions))
register(Finder("follow-ups", _("Follow-ups"), "customers.view", 40, _follow_ups, _follow_up_list))
