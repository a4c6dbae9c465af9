"""Alive, ready, measured. None of it needs a sign-in or names a company."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from crm.access import open_to_all

OLDEST_ALLOWED_SECONDS = 900


@open_to_all("a load balancer asks")
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


@open_to_all("a load balancer asks")
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, broker, migrations and the age of the oldest due work, each by name."""
    checks = readiness()
    ready = all(value == "ok" for value in checks.values())
    return JsonResponse({"status": "ready" if ready else "not ready", **checks}, status=200 if ready else 503)


def readiness() -> dict[str, str]:
    """Each probe by name: ``ok``, or what it found."""
    return {
        "database": _check(_database),
        "broker": _check(_broker),
        "migrations": _check(_migrations),
        "oldest_due_work": _check(_oldest_work),
    }


@open_to_all("Prometheus asks")
def metrics(request: HttpRequest) -> HttpResponse:
    registry = CollectorRegistry()
    gauge = Gauge("tenure_oldest_due_work_seconds", "Age of the oldest due wake-up", registry=registry)
    gauge.set(oldest_due_seconds())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def oldest_due_seconds() -> float:
    """How long the oldest due wake-up has waited; 0 when nothing is due."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM %s - min(at)), 0) FROM crm_wakeup WHERE at <= %s",
            [timezone.now(), timezone.now()],
        )
        return float(cursor.fetchone()[0])


def _check(probe: object) -> str:
    try:
        return probe() or "ok"  # type: ignore[operator]
    except Exception as error:
        return f"{type(error).__name__}"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()


def _migrations() -> str | None:
    executor = MigrationExecutor(connections["default"])
    return "pending" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else None


def _oldest_work() -> str | None:
    age = oldest_due_seconds()
    return f"{age:.0f} s late" if age > OLDEST_ALLOWED_SECONDS else None
