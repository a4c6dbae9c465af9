"""Which pairs are worth comparing: those that share a key, and neighbours in the order of names.

A key that too many records share gives only neighbours within it, so the number of pairs grows with the
number of records, not with its square.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from customers.duplicates.columns import Ints
from customers.duplicates.records import Records

Batch = tuple[Ints, Ints]
MOST = 40  # records that share a key and are all compared with each other
WINDOW = 6  # neighbours compared where more share it, and among all


class _Block:
    """Records sorted by one key; remembers which pairs it gives, so that no later key gives them again."""

    def __init__(self, key: Ints, order: Ints) -> None:
        sorted_rows = np.lexsort((order, key))
        sorted_rows = sorted_rows[key[sorted_rows] != 0]
        self.key = key
        self.rows = sorted_rows
        self.place = np.full(len(key), -1, np.int32)
        self.place[sorted_rows] = np.arange(len(sorted_rows), dtype=np.int32)
        keys = key[sorted_rows]
        starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
        sizes = np.diff(np.r_[starts, len(keys)])
        self.crowded = np.zeros(len(key), bool)
        self.crowded[sorted_rows] = np.repeat(sizes > MOST, sizes)
        self.largest = int(sizes.max(initial=0))

    def pairs(self) -> Iterator[Batch]:
        for step in range(1, min(self.largest, MOST)):
            left, right = self.rows[:-step], self.rows[step:]
            same = self.key[left] == self.key[right]
            if step > WINDOW:
                same &= ~self.crowded[left]
            if not same.any():
                return
            yield left[same], right[same]

    def gave(self, left: Ints, right: Ints) -> NDArray[np.bool_]:
        same = (self.key[left] == self.key[right]) & (self.key[left] != 0)
        near = np.abs(self.place[left] - self.place[right]) <= WINDOW
        return same & (near | ~self.crowded[left])


def candidates(records: Records, tell: Callable[[float], None] = lambda share: None) -> Iterator[Batch]:
    """Every pair once, the smaller place first, in arrays of at most as many as there are records.

    ``tell`` hears which share of the keys is done, before each array, too: whoever listens may stop the search there.
    """
    blocks: list[_Block] = []
    everybody = np.ones(len(records), np.int64)
    keys = [*records.keys.values(), everybody]
    for at, key in enumerate(keys):
        tell(at / len(keys))
        block = _Block(key, records.order)
        for one, other in block.pairs():
            tell(at / len(keys))
            left, right = np.minimum(one, other), np.maximum(one, other)
            fresh = np.ones(len(left), bool)
            for earlier in blocks:
                fresh[fresh] = ~earlier.gave(left[fresh], right[fresh])
            if fresh.any():
                yield left[fresh], right[fresh]
        blocks.append(block)
