"""From records to pairs: read, block, learn, score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from customers.duplicates.blocking import Batch, candidates
from customers.duplicates.columns import Ints
from customers.duplicates.comparing import Agreement, Pairs, compare_companies, compare_persons
from customers.duplicates.fields import COMPANY, PERSON, Field
from customers.duplicates.model import Floats, Model, Patterns, ceiling, fit
from customers.duplicates.records import Given, Records, read_all

CERTAIN, LIKELY, POSSIBLE = 0.99, 0.9, 0.5
BATCH = 200_000
USUAL = 5_000  # records of a company nothing is known of
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
    """All pairs at least as probable as ``POSSIBLE``, the most probable first. The flag tells a person."""
    return search(read_all(records), progress)


def search(read: tuple[Records, Records], progress: Progress = lambda share: None) -> list[Found]:
    """The same of persons and companies that were read before; ``progress`` hears which share is done."""
    size = sum(map(len, read)) or 1
    found: list[Found] = []
    done = 0.0
    for group, fields, compare in zip(
        read, (PERSON, COMPANY), (compare_persons, compare_companies), strict=True
    ):
        part = len(group) / size
        found += _Search(group, fields, compare, _within(progress, done, part)).run()
        done += part
    return sorted(found, key=lambda pair: (-pair.chance, pair.left, pair.right))


def _within(progress: Progress, start: float, part: float) -> Progress:
    return lambda share: progress(start + part * share)


class _Search:
    def __init__(
        self,
        records: Records,
        fields: tuple[Field, ...],
        compare: Callable[[Pairs], Agreement],
        progress: Progress,
    ) -> None:
        self.records, self.fields, self.compare, self.progress = records, fields, compare, progress

    def run(self) -> list[Found]:
        if len(self.records) < 2:
            return []
        part = -(-len(self.records) // LEARN_FROM)
        teaching = 1 / (part + 1)
        self.model = self.learn(part, _within(self.progress, 0, teaching))
        judging = self.batches(1, _within(self.progress, teaching, 1 - teaching))
        return [pair for left, right in judging for pair in self.judge(left, right)]

    def learn(self, part: int, tell: Progress) -> Model:
        """Fit to all candidates, or of many records to one part of them, and to pairs of strangers."""
        seen, strangers = Patterns(self.fields), Patterns(self.fields)
        for left, right in self.batches(part, tell):
            seen.add(self.compare(Pairs(self.records, left, right)), each=part)
        for left, right in self.random_pairs():
            strangers.add(self.compare(Pairs(self.records, left, right)))
        return fit(self.fields, len(self.records), seen, strangers)

    def random_pairs(self) -> Iterator[Batch]:
        chance = np.random.default_rng(20)
        size = len(self.records)
        wanted = min(STRANGERS, size * (size - 1))
        for _start in range(0, wanted, BATCH):
            left = chance.integers(0, size, min(BATCH, wanted))
            right = (left + chance.integers(1, size, len(left))) % size
            yield left, right

    def batches(self, part: int, tell: Progress) -> Iterator[Batch]:
        """Candidates in batches of about ``BATCH``; of ``part`` parts, one."""
        lefts: list[Ints] = []
        rights: list[Ints] = []
        for left, right in candidates(self.records, tell):
            mine = (left * 7919 + right) % part == 0
            lefts.append(left[mine])
            rights.append(right[mine])
            if sum(map(len, lefts)) >= BATCH:
                yield np.concatenate(lefts), np.concatenate(rights)
                lefts, rights = [], []
        if lefts:
            yield np.concatenate(lefts), np.concatenate(rights)

    def judge(self, left: Ints, right: Ints) -> Iterator[Found]:
        agreement = self.compare(Pairs(self.records, left, right))
        chances = self.chances(agreement)
        rows = self.records.rows
        for at in np.flatnonzero(chances >= POSSIBLE):
            reasons = self.reasons(agreement, int(at))
            yield Found(int(rows[left[at]]), int(rows[right[at]]), float(chances[at]), reasons)

    def chances(self, agreement: Agreement) -> Floats:
        levels = agreement.levels.T.astype(np.int64)
        found = self.model.chance(levels, agreement.rarity.astype(np.float64))
        return np.minimum(found, ceiling(self.fields, levels))

    def reasons(self, agreement: Agreement, at: int) -> dict[str, str]:
        """What is given on both sides, by field."""
        levels = agreement.levels[:, at].tolist()
        return {
            field.name: field.levels[level - 1].name
            for field, level in zip(self.fields, levels, strict=True)
            if level
        }


def compare_with(
    personal: bool, entered: Given, others: Sequence[Given]
) -> list[tuple[float, dict[str, str]]]:
    """How probable it is that ``entered`` is each of ``others``, and why, by what is believed before any data.

    Rarity is unknown here: every value that is shared counts as one that nobody else has.
    """
    group = read_all((personal, one) for one in (entered, *others))[0 if personal else 1]
    fields, compare = (PERSON, compare_persons) if personal else (COMPANY, compare_companies)
    search = _Search(group, fields, compare, lambda share: None)
    search.model = Model.believed(fields, USUAL)
    right = np.arange(1, len(group))
    agreement = compare(Pairs(group, np.zeros_like(right), right))
    chances = search.chances(agreement)
    return [(float(chance), search.reasons(agreement, at)) for at, chance in enumerate(chances)]
