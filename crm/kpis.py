"""Figures that steer: each app plugs its own in from its ``kpis.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

Text = str | Promise


@dataclass(frozen=True)
class Period:
    """Calendar days of the company, both included."""

    start: date
    end: date


@dataclass(frozen=True)
class Value:
    """A figure and what it rests on: ``n`` cases. ``number`` is a share 0–1, minor units, hours or a count."""

    number: float
    n: int


@dataclass(frozen=True)
class Kpi:
    """``compute`` gives ``None`` where there is nothing to measure. ``url`` opens the list behind it."""

    key: str
    label: Text
    question: Text
    compute: Callable[[Period], Value | None]
    unit: Literal["share", "money", "hours", "count", "score"] = "share"
    better: Literal["up", "down"] = "up"
    url: str = ""
    order: int = 100


_kpis: dict[str, Kpi] = {}


def register(kpi: Kpi) -> Kpi:
    if _kpis.setdefault(kpi.key, kpi) != kpi:
        raise ValueError(f"KPI {kpi.key!r} is registered twice")
    return kpi


def discover() -> None:
    autodiscover_modules("kpis")


def all_kpis() -> list[Kpi]:
    return sorted(_kpis.values(), key=lambda kpi: (kpi.order, kpi.key))


def get(key: str) -> Kpi | None:
    return _kpis.get(key)
