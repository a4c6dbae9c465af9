"""From records to pairs: read, block, learn, score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customers.duplicates.blocking import Batch, candidates
from customers.duplicates.columns import Ints
from customers.duplicates.comparing import Agreement, Pairs, compare_companies, compare_persons
from customers.duplicates.fields import COMPANY, PERSON, Field
from customers.duplicates.model import (
    CEILING_FAMILY,
    CEILING_KEYED,
    CEILING_KEYED_TWICE,
    Floats,
    Model,
    Patterns,
    ceiling,
    fit,
)
from customers.duplicates.records import Given, Records, read_all

CERTAIN, LIKELY, POSSIBLE = 0.99, 0.9, 0.5
BATCH = 200_000
USUAL = 5_000  # records of a company nothing is known of
# How often whoever enters the whole name, address or number of a customer means one who has it. A household shares
# its address, a company its switchboard.
KEYED = {"name": 0.95, "email": 0.9, "phone": 0.8}
_PARTS = ("given", "family")
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
    personal: bool, entered: Given, others: Sequence[Given], shared: Sequence[Mapping[str, int]] = ()
) -> list[tuple[float, dict[str, str]]]:
    """How probable it is that ``entered`` is each of ``others``, and why, by what is believed before any data.

    Rarity is unknown here: every value that is shared counts as one that nobody else has. ``shared`` says of each
    of the others which of ``KEYED`` it has exactly as entered, and how many customers have it so.
    """
    search, agreement = _compared(personal, entered, others)
    chances = search.chances(agreement)
    alone = np.array([len(one) < 2 for one in shared], bool)
    for key in KEYED:
        having = np.array([one.get(key, 0) for one in shared], np.float64)
        if having.any():
            chances = np.maximum(chances, _by_key(key, having, alone, personal, entered, others))
    chances = np.minimum(chances, ceiling(search.fields, agreement.levels.T.astype(np.int64)))
    return [(float(chance), search.reasons(agreement, at)) for at, chance in enumerate(chances)]


def _compared(personal: bool, entered: Given, others: Sequence[Given]) -> tuple[_Search, Agreement]:
    group = read_all((personal, one) for one in (entered, *others))[0 if personal else 1]
    fields, compare = (PERSON, compare_persons) if personal else (COMPANY, compare_companies)
    search = _Search(group, fields, compare, lambda share: None)
    search.model = Model.believed(fields, USUAL)
    right = np.arange(1, len(group))
    return search, compare(Pairs(group, np.zeros_like(right), right))


def _by_key(
    key: str,
    having: Floats,
    alone: NDArray[np.bool_],
    personal: bool,
    entered: Given,
    others: Sequence[Given],
) -> Floats:
    """The same where the key is known to be equal: all who have it share its chance, all else speaks for or against.

    Never certain where it is ``alone``: none of them belongs to one party only, but two of them do.
    """
    emptied: dict[str, Any] = {key: ""}
    rest = [one._replace(**emptied) for one in (entered, *others)]
    search, agreement = _compared(personal, rest[0], rest[1:])
    levels = agreement.levels.T.astype(np.int64)
    most = np.where(alone, CEILING_KEYED, CEILING_KEYED_TWICE)
    if personal:  # of one household; its family name says nothing more
        (given, part), (family, _part) = ((at, one) for at, one in enumerate(PERSON) if one.name in _PARTS)
        strange = levels[:, given] == part.level("other")
        most[strange] = CEILING_FAMILY
        levels[strange & (levels[:, family] == part.level("other")), family] = 0
    # Half is odds of one to one: what is left is what the other fields say.
    said = replace(search.model, odds=0.5).log_odds(levels, agreement.rarity.astype(np.float64))
    share = KEYED[key] / np.maximum(having, 1)
    odds = np.exp(np.clip(np.log(share) - np.log1p(-share) + said, -50, 50))
    return np.where(having > 0, np.minimum(odds / (1 + odds), most), 0.0)
