"""The Fellegi–Sunter model: what each level of agreement weighs, learnt without labels by expectation and maximisation.

The chance that two records are one customer, before they are compared, and the levels' ``m`` and ``u`` are
fitted together: ``u`` to pairs drawn at random, ``m`` to the pairs that blocking gives, of which all others
are taken to be no matches. What was believed before (``fields``) counts as so many pairs seen, so that a
company of ten customers gets sound answers, too. Fellegi and Sunter 1969; Winkler 1988.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customers.duplicates.comparing import Agreement
from customers.duplicates.fields import Field

ROUNDS = 30
PRIOR_M = 30.0
PRIOR_U = 200.0
CEILING_NAME_ONLY, CEILING_BRAND, CEILING_NAMES_DIFFER, CEILING_FAMILY = 0.98, 0.98, 0.89, 0.3
CEILING_KEYED, CEILING_KEYED_TWICE = 0.98, 0.999
MOST_ODDS = 0.05
SHARE = 0.02  # of records that are expected to have a double
Floats = NDArray[np.float64]


class Patterns:
    """Pairs counted by how they agree: levels, and the rarity of what is shared to half a unit."""

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self.sizes = [len(field.levels) + 1 for field in fields]
        self._counts: dict[int, float] = {}

    def add(self, agreement: Agreement, *, each: float = 1.0) -> None:
        code = np.rint(agreement.rarity * 2).astype(np.int64)
        for size, levels in zip(self.sizes, agreement.levels, strict=True):
            code = code * size + levels
        values, counts = np.unique(code, return_counts=True)
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            self._counts[value] = self._counts.get(value, 0.0) + count * each

    def table(self) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Levels (a row for each pattern), rarity and count."""
        code = np.fromiter(self._counts, np.int64, len(self._counts))
        counts = np.fromiter(self._counts.values(), np.float64, len(self._counts))
        levels = np.zeros((len(code), len(self.sizes)), np.int64)
        for at in range(len(self.sizes) - 1, -1, -1):
            code, levels[:, at] = np.divmod(code, self.sizes[at])
        return levels, code / 2.0, counts


@dataclass
class Model:
    """Logarithms of m and u by field and level, and of the odds of a match between any two records."""

    fields: tuple[Field, ...]
    m: list[Floats]
    u: list[Floats]
    odds: float

    @classmethod
    def believed(cls, fields: tuple[Field, ...], records: int) -> Model:
        m = [np.array([level.m for level in field.levels]) for field in fields]
        u = [np.array([level.u for level in field.levels]) for field in fields]
        pairs = max(1.0, records * (records - 1) / 2)
        return cls(
            fields,
            [part / part.sum() for part in m],
            [part / part.sum() for part in u],
            min(MOST_ODDS, SHARE * records / pairs),
        )

    def weights(self) -> list[Floats]:
        """For each field the log-likelihood ratio of its levels; of shared ones without the value's rarity."""
        found = []
        for field, m, u in zip(self.fields, self.m, self.u, strict=True):
            shared = np.array([level.shared for level in field.levels])
            found.append(np.r_[0.0, np.log(m) - np.where(shared, 0.0, np.log(u))])
        return found

    def log_odds(self, levels: NDArray[np.int64], rarity: Floats) -> Floats:
        """``levels`` has a column for each field."""
        total = np.log(self.odds) - np.log1p(-self.odds) + rarity
        for at, weights in enumerate(self.weights()):
            total = total + weights[levels[:, at]]
        return total

    def chance(self, levels: NDArray[np.int64], rarity: Floats) -> Floats:
        return 1.0 / (1.0 + np.exp(-np.clip(self.log_odds(levels, rarity), -50, 50)))


def fit(fields: tuple[Field, ...], records: int, candidates: Patterns, strangers: Patterns) -> Model:
    """The most plausible model after what was believed and what is seen."""
    model = Model.believed(fields, records)
    prior_m, prior_u = [m * PRIOR_M for m in model.m], [u * PRIOR_U for u in model.u]
    pairs = max(1.0, records * (records - 1) / 2)
    levels, rarity, counts = candidates.table()
    other_levels, other_rarity, other_counts = strangers.table()
    for _round in range(ROUNDS):
        matched = model.chance(levels, rarity) * counts
        unmatched = (1 - model.chance(other_levels, other_rarity)) * other_counts
        before = model.odds
        model.odds = float(min(MOST_ODDS, (matched.sum() + 0.5) / pairs))
        model.m = _shares(levels, matched, prior_m)
        model.u = _shares(other_levels, unmatched, prior_u)
        if abs(model.odds - before) < 1e-4 * before:
            break
    return model


def _shares(levels: NDArray[np.int64], weight: Floats, prior: list[Floats]) -> list[Floats]:
    found = []
    for at, believed in enumerate(prior):
        seen = np.bincount(levels[:, at], weights=weight, minlength=len(believed) + 1)[1:] + believed
        found.append(seen / seen.sum())
    return found


def ceiling(fields: tuple[Field, ...], levels: NDArray[np.int64]) -> Floats:
    """How sure one may be at most, whatever else agrees: a family shares its address, sisters their switchboard.

    ``levels`` has a column for each field. Fields are taken to be independent; where they are not, this holds.
    """
    at = {field.name: (place, field) for place, field in enumerate(fields)}

    def stands(name: str, *wanted: str) -> NDArray[np.bool_]:
        place, field = at[name]
        return np.isin(levels[:, place], [field.level(level) for level in wanted])

    most = np.ones(len(levels))
    most[(levels == 0).all(axis=1)] = 0
    names = {"given", "family", "name"} & set(at)
    silent = np.all([levels[:, at[name][0]] == 0 for name in at if name not in names | {"place"}], axis=0)
    most[silent] = CEILING_NAME_ONLY
    if "name" in at:
        most[stands("name", "brand")] = CEILING_BRAND
        most[stands("name", "other")] = CEILING_NAMES_DIFFER
        return most
    strange = stands("given", "other")
    most[strange & ~stands("birthday", "same", "swapped", "slip", "near")] = CEILING_NAMES_DIFFER
    most[stands("given", "other") & stands("family", "other")] = CEILING_NAMES_DIFFER
    most[strange & stands("birthday", "other")] = CEILING_FAMILY
    return most
