"""How two records agree, field by field, for many pairs at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler, Prefix
from rapidfuzz.process import cpdist

from customers.duplicates.columns import Column, Ints
from customers.duplicates.fields import COMPANY, PERSON, Field
from customers.duplicates.records import Records

Levels = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]
CORES = 2
PRIOR_RECORDS = 100


@dataclass
class Agreement:
    """``levels`` has a row for each field; ``rarity`` the natural logarithm of 1 / share of the shared values."""

    levels: NDArray[np.uint8]
    rarity: NDArray[np.float32]


class Pairs:
    """A batch of pairs of records, with what several fields ask of them."""

    def __init__(self, records: Records, left: Ints, right: Ints) -> None:
        self.records, self.left, self.right = records, left, right

    def __len__(self) -> int:
        return len(self.left)

    def equal(self, name: str, other: str = "") -> Flags:
        mine, theirs = self.records[name].hashes[self.left], self.records[other or name].hashes[self.right]
        return (mine == theirs) & (mine != 0)

    def both(self, name: str) -> Flags:
        return self.records[name].both(self.left, self.right)

    def unlike(self, name: str) -> Flags:
        """Where the texts differ, also when one of them is empty."""
        column = self.records[name].hashes
        return column[self.left] != column[self.right]

    def alike(self, name: str, scorer: Callable[..., float], among: Flags, other: str = "") -> Floats:
        """The scorer's answer where ``among`` says so, 0 elsewhere."""
        found = np.zeros(len(self), np.float32)
        at = np.flatnonzero(among)
        if len(at):
            one = self.records[name].texts(self.left[at])
            two = self.records[other or name].texts(self.right[at])
            found[at] = cpdist(one, two, scorer=scorer, workers=CORES, dtype=np.float32)
        return found

    def rarity(self, name: str, field: Field, *, lone: bool = False) -> Floats:
        """log(1 / share) of the left record's value among all others; rare where nobody else has it."""
        column: Column = self.records[name]
        others = column.shares[self.left].astype(np.float32) - (1 if lone else 2)
        shares = (np.maximum(others, 0) + field.rarity) / (column.given + PRIOR_RECORDS)
        return -np.log(shares).astype(np.float32)


def compare_persons(pairs: Pairs) -> Agreement:
    found = _Table(PERSON, len(pairs))
    _names(pairs, found)
    _reach(pairs, found)
    _birthdays(pairs, found)
    both = pairs.both("gender")
    found.set("gender", "other", both)
    found.set("gender", "same", pairs.equal("gender"))
    _places(pairs, found)
    return found.done()


def compare_companies(pairs: Pairs) -> Agreement:
    found = _Table(COMPANY, len(pairs))
    _company_names(pairs, found)
    _reach(pairs, found)
    found.set("site", "other", pairs.both("site"))
    found.set_shared("site", "same", pairs.equal("site"), pairs, "site")
    _places(pairs, found)
    return found.done()


class _Table:
    def __init__(self, fields: tuple[Field, ...], size: int) -> None:
        self.fields = {field.name: (at, field) for at, field in enumerate(fields)}
        self.levels = np.zeros((len(fields), size), np.uint8)
        self.rarities = np.zeros((len(fields), size), np.float32)

    def set(self, name: str, level: str, where: Flags) -> None:
        at, field = self.fields[name]
        self.levels[at][where] = field.level(level)
        self.rarities[at][where] = 0

    def set_shared(
        self, name: str, level: str, where: Flags, pairs: Pairs, column: str, *, lone: bool = False
    ) -> None:
        """A level that weighs by how rare the value in ``column`` is."""
        at, field = self.fields[name]
        if where.any():
            self.levels[at][where] = field.level(level)
            some = Pairs(pairs.records, pairs.left[where], pairs.right[where])
            self.rarities[at][where] = some.rarity(column, field, lone=lone)

    def done(self) -> Agreement:
        return Agreement(self.levels, self.rarities.sum(axis=0))


def _names(pairs: Pairs, found: _Table) -> None:
    """Given and family name, straight or swapped, whichever agrees more."""
    sides = {side: _parts(pairs, swapped=side) for side in (False, True)}
    swap = sum(part for part in sides[True]) > sum(part for part in sides[False]) + 0.05
    straight = Pairs(pairs.records, pairs.left[~swap], pairs.right[~swap])
    across = Pairs(pairs.records, pairs.left[swap], pairs.right[swap])
    for name, other in (("given", "family"), ("family", "given")):
        for part, where, theirs in ((straight, ~swap, name), (across, swap, other)):
            at, field = found.fields[name]
            levels, rarities = _part_levels(part, name, theirs, field)
            found.levels[at][where] = levels
            found.rarities[at][where] = rarities
    _mend_torn(pairs, found)


