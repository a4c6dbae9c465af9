"""What is done on time for a company: each app plugs its own in from its ``work.py``.

``manage.py work`` and the worker run the same registry. Due work is found by comparing moments with
``at``, never by a timer's memory: running late, twice or in two places changes only the delay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True)
class Outcome:
    """How many things were done, and when the next falls due (``None``: nothing is foreseen)."""

    done: int
    next_at: datetime | None = None


@dataclass(frozen=True)
class Work:
    """``run(at)`` does everything of its kind that is due at ``at``, in the caller's transaction.

    ``order`` puts what others build on first: stats 10, stages and classes 20, scores 30, follow-ups
    from plans 40, reminders 50, surveys 60, clocks 70, seals 90; deliveries go last by themselves.
    What is ``nightly`` runs once on each of the company's own calendar days, what is not at every round.
    """

    key: str
    order: int
    run: Callable[[datetime], Outcome]
    nightly: bool = False


_works: dict[str, Work] = {}


def register(work: Work) -> Work:
    if _works.setdefault(work.key, work) != work:
        raise ValueError(f"work {work.key!r} is registered twice")
    return work


def discover() -> None:
    autodiscover_modules("work")


def all_work() -> list[Work]:
    return sorted(_works.values(), key=lambda work: (work.order, work.key))
