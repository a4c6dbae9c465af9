"""Figures of feedback."""

from __future__ import annotations

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.utils.translation import gettext_lazy as _

from crm.days import within
from crm.kpis import Kpi, Period, Value, register
from feedback.models import SurveyResponse, Ticket


def _hours(period: Period, end: str) -> Value | None:
    rows = Ticket.objects.filter(**within(end, period.start, period.end))
    took = ExpressionWrapper(F(end) - F("opened_at"), output_field=DurationField())
    found = rows.aggregate(mean=Avg(took), n=Count("pk"))
    return Value(found["mean"].total_seconds() / 3600, found["n"]) if found["n"] else None


def first_response(period: Period) -> Value | None:
    return _hours(period, "first_responded_at")


def resolution(period: Period) -> Value | None:
    return _hours(period, "resolved_at")


def answered_in_time(period: Period) -> Value | None:
    """Of the tickets opened in the period: the share that was answered by its limit."""
    rows = Ticket.objects.filter(**within("opened_at", period.start, period.end))
    found = rows.aggregate(n=Count("pk"), kept=Count("pk", filter=Q(first_responded_at__lte=F("respond_by"))))
    return Value(found["kept"] / found["n"], found["n"]) if found["n"] else None


def satisfaction(period: Period) -> Value | None:
    """The mean CSAT of the period's answers, 0–100."""
    rows = SurveyResponse.objects.filter(**within("answered_at", period.start, period.end))
    found = rows.aggregate(mean=Avg("csat"), n=Count("csat"))
    return Value(float(found["mean"]), found["n"]) if found["n"] else None


def nps(period: Period) -> Value | None:
    """Promoters less detractors, in points from −100 to 100."""
    rows = SurveyResponse.objects.filter(**within("answered_at", period.start, period.end))
    found = rows.aggregate(
        n=Count("nps"),
        promoters=Count("pk", filter=Q(nps__gte=9)),
        detractors=Count("pk", filter=Q(nps__lte=6)),
    )
    return (
        Value(100 * (found["promoters"] - found["detractors"]) / found["n"], found["n"])
        if found["n"]
        else None
    )


TICKETS, SURVEYS = "/feedback/tickets/", "/surveys/"
register(
    Kpi(
        "satisfaction",
        _("Satisfaction"),
        _("How content are our customers (0–100)?"),
        satisfaction,
        "score",
        "up",
        SURVEYS,
        10,
    )
)
register(Kpi("nps", _("NPS"), _("Would our customers recommend us?"), nps, "score", "up", SURVEYS, 11))
register(
    Kpi(
        "first-response",
        _("First response"),
        _("How long does a customer wait for an answer?"),
        first_response,
        "hours",
        "down",
        f"{TICKETS}?view=all",
        50,
    )
)
register(
    Kpi(
        "answered-in-time",
        _("Answered in time"),
        _("Which share of tickets was answered by its limit?"),
        answered_in_time,
        "share",
        "up",
        f"{TICKETS}?late=yes",
        51,
    )
)
register(
    Kpi(
        "resolution-time",
        _("Time to resolution"),
        _("How long until a problem is solved?"),
        resolution,
        "hours",
        "down",
        f"{TICKETS}?state=resolved",
        52,
    )
)
