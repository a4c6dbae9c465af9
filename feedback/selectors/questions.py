"""What a survey asks, and what it asked before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm.models import AuditEntry
from feedback.models import Survey, SurveyQuestion


@dataclass(frozen=True)
class Question:
    """A question to be; the list's order is the survey's."""

    kind: str
    text: str
    indicator: str = ""
    required: bool = False

    def __str__(self) -> str:
        words = [str(SurveyQuestion.Kind(self.kind).label)]
        words += [str(SurveyQuestion.Indicator(self.indicator).label)] if self.indicator else []
        words += [_("must be answered")] if self.required else []
        return f"{self.text} ({_(', ').join(words)})"


def questions_of(survey: Survey) -> list[Question]:
    """What it asks now."""
    return [Question(one.kind, one.text, one.indicator, one.required) for one in survey.questions.all()]


def questions_at(survey: Survey, version: int) -> list[Question]:
    """What it asked at a version: what the first saving since that changed it took away.

    Each saving raises the version by one, and replaces all questions where one is another.
    """
    since = AuditEntry.objects.about(survey).filter(kind=AuditEntry.Kind.UPDATE, before__version__gte=version)
    requests = list(since.order_by("before__version").values_list("request_id", flat=True))
    changes = list(
        AuditEntry.objects.filter(
            request_id__in=requests, subject_type=SurveyQuestion._meta.label_lower
        ).values_list("request_id", "kind", "before", "after")
    )
    for request_id in requests:
        mine = [change for change in changes if change[0] == request_id and _of(survey, *change[2:])]
        if mine:
            return _in_order(before for _id, kind, before, _after in mine if kind == AuditEntry.Kind.DELETE)
    return questions_of(survey)


def _of(survey: Survey, before: dict[str, Any] | None, after: dict[str, Any] | None) -> bool:
    return ((before or after or {}).get("survey_id")) == str(survey.pk)


def _in_order(rows: Any) -> list[Question]:
    found = sorted((row for row in rows if row), key=lambda row: row["position"])
    return [Question(row["kind"], row["text"], row["indicator"], row["required"]) for row in found]
