"""Lifecycle stages as SQL over ``customers_customerstats t``, and the facts that decided.

A customer is quiet after the company's churn horizon, or after twice its own usual interval where that
is longer; it is dormant then, and lost after three times as long. Within the horizon of the first purchase
it is new. Without a purchase it is a prospect once it was really contacted, else a lead.
"""

from __future__ import annotations

from segmentation.criteria import Reference, Sql

RHYTHM_FROM_ORDERS = 3
TIMES_OWN_RHYTHM = 2
LOST_AFTER = 3

_RHYTHM = f"""CASE WHEN t.orders >= {RHYTHM_FROM_ORDERS} AND t.last_purchase_on > t.first_purchase_on
    THEN (t.last_purchase_on - t.first_purchase_on)::float8 / (t.orders - 1) END"""
_SINCE_LAST = "(%s::date - t.last_purchase_on)"
_SINCE_FIRST = "(%s::date - t.first_purchase_on)"


def quiet_after(reference: Reference) -> Sql:
    """Days without a purchase after which the customer counts as quiet."""
    return Sql(f"GREATEST(%s::int, CEIL({TIMES_OWN_RHYTHM} * ({_RHYTHM}))::int)", (reference.horizon,))


def stage(reference: Reference) -> Sql:
    """The stage's code."""
    quiet, last = quiet_after(reference), Sql(_SINCE_LAST, (reference.today,))
    bought = (
        "CASE WHEN "
        + last
        + f" > {LOST_AFTER} * "
        + quiet
        + " THEN 'lost' WHEN "
        + last
        + " > "
        + quiet
        + " THEN 'dormant' WHEN "
        + Sql(f"{_SINCE_FIRST} <= %s::int", (reference.today, reference.horizon))
        + " THEN 'new' ELSE 'active' END"
    )
    unbought = "CASE WHEN t.last_contact_at IS NULL THEN 'lead' ELSE 'prospect' END"
    return f"CASE WHEN t.last_purchase_on IS NULL THEN {unbought} ELSE " + bought + " END"


def facts(reference: Reference) -> Sql:
    """Why, as a JSON object: days since, own rhythm, and where quiet begins."""
    return (
        "jsonb_build_object('orders', t.orders, 'contacted', t.last_contact_at IS NOT NULL, 'since_last', "
        + Sql(f"{_SINCE_LAST}, 'since_first', {_SINCE_FIRST}, ", (reference.today, reference.today))
        + f"'rhythm', round(({_RHYTHM})::numeric, 1), 'quiet_after', "
        + quiet_after(reference)
        + f", 'lost_after', {LOST_AFTER} * "
        + quiet_after(reference)
        + ")"
    )
