"""From records to pairs: read, block, learn, score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from customers.duplicates.blocking import candidates
from customers.duplicates.columns import Ints
from customers.duplicates.comparing import Agreement, Pairs, compare_companies, compare_persons
from customers.duplicates.fields import COMPANY, PERSON, Field
from customers.duplicates.model import Model, Patterns, ceiling, fit
from customers.duplicates.records import Given, Records, read_all

CERTAIN, LIKELY, POSSIBLE = 0.99, 0.9, 0.5
BATCH = 200_000
STRANGERS = 200_000
LEARN_FROM = 100_000  # records whose pairs teach; of more, a part of the pairs
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Found:
    """A pair of places in what was given, how probable it is that both are one customer, and why."""

    left: int
    right: int
    chance: float
    reasons: dict[str, str]

    @property
    def level(self) -> str:
        return level_of(self.chance)


def level_of(chance: float) -> str:
    return "certain" if chance >= CERTAIN else "likely" if chance >= LIKELY else "possible"


def find(records: Iterable[tuple[bool, Given]], progress: Progress = lambda share: None) -> list[Found]:
    """All pairs at least as probable as ``POSSIBLE``, the most probable first."""
    persons, companies = read_all(records)
    found = []
    for group, fields, compare in (
        (persons, PERSON, compare_persons),
        (companies, COMPANY, compare_companies),
    ):
        found += list(_Search(group, fields, compare).run())
    return sorted(found, key=lambda pair: (-pair.chance, pair.left, pair.right))


class _Search:
    def __init__(
        self, records: Records, fields: tuple[Field, ...], compare: Callable[[Pairs], Agreement]
    ) -> None:
        self.records, self.fields, self.compare = records, fields, compare

    def run(self) -> Iterator[Found]:
        if len(self.records) < 2:
            return
        self.model = self.learn()
        for left, right in self.batches():
            yield from self.judge(left, right)

    def learn(self) -> Model:
        seen, strangers = Patterns(self.fields), Patterns(self.fields)
        part = -(-len(self.records) // LEARN_FROM)
        for left, right in self.batches(part):
            seen.add(self.compare(Pairs(self.records, left, right)), each=part)
        for left, right in self.random_pairs():
            strangers.add(self.compare(Pairs(self.records, left, right)))
        return fit(self.fields, len(self.records), seen, strangers)

    def random_pairs(self) -> Iterator[tuple[Ints, Ints]]:
        chance = np.random.default_rng(20)
        size = len(self.records)
        wanted = min(STRANGERS, size * (size - 1))
        for _start in range(0, wanted, BATCH):
            left = chance.integers(0, size, min(BATCH, wanted))
            right = (left + chance.integers(1, size, len(left))) % size
            yield left, right

    def batches(self, part: int = 1) -> Iterator[tuple[Ints, Ints]]:
        """Candidates in batches of about ``BATCH``; of ``part`` parts, one."""
        lefts: list[Ints] = []
        rights: list[Ints] = []
        for left, right in candidates(self.records):
            if part > 1:
                mine = (left * 7919 + right) % part == 0
                left, right = left[mine], right[mine]
            lefts.append(left)
            rights.append(right)
            if sum(map(len, lefts)) >= BATCH:
                yield np.concatenate(lefts), np.concatenate(rights)
                lefts, rights = [], []
        if lefts:
            yield np.concatenate(lefts), np.concatenate(rights)

    def judge(self, left: Ints, right: Ints) -> Iterator[Found]:
        agreement = self.compare(Pairs(self.records, left, right))
        levels = agreement.levels.T.astype(np.int64)
        chance = self.model.chance(levels, agreement.rarity.astype(np.float64))
        chance = np.minimum(chance, ceiling(self.fields, levels))
        for at in np.flatnonzero(chance >= POSSIBLE):
            reasons = {
                field.name: field.levels[level - 1].name
                for field, level in zip(self.fields, levels[at].tolist(), strict=True)
                if level
            }
            yield Found(
                int(self.records.rows[left[at]]),
                int(self.records.rows[right[at]]),
                float(chance[at]),
                reasons,
            )
