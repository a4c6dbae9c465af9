"""What surveys brought: figures with their intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, OuterRef, Q, QuerySet, StdDev, Subquery
from django.db.models.functions import Coalesce

from feedback.models import Survey, SurveyAnswer, SurveyInvitation, SurveyQuestion, SurveyResponse

SMALLEST_GROUP = 5
Z95 = 1.96


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95 % interval; ``None`` where fewer than five answered."""

    value: float
    low: float
    high: float
    n: int


def mean_estimate(mean: float | None, deviation: float | None, n: int) -> Estimate | None:
    """Normal interval of a mean: ± 1.96 s / √n (s the sample's standard deviation)."""
    if mean is None or n < SMALLEST_GROUP:
        return None
    half = Z95 * (deviation or 0.0) / math.sqrt(n)
    return Estimate(mean, mean - half, mean + half, n)


def nps_estimate(promoters: int, detractors: int, n: int) -> Estimate | None:
    """NPS = 100 (share of 9–10 less share of 0–6); the variance is that of a difference of two shares."""
    if n < SMALLEST_GROUP:
        return None
    p, d = promoters / n, detractors / n
    half = 100 * Z95 * math.sqrt(max(p + d - (p - d) ** 2, 0) / n)
    value = 100 * (p - d)
    return Estimate(value, max(value - half, -100), min(value + half, 100), n)


@dataclass(frozen=True)
class QuestionResult:
    question: SurveyQuestion
    estimate: Estimate | None
    counts: Sequence[tuple[int, int]]
    texts: Sequence[SurveyAnswer]


@dataclass(frozen=True)
class SurveyResult:
    """How a survey stands: invited, opened, answered; each question's figures."""

    invited: int
    opened: int
    answered: int
    nps: Estimate | None
    csat: Estimate | None
    questions: Sequence[QuestionResult]

    @property
    def rate(self) -> float | None:
        return self.answered / self.invited if self.invited else None


def with_counts(surveys: QuerySet[Survey]) -> QuerySet[Any]:
    """Surveys with how many were ``invited`` and how many ``answered``, each counted by itself."""
    return surveys.annotate(invited=_count(SurveyInvitation), answered=_count(SurveyResponse))


def _count(model: type[SurveyInvitation] | type[SurveyResponse]) -> Coalesce:
    rows = model.objects.filter(survey=OuterRef("pk")).order_by().values("survey")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def results_of(survey: Survey) -> SurveyResult:
    """Five queries whatever the number of answers."""
    sent = SurveyInvitation.objects.filter(survey=survey).aggregate(
        invited=Count("pk"), opened=Count("opened_at"), answered=Count("answered_at")
    )
    figures = SurveyResponse.objects.filter(survey=survey).aggregate(
        promoters=Count("pk", filter=Q(nps__gte=9)),
        detractors=Count("pk", filter=Q(nps__lte=6)),
        rated=Count("nps"),
        mean=Avg("csat"),
        spread=StdDev("csat", sample=True),
        scored=Count("csat"),
    )
    scores: dict[Any, dict[int, int]] = {}
    answers = SurveyAnswer.objects.filter(question__survey=survey)
    counted = answers.exclude(score=None).values_list("question", "score").annotate(n=Count("pk")).order_by()
    for question, score, n in counted:
        scores.setdefault(question, {})[score] = n
    texts: dict[Any, list[SurveyAnswer]] = {}
    newest = (
        answers.exclude(text="").select_related("response__customer").order_by("-response__answered_at")[:60]
    )
    for answer in newest:
        texts.setdefault(answer.question_id, []).append(answer)
    questions = [
        QuestionResult(q, _estimate(q, counts), counts, texts.get(q.pk, [])[:20])
        for q in survey.questions.all()
        for counts in [_by_score(q, scores.get(q.pk, {}))]
    ]
    return SurveyResult(
        **sent,
        nps=nps_estimate(figures["promoters"], figures["detractors"], figures["rated"]),
        csat=mean_estimate(figures["mean"], figures["spread"], figures["scored"]),
        questions=questions,
    )


def _by_score(question: SurveyQuestion, found: Mapping[int, int]) -> list[tuple[int, int]]:
    """How many gave each score, 0 where nobody did; nothing before the first answer."""
    return [(score, found.get(score, 0)) for score in question.scores] if found else []


def _estimate(question: SurveyQuestion, counts: Sequence[tuple[int, int]]) -> Estimate | None:
    n = sum(count for _score, count in counts)
    if question.kind == SurveyQuestion.Kind.NPS:
        promoters = sum(count for score, count in counts if score >= 9)
        return nps_estimate(promoters, sum(count for score, count in counts if score <= 6), n)
    if not n:
        return None
    mean = sum(score * count for score, count in counts) / n
    variance = sum(count * (score - mean) ** 2 for score, count in counts) / max(n - 1, 1)
    return mean_estimate(mean, math.sqrt(variance), n)
