"""Believable companies to look at: each app plugs the making of its own rows in from its ``demo.py``.

What classes, scores and plans decide is not made up here: they decide it themselves afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.module_loading import autodiscover_modules

from crm.models import Member, Tenant


@dataclass
class Scene:
    """One company's two years up to ``at``. The first maker fills ``customers`` (its own light records)."""

    tenant: Tenant
    size: int
    seed: int
    at: datetime
    locale: str
    members: list[Member]
    customers: list[Any] = field(default_factory=list)

    def generator(self, name: str) -> np.random.Generator:
        """A source of chance of one's own: the same seed gives the same, whatever others draw."""
        return np.random.default_rng([self.seed, *name.encode()])

    @property
    def chinese(self) -> bool:
        return self.locale.startswith("zh")


Maker = Callable[[Scene], dict[str, int]]
_makers: dict[str, tuple[int, Maker]] = {}


def register(name: str, maker: Maker, *, order: int) -> None:
    """``maker(scene)`` makes its app's rows and counts them; customers 10, feedback 20, later apps after."""
    _makers[name] = (order, maker)


def discover() -> None:
    autodiscover_modules("demo")


def play(scene: Scene) -> dict[str, int]:
    """Let every app make its rows, in the open context of the scene's company."""
    discover()
    made: dict[str, int] = {}
    for _order, maker in sorted(_makers.values(), key=lambda pair: pair[0]):
        made |= maker(scene)
    return made
