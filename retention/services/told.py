"""Reasons of all customers as JSON text, some microseconds each: a dictionary per reason would take minutes."""

from __future__ import annotations

import json

import numpy as np

from retention.churn import reasons
from retention.churn.arrays import Floats, Ints

# The facts each reason is told with, and how many decimals they need.
FACTS = {
    reasons.GAP: {"days_since": 0, "usual_days": 1, "limit_days": 1},
    reasons.ONE_PURCHASE: {"days_since": 0},
    reasons.FREQUENCY: {"expected_days": 1, "typical_days": 1},
    reasons.PURCHASES: {"purchases": 0, "typical_purchases": 0},
    reasons.VALUE_FALLING: {"recent_value": 0, "usual_value": 0},
}
NEVER_BOUGHT = "never_bought"
NEVER_BOUGHT_JSON = json.dumps(
    [{"code": NEVER_BOUGHT, "contribution": 0, "facts": {}, "raises": False, "actionable": True}]
)


class Told:
    """The reasons of n customers, as JSON lists ``[{code, contribution, facts, raises, actionable}]``."""

    def __init__(self, found: reasons.Reasons) -> None:
        self._found = found
        self._names, self._told, self._contributions = found.columns()

    def json(self, start: int, stop: int) -> list[str]:
        """One JSON list for each of the customers ``start`` to ``stop``."""
        slots = [self._slot(number, start, stop) for number in range(self._told.shape[1])]
        return ["[" + ",".join(filter(None, parts)) + "]" for parts in zip(*slots, strict=True)]

    def _slot(self, number: int, start: int, stop: int) -> list[str]:
        """The ``number``-th reason of each customer; empty where there is none."""
        codes, weights = self._told[start:stop, number], self._contributions[start:stop, number]
        texts = np.full(stop - start, "", dtype=object)
        for code in np.unique(codes[codes >= 0]):
            rows = np.flatnonzero(codes == code)
            texts[rows] = self._texts(
                self._names[code], rows + start, weights[rows], number < reasons.RAISING
            )
        return texts.tolist()

    def _texts(self, code: str, rows: Ints, weights: Floats, raises: bool) -> list[str]:
        facts = {name: values[rows] for name, values in self._facts(code).items()}
        told = ",".join(f'"{name}":%.{FACTS[code][name]}f' for name in facts)
        template = (
            f'{{"code":"{code}","contribution":%.4f,"facts":{{{told}}},'
            f'"raises":{json.dumps(raises)},"actionable":{json.dumps(code not in self._found.unchangeable)}}}'
        )
        return [
            template % row
            for row in zip(weights.tolist(), *(v.tolist() for v in facts.values()), strict=True)
        ]

    def _facts(self, code: str) -> dict[str, Floats]:
        known = self._found.facts.get(code)
        if known is None:
            known = next(
                self._found.facts[of] for of, (name, _) in self._found.renamed.items() if name == code
            )
        return {name: known[name] for name in FACTS[code] if name in known}
