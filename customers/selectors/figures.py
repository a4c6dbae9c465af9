"""Customers in the order of a figure of theirs, as the list of customers sorts by it: each by an index."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import F, FilteredRelation, Q

from customers.models import CustomerRisk, CustomerStats
from customers.selectors.keyset import Sort
from customers.selectors.lists import SORTS

VALUE, TIE = "figure_value", "figure_tie"
_ALL: dict[str, tuple[Any, str, str]] = {
    "spend": (CustomerStats, "spend", "spend"),
    "last_purchase_on": (CustomerStats, "last_purchase_on", "last_purchase"),
    "last_contact_at": (CustomerStats, "last_contact_at", "last_contact"),
    "next_follow_up_at": (CustomerStats, "next_follow_up_at", "next_step"),
    "value_at_risk": (CustomerRisk, "value_at_risk", "at_risk"),
}
FIGURES = {
    name: f"{'stats' if model is CustomerStats else 'risk'}__{column}"
    for name, (model, column, _sort) in _ALL.items()
}


def by_figure(customers: Any, order: str) -> tuple[Any, Sort] | None:
    """``customers`` with the figure, and the order by it, ``-`` in front for the largest first; without one last."""
    name = order.removeprefix("-")
    if name not in _ALL:
        return None
    model, column, listed = _ALL[name]
    relation = FIGURES[name].partition("__")[0]
    # A relation of its own keeps the id beside the figure: of two equal columns only that one is in the index.
    joined = FilteredRelation(relation, condition=Q(**{f"{relation}__{column}__isnull": False}))
    if model is CustomerStats:  # every customer has these, so that its table can lead
        joined = FilteredRelation(relation, condition=Q(**{f"{relation}__orders__isnull": False}))
    rows = customers.annotate(figure=joined)
    rows = rows.annotate(**{VALUE: F(f"figure__{column}"), TIE: F("figure__customer_id")})
    sort = replace(SORTS[listed][1], path=VALUE, tie=TIE, column=model._meta.get_field(column))
    sort = sort if sort.descending == order.startswith("-") else sort.reversed()
    if model is CustomerStats:
        return rows.filter(**{f"{TIE}__isnull": False}), sort
    return rows, replace(sort, blank=TIE, blank_tie="id")
