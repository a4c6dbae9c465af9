"""What a demo company's customers say: feedback, complaints with their clocks, a survey with answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np

from crm.demo import Scene, register
from crm.people.roles import Role
from crm.tenancy import tokens
from crm.tenancy.bulk import pour
from customers.demo.people import Client, identity, pick
from customers.services import stats
from feedback.demo_words import CHINESE, ENGLISH, Words
from feedback.models import (
    Feedback,
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyQuestion,
    SurveyResponse,
    Ticket,
)
from feedback.services.tickets import next_number

FIRST_RESPONSE = timedelta(hours=24)
CHANNELS = ("phone", "phone", "email", "web", "wechat", "visit")
INVITED, ANSWERED = 0.5, 0.5


def make_feedback(scene: Scene) -> dict[str, int]:
    """Two years of feedback, the complaints among it, and one survey; then each customer's figures."""
    words = CHINESE if scene.chinese else ENGLISH
    said = list(_said(scene, words))
    tickets = list(_tickets(scene, said, words))
    made = {
        "feedback": pour(Feedback, ("id", "customer_id", "contact_id", "channel", "type", "topic", "sentiment",
                         "text", "assigned_to_id", "entered_by_id", "received_at", "handled_at"),
                         (row for _c, row in said)),
        "tickets": pour(Ticket, ("id", "number", "customer_id", "feedback_id", "subject", "description", "urgency",
                        "impact", "priority", "status", "owner_id", "opened_at", "respond_by", "first_responded_at",
                        "resolved_at", "resolution"), tickets),
    }  # fmt: skip
    satisfaction, answers = _survey(scene, words)
    _hand_down(tickets, satisfaction)
    return made | answers


def _said(scene: Scene, words: Words) -> Iterator[tuple[Client, tuple[Any, ...]]]:
    rng = scene.generator("feedback")
    for client in scene.customers:
        end = min(client.gone_at or scene.at, scene.at)
        span = max((end - client.created_at).total_seconds() / 86_400, 0.5)
        for _nth in range(int(rng.poisson(0.7 * span / 365 + 0.05)) if not client.waiting else 0):
            at = end - timedelta(days=float(rng.random() ** 1.5 * span))
            kind = str(rng.choice(("problem", "satisfaction", "suggestion", "need"), p=_leaning(client.mood)))
            sentiment = (
                "negative" if kind == "problem" else "positive" if kind == "satisfaction" else "neutral"
            )
            topic, text = pick(rng, words.said[kind])
            handled = at + timedelta(hours=float(rng.gamma(2, 9)))
            yield client, (
                identity(rng, at), client.id, client.contact_id, pick(rng, CHANNELS), kind, topic, sentiment, text,
                client.owner.pk, client.owner.pk, at, handled if handled < scene.at else None,
            )  # fmt: skip


def _leaning(mood: float) -> list[float]:
    problem = 0.65 - 0.45 * mood
    rest = 1 - problem
    return [problem, rest * 0.55, rest * 0.25, rest * 0.2]


def _tickets(
    scene: Scene, said: list[tuple[Client, tuple[Any, ...]]], words: Words
) -> Iterator[tuple[Any, ...]]:
    """Most problems become tickets. Old ones are solved; of the last days' some still wait for an answer."""
    rng = scene.generator("tickets")
    solvers = [m for m in scene.members if m.role == Role.AFTER_SALES] or scene.members
    problems = sorted((row for _c, row in said if row[4] == "problem"), key=lambda row: row[10])
    chosen = [row for row in problems if rng.random() < 0.8]
    # Somebody always complained today: the latest few are moved to the last hours.
    latest = chosen[-5:]
    for number, row in enumerate(chosen, start=next_number()):
        fresh = row in latest
        at = scene.at - timedelta(hours=float(rng.uniform(2, 30))) if fresh else row[10]
        urgency, impact = int(rng.integers(1, 4)), int(rng.integers(1, 4))
        answered = at + timedelta(hours=float(rng.gamma(1.6, 6)))
        solved = answered + timedelta(hours=float(rng.gamma(1.5, 40)))
        answered_at = None if (fresh and rng.random() < 0.7) or answered > scene.at else answered
        resolved_at = solved if answered_at and solved < scene.at and not fresh else None
        status = "resolved" if resolved_at else "answered" if answered_at else "open"
        yield (
            identity(rng, at), number, row[1], row[0], row[7][:200], row[7], urgency, impact,
            min(4, max(1, urgency + impact - 2)), status, pick(rng, solvers).pk, at, at + FIRST_RESPONSE, answered_at,
            resolved_at, pick(rng, words.resolutions) if resolved_at else "",
        )  # fmt: skip


