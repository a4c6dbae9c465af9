"""Columns of text that a million records fit into: the letters in one run of bytes, equality by hash."""

from __future__ import annotations

from array import array
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
UNPACKED = (
    300_000  # records up to which texts are kept ready; beyond it they are read out of the bytes each time
)


def digest(text: str) -> int:
    """Sixty-four bits that stand for a text in this process; 0 stands for nothing."""
    return hash(text) or 1 if text else 0


class Filling:
    """A column while it is filled."""

    def __init__(self, *, spelled: bool) -> None:
        self.hashes = array("q")
        self._ends = array("q")
        self._letters = bytearray() if spelled else None

    def add(self, text: str) -> None:
        self.hashes.append(digest(text))
        if self._letters is not None:
            self._letters += text.encode()
            self._ends.append(len(self._letters))

    def done(self) -> Column:
        hashes = np.frombuffer(self.hashes, dtype=np.int64).copy() if self.hashes else np.zeros(0, np.int64)
        if self._letters is None:
            return Column(hashes, b"", None)
        ends = np.frombuffer(self._ends, dtype=np.int64).copy() if self._ends else np.zeros(0, np.int64)
        return Column(hashes, bytes(self._letters), ends)


class Column:
    """One text per record: ``hashes`` (0: none given), how many records share it, and, if kept, its letters."""

    def __init__(self, hashes: Ints, letters: bytes, ends: Ints | None) -> None:
        self.hashes = hashes
        self._letters = letters
        self._ends = ends
        self._shares: NDArray[np.int32] | None = None
        self.given = int(np.count_nonzero(hashes))

    @property
    def shares(self) -> NDArray[np.int32]:
        """For each record how many records have its text."""
        if self._shares is None:
            _values, at, counts = np.unique(self.hashes, return_inverse=True, return_counts=True)
            self._shares = counts[at].astype(np.int32)
        return self._shares

    @cached_property
    def lengths(self) -> NDArray[np.int32]:
        """Bytes of each text."""
        assert self._ends is not None
        return np.diff(self._ends, prepend=0).astype(np.int32)

    def texts(self, at: Ints) -> list[str]:
        if len(self.hashes) <= UNPACKED:
            return self._ready[at].tolist()
        return self._read(at)

    @cached_property
    def _ready(self) -> NDArray[np.object_]:
        return np.array(self._read(np.arange(len(self.hashes))), dtype=object)

    def _read(self, at: Ints) -> list[str]:
        assert self._ends is not None
        ends = self._ends
        starts = np.where(at > 0, ends[at - 1], 0).tolist()
        letters = self._letters
        return [letters[a:b].decode() for a, b in zip(starts, ends[at].tolist(), strict=True)]

    def equal(self, left: Ints, right: Ints) -> NDArray[np.bool_]:
        """Where both have the same text; nothing equals nothing."""
        mine = self.hashes[left]
        return (mine == self.hashes[right]) & (mine != 0)

    def both(self, left: Ints, right: Ints) -> NDArray[np.bool_]:
        return (self.hashes[left] != 0) & (self.hashes[right] != 0)
