"""Charts on Insight: each app plugs its own in from its ``charts.py``; each asks one question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from crm.kpis import Period
from crm.models import Tenant


@dataclass(frozen=True)
class Answer:
    """``spec`` is what ``ui/chart.html`` draws; ``sentence`` says it in words; ``url`` opens the list behind it."""

    spec: dict[str, Any]
    sentence: str
    url: str = ""


@dataclass(frozen=True)
class Question:
    key: str
    title: str | Promise
    answer: Callable[[Period, Tenant], Answer | None]
    order: int = 100


_questions: dict[str, Question] = {}


def register(question: Question) -> Question:
    if _questions.setdefault(question.key, question) != question:
        raise ValueError(f"chart {question.key!r} is registered twice")
    return question


def discover() -> None:
    autodiscover_modules("charts")


def all_charts(period: Period, tenant: Tenant) -> list[tuple[Question, Answer]]:
    """Every question that has something to answer in this period."""
    found = []
    for question in sorted(_questions.values(), key=lambda question: (question.order, question.key)):
        answer = question.answer(period, tenant)
        if answer is not None:
            found.append((question, answer))
    return found
