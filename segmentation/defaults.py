"""What a new company starts with: four classes by explicit rules, five segments."""

from __future__ import annotations

from typing import Any

from babel.numbers import get_currency_precision
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm import defaults
from crm.models import Member
from segmentation.members import reference_at
from segmentation.services.classes import create_class
from segmentation.services.segments import create_segment

Criteria = list[list[dict[str, Any]]]

# What a good customer of a small service company spends in a year, in whole units of its currency.
KEY_SPEND = {
    "USD": 5_000,
    "EUR": 5_000,
    "GBP": 4_000,
    "CHF": 5_000,
    "CAD": 7_000,
    "AUD": 7_000,
    "SGD": 7_000,
    "CNY": 50_000,
    "HKD": 40_000,
    "TWD": 150_000,
    "JPY": 700_000,
    "KRW": 7_000_000,
    "INR": 400_000,
}


def key_spend(currency: str) -> int:
    """The yearly spend that makes a key customer, in minor units."""
    return KEY_SPEND.get(currency, 5_000) * 10 ** get_currency_precision(currency)


def _is(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def classes(spend: int) -> list[tuple[str, str, str, int, Criteria]]:
    """Code, name, description, rank and criteria, in the order the rules are tried.

    Key: buys much and often, or very much. Potential: buys again and may grow, has just begun, or talks
    with us without having bought. Dormant: silent for half a year. General: everyone else.
    """
    key = [
        [_is("spend_12m", "gte", spend), _is("orders_12m", "gte", 4)],
        [_is("spend_12m", "gte", 4 * spend)],
    ]
    potential = [
        [
            _is("spend_12m", "gte", spend // 4),
            _is("orders_12m", "gte", 2),
            _is("days_since_last_purchase", "lte", 90),
        ],
        [_is("days_since_first_purchase", "lte", 90), _is("spend_12m", "gte", spend // 10)],
        [_is("has_purchase", "eq", False), _is("days_since_last_contact", "lte", 60)],
    ]
    dormant = [
        [_is("days_since_last_purchase", "gte", 180)],
        [_is("has_purchase", "eq", False), _is("days_since_last_contact", "gte", 180)],
        [
            _is("has_purchase", "eq", False),
            _is("days_since_last_contact", "is_null"),
            _is("days_since_created", "gte", 180),
        ],
    ]
    return [
        (
            "key",
            pgettext("class", "Key"),
            _("Those we must not lose: a high-level visit every quarter."),
            1,
            key,
        ),
        ("potential", _("Potential"), _("Those who can grow: a contact every month."), 2, potential),
        (
            "dormant",
            pgettext("class", "Dormant"),
            _("Those gone quiet: a call or e-mail to revisit."),
            4,
            dormant,
        ),
        ("general", _("General"), _("Everyone else: care messages and news."), 3, []),
    ]


def segments() -> list[tuple[str, str, Criteria]]:
    return [
        (_("All customers"), _("Everyone on record."), []),
        (_("Key customers"), _("Everyone in the class “Key”."), [[_is("class", "eq", "key")]]),
        (
            _("At risk"),
            _("A high risk of leaving, or a good customer who has not come back."),
            [[_is("churn_risk", "eq", "high")], [_is("rfm_segment", "in", ["at_risk", "cannot_lose"])]],
        ),
        (
            _("New this quarter"),
            _("First bought within the last 90 days."),
            [[_is("days_since_first_purchase", "lte", 90)]],
        ),
        (
            _("No contact for 90 days"),
            _("Customers nobody has spoken with lately."),
            [
                [_is("has_purchase", "eq", True), _is("days_since_last_contact", "gte", 90)],
                [_is("has_purchase", "eq", True), _is("days_since_last_contact", "is_null")],
            ],
        ),
    ]


def make_classes(admin: Member) -> None:
    rows = classes(key_spend(reference_at().currency))
    # The one that takes whoever is left first: every rule is then tried before it.
    for code, name, description, rank, rule in [rows[-1], *rows[:-1]]:
        create_class(code=code, name=name, description=description, rank=rank, given=rule, actor=admin)


def make_segments(admin: Member) -> None:
    for name, description, rule in segments():
        create_segment(name=name, description=description, given=rule, actor=admin)


defaults.register(make_classes, order=10)
defaults.register(make_segments, order=20)