def _parts(pairs: Pairs, *, swapped: bool) -> tuple[Floats, Floats]:
    found = []
    for name, other in (("given", "family"), ("family", "given")):
        theirs = other if swapped else name
        column, against = f"{name}_sound", f"{theirs}_sound"
        same = pairs.equal(column, against)
        both = (pairs.records[column].hashes[pairs.left] != 0) & (
            pairs.records[against].hashes[pairs.right] != 0
        )
        score = pairs.alike(column, JaroWinkler.similarity, both & ~same, against)
        score[same] = 1
        found.append(score)
    return found[0], found[1]


def _part_levels(pairs: Pairs, name: str, theirs: str, field: Field) -> tuple[Levels, Floats]:
    """One part of the name. A homophone weighs by its sound's rarity, the same writing by its own."""
    levels, rarities = np.zeros(len(pairs), np.uint8), np.zeros(len(pairs), np.float32)
    column, against = f"{name}_sound", f"{theirs}_sound"
    mine = pairs.records[column].hashes[pairs.left]
    other = pairs.records[against].hashes[pairs.right]
    both = (mine != 0) & (other != 0)
    heard = both & (mine == other)
    written = heard & pairs.equal(name, theirs)
    rest = both & ~heard
    score = pairs.alike(column, JaroWinkler.similarity, rest, against)
    edits = pairs.alike(column, OSA.distance, rest & (score > 0.6), against)
    short = _begins(pairs, column, against, rest & (score > 0.7))
    levels[both] = field.level("other")
    for level, where in (
        ("like", rest & (score >= 0.75)),
        ("near", rest & ((score >= 0.86) | ((edits == 2) & (score > 0.8)))),
        ("short", short),
        ("close", rest & ((score >= 0.93) | ((edits == 1) & (score > 0.6) & _long(pairs, column, against)))),
        ("sounds", heard),
        ("same", written),
    ):
        levels[where] = field.level(level)
    # What is written in Latin letters may stand for any signs that sound so.
    latin = pairs.records[name].hashes[pairs.left] == mine
    for where, kind in ((heard, column), (written & ~latin, name)):
        if where.any():
            some = Pairs(pairs.records, pairs.left[where], pairs.right[where])
            rarities[where] = some.rarity(kind, field)
    return levels, rarities


def _begins(pairs: Pairs, column: str, against: str, among: Flags) -> Flags:
    """Where the shorter is an initial or a beginning of the longer."""
    shorter = np.minimum(
        pairs.records[column].lengths[pairs.left], pairs.records[against].lengths[pairs.right]
    )
    return among & (pairs.alike(column, Prefix.similarity, among, against) == shorter)


def _long(pairs: Pairs, column: str, against: str) -> Flags:
    """Where one letter more or less is a slip, not another syllable."""
    lengths = pairs.records[column].lengths[pairs.left], pairs.records[against].lengths[pairs.right]
    return np.minimum(*lengths) >= 4


def _mend_torn(pairs: Pairs, found: _Table) -> None:
    """A name torn by a space, or parted elsewhere, is close when its letters in a row are."""
    at_given, part = found.fields["given"]
    at_family, _part = found.fields["family"]
    far = part.level("near")
    bad = (found.levels[at_given] >= far) | (found.levels[at_family] >= far)
    whole = pairs.alike("whole", fuzz.ratio, bad & pairs.both("whole"))
    torn = bad & (whole >= 90)
    for name in ("given", "family"):
        at, _field = found.fields[name]
        found.set(name, "close", torn & (found.levels[at] >= far))
    mixed = bad & pairs.equal("bag")
    found.set("family", "same", mixed)
    found.set_shared("given", "same", mixed, pairs, "bag")
    found.set("given", "other", pairs.unlike("figures") & pairs.both("whole"))


def _reach(pairs: Pairs, found: _Table) -> None:
    both = pairs.both("email")
    found.set("email", "other", both)
    same = pairs.equal("email")
    found.set_shared("email", "domain", both & pairs.equal("domain"), pairs, "domain")
    found.set("email", "local", both & pairs.equal("local"))
    close = pairs.alike("email", OSA.distance, both & ~same)
    long = pairs.alike("email", fuzz.ratio, both & ~same & (close <= 2))
    slip = both & ~same & (close <= 2) & (long >= 85)
    found.set("email", "near", slip)
    found.set("email", "close", slip & ~pairs.unlike("email_figures"))
    found.set_shared("email", "same", same, pairs, "email")
    both, same = pairs.both("phone"), pairs.equal("phone")
    found.set("phone", "other", both)
    slips = pairs.alike("phone", OSA.distance, both & ~same)
    found.set("phone", "close", both & ~same & (slips <= 1))
    found.set("phone", "end", both & ~same & pairs.equal("phone_end"))
    found.set_shared("phone", "same", same, pairs, "phone")