def _survey(scene: Scene, words: Words) -> tuple[dict[Any, int], dict[str, int]]:
    rng = scene.generator("survey")
    sent_at = scene.at - timedelta(days=35)
    survey = Survey.objects.create(
        id=identity(rng, sent_at), name=words.survey[0], title=words.survey[1], intro=words.survey[2],
        thanks=words.survey[3], language=scene.locale, state=Survey.State.OPEN, created_by=scene.members[0],
        created_at=sent_at,
    )  # fmt: skip
    questions = [
        SurveyQuestion(
            id=identity(rng, sent_at), survey=survey, position=at, kind=kind, indicator=indicator, text=text
        )
        for at, (kind, indicator, text) in enumerate(words.questions, start=1)
    ]
    SurveyQuestion.objects.bulk_create(questions)
    invited = [
        c for c in scene.customers if not c.waiting and c.created_at < sent_at and rng.random() < INVITED
    ]
    invitations, responses, answers, satisfaction = [], [], [], {}
    for client in invited:
        pk = identity(rng, sent_at)
        answered_at = (
            sent_at + timedelta(hours=float(rng.gamma(1.2, 60))) if rng.random() < ANSWERED else None
        )
        secret = tokens.derive(scene.tenant.pk, f"survey:{pk}").hash
        invitations.append(
            (
                pk,
                survey.pk,
                client.id,
                client.contact_id,
                client.email,
                secret,
                sent_at,
                sent_at,
                answered_at,
                answered_at,
            )
        )
        if answered_at and answered_at < scene.at:
            row, given = _response(rng, survey, pk, client, questions, answered_at, words)
            responses.append(row)
            answers.extend(given)
            satisfaction[client.id] = row[6]
    return satisfaction, {
        "surveys": 1,
        "invitations": pour(SurveyInvitation, ("id", "survey_id", "customer_id", "contact_id", "email", "secret_hash",
                            "created_at", "sent_at", "opened_at", "answered_at"), invitations),
        "responses": pour(SurveyResponse, ("id", "survey_id", "invitation_id", "customer_id", "answered_at", "nps",
                          "csat", "comment"), responses),
        "answers": pour(SurveyAnswer, ("id", "response_id", "question_id", "score", "text"), answers),
    }  # fmt: skip


def _response(
    rng: np.random.Generator,
    survey: Survey,
    invitation: Any,
    client: Client,
    questions: list[Any],
    at: Any,
    words: Words,
) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    """One customer's answers, leaning on its mood; CSAT is the mean of its answers as 0–100."""
    pk, given, csat, nps = identity(rng, at), [], [], None
    comment = pick(rng, words.comments[client.mood > 0.65]) if rng.random() < 0.5 else ""
    for question in questions:
        score, text = None, ""
        if question.kind == "nps":
            score = nps = int(np.clip(round(rng.normal(10.5 * client.mood, 1.6)), 0, 10))
        elif question.kind == "csat":
            score = int(np.clip(round(rng.normal(1 + 4.3 * client.mood, 0.7)), 1, 5))
            csat.append(score)
        else:
            text = comment
        if score is not None or text:
            given.append((identity(rng, at), pk, question.pk, score, text))
    mean = round(sum(25 * (score - 1) for score in csat) / len(csat)) if csat else None
    return (pk, survey.pk, invitation, client.id, at, nps, mean, comment), given


def _hand_down(tickets: list[tuple[Any, ...]], satisfaction: dict[Any, int]) -> None:
    open_tickets = Counter(row[2] for row in tickets if row[9] != "resolved")
    if open_tickets:
        stats.hand_down(list(open_tickets), open_tickets=list(open_tickets.values()))
    if satisfaction:
        stats.hand_down(list(satisfaction), satisfaction=list(satisfaction.values()))


register("feedback", make_feedback, order=20)
