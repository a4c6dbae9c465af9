"""A figure and the floor it is compared with."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """``value`` and ``floor`` are in ``unit``; ``n`` is how many requests, rows or customers it comes from."""

    name: str
    value: float
    unit: str
    floor: float
    n: int

    def line(self) -> str:
        """One JSON object; ``ratio`` is value by floor."""
        found: dict[str, Any] = asdict(self)
        found["value"], found["floor"] = round(self.value, 3), round(self.floor, 3)
        found["ratio"] = round(self.value / self.floor, 3)
        return json.dumps({key: found[key] for key in ("name", "value", "unit", "floor", "ratio", "n")})


Measure = Callable[[], Figure]


def p95(values: Sequence[float]) -> float:
    """The smallest value that at least 95 of 100 do not exceed."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