def _birthdays(pairs: Pairs, found: _Table) -> None:
    one, two = pairs.records.birthday[pairs.left], pairs.records.birthday[pairs.right]
    both, same = (one != 0) & (two != 0), (one == two) & (one != 0)
    unlike = np.zeros(len(pairs), np.int8)
    for place in range(8):
        unlike += one // 10**place % 10 != two // 10**place % 10
    parts = [(one // 10_000, two // 10_000), (one // 100 % 100, two // 100 % 100), (one % 100, two % 100)]
    agree = sum((a == b).astype(np.int8) for a, b in parts)
    crossed = (parts[0][0] == parts[0][1]) & (parts[1][0] == parts[2][1]) & (parts[2][0] == parts[1][1])
    digits = np.sort(np.stack([one // 10**place % 10 for place in range(8)]), axis=0)
    others = np.sort(np.stack([two // 10**place % 10 for place in range(8)]), axis=0)
    turned = (digits == others).all(axis=0) & (unlike == 2)
    found.set("birthday", "other", both)
    found.set("birthday", "near", both & ((agree == 2) | (unlike == 2)))
    found.set("birthday", "slip", both & ((unlike == 1) | turned))
    found.set("birthday", "swapped", both & crossed)
    at, field = found.fields["birthday"]
    if same.any():
        _values, where, counts = np.unique(pairs.records.birthday, return_inverse=True, return_counts=True)
        given = int((pairs.records.birthday != 0).sum())
        others_too = np.maximum(counts[where][pairs.left[same]] - 2, 0)
        found.levels[at][same] = field.level("same")
        found.rarities[at][same] = -np.log((others_too + field.rarity) / (given + PRIOR_RECORDS))


def _places(pairs: Pairs, found: _Table) -> None:
    both, same = pairs.both("address"), pairs.equal("sorted_address")
    rest = both & ~same
    score = np.maximum(
        pairs.alike("address", fuzz.ratio, rest), pairs.alike("sorted_address", fuzz.ratio, rest)
    )
    part = pairs.alike("address", fuzz.token_set_ratio, rest & (score < 80) & (score > 30))
    found.set("address", "other", both)
    found.set("address", "part", rest & (part >= 85))
    found.set("address", "near", rest & (score >= 72))
    found.set("address", "close", rest & (score >= 85))
    found.set_shared("address", "same", same, pairs, "sorted_address")
    both, same = pairs.both("number"), pairs.equal("number")
    slips = pairs.alike("number", OSA.distance, both & ~same)
    found.set("number", "other", both)
    found.set("number", "close", both & ~same & (slips <= 1))
    found.set_shared("number", "same", same, pairs, "number")
    _towns(pairs, found)


def _towns(pairs: Pairs, found: _Table) -> None:
    """Postcode, city and region are one field: they say the same thing three times."""
    cities, codes, regions = pairs.both("city"), pairs.both("postcode"), pairs.both("region")
    city, code = pairs.equal("city"), pairs.equal("postcode")
    near_city = cities & (pairs.alike("city", JaroWinkler.similarity, cities & ~city) >= 0.88)
    near_code = codes & (pairs.alike("postcode", OSA.distance, codes & ~code) <= 1) & ~code
    found.set("place", "other", cities | codes | regions)
    found.set("place", "region", pairs.equal("region"))
    found.set("place", "near", (near_city & ~code) | (near_code & ~city))
    found.set_shared("place", "postcode", code & ~city & ~near_city, pairs, "postcode")
    found.set_shared("place", "city", city & ~code, pairs, "city")
    found.set_shared("place", "city_near_code", (city & near_code), pairs, "city")
    found.set_shared("place", "both", code & (city | near_city), pairs, "postcode")


def _company_names(pairs: Pairs, found: _Table) -> None:
    both, same = pairs.both("core"), pairs.equal("core")
    heard = pairs.equal("core_sound") | pairs.equal("bag")
    apart = pairs.both("place") & ~pairs.equal("place")
    brand = pairs.equal("brand_sound")
    trades = pairs.both("trade") & ~pairs.equal("trade")
    rest = both & ~same & ~heard
    score = pairs.alike("core_sound", fuzz.ratio, rest)
    slips = pairs.alike("core_sound", OSA.distance, rest & (score >= 60))
    found.set("name", "other", both)
    found.set_shared("name", "brand", both & brand & (trades | apart), pairs, "brand_sound")
    close = rest & ((score >= 90) | ((slips == 1) & (score >= 75)))
    found.set("name", "near", rest & (score >= 78))
    found.set("name", "initials", rest & (pairs.equal("initials", "core") | pairs.equal("core", "initials")))
    found.set("name", "close", close & ~apart)
    found.set_shared("name", "short", rest & brand & ~trades & ~apart, pairs, "brand_sound")
    found.set_shared("name", "sounds", heard & ~apart, pairs, "core_sound")
    signs = same & (
        pairs.records["core"].hashes[pairs.left] != pairs.records["core_sound"].hashes[pairs.left]
    )
    found.set_shared("name", "same", same & ~signs & ~apart, pairs, "core_sound")
    found.set_shared("name", "same", signs & ~apart, pairs, "core")
    found.set("name", "other", both & pairs.unlike("figures"))
