"""What must happen later: deliveries, wake-ups, long jobs, notes to members."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.ids import uuid7
from crm.personal import PersonalEmail
from crm.tenancy.fields import OfPeople, TenantForeignKey, TenantModel, TenantQuerySet


class DeliveryQuerySet(TenantQuerySet):
    def open(self) -> DeliveryQuerySet:
        return self.filter(done_at=None, dead_at=None)

    def due(self, at: datetime) -> DeliveryQuerySet:
        """Undone, ripe at ``at``, and under nobody's lease: that runs by the clock, whatever ``at`` is."""
        free = Q(claimed_until=None) | Q(claimed_until__lte=timezone.now())
        return self.open().filter(free, next_at__lte=at).order_by("next_at", "id")

    def dead(self) -> DeliveryQuerySet:
        return self.exclude(dead_at=None)


class Delivery(TenantModel):
    """Something the world must be told once: a row first, sent later, told of when it fails.

    ``dedup_key`` makes the same reason a single row; ``id`` is part of the message's own id, so that
    a repeat after a crash can be recognised by the receiver. What waits for the same receiver stands in
    one ``lane`` of its kind: a slow one does not hold up the others.
    """

    of_people = OfPeople.COPY
    impersonal = ("kind", "lane", "dedup_key")

    audited = False
    unaudited_because = "the row is its own record: attempts, moments, errors"

    kind = models.CharField(_("kind"), max_length=40)
    lane = models.CharField(_("lane"), max_length=40, blank=True, default="")
    dedup_key = models.CharField(_("key of the reason"), max_length=200)
    member = TenantForeignKey(
        "crm.Member", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("member")
    )
    address = PersonalEmail(_("address"), max_length=320, blank=True)
    payload = models.JSONField(_("content"), default=dict)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    next_at = models.DateTimeField(_("next try"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    claimed_until = models.DateTimeField(_("claimed until"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)
    dead_at = models.DateTimeField(_("given up"), null=True)
    last_error = models.TextField(_("last error"), blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "dedup_key"], name="delivery_once")]
        indexes = [
            models.Index(
                fields=["tenant", "next_at"], condition=Q(done_at=None, dead_at=None), name="delivery_open"
            ),
            models.Index(
                fields=["tenant", "lane", "-created_at", "-id"],
                condition=~Q(lane=""),
                name="delivery_lane",
            ),
        ]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")

    def __str__(self) -> str:
        return self.dedup_key


class WakeUp(models.Model):
    """A company has something due from this moment on. Global: it says nothing else.

    Rows are only added and, once the work is done, removed: writers never wait for each other.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["at", "tenant_id"], name="wake_up_at"),
            models.Index(fields=["tenant_id", "at"], name="wake_up_tenant"),
        ]


class Nightly(TenantModel):
    """One row per company: the last of its own calendar days on which the nightly work was finished."""

    audited = False
    unaudited_because = "it only remembers that the night's work is done"

    ran_on = models.DateField()

    class Meta:
        verbose_name = _("night of work")
        verbose_name_plural = _("nights of work")
        constraints = [models.UniqueConstraint(fields=["tenant"], name="nightly_one")]


class JobQuerySet(TenantQuerySet):
    def running(self) -> JobQuerySet:
        return self.filter(finished_at=None)

    def waiting(self) -> JobQuerySet:
        return self.filter(state=Job.State.WAITING)

    def abandoned(self, at: datetime) -> JobQuerySet:
        """Running by their own account, but nothing has been heard of them since the lease ended."""
        return self.filter(state=Job.State.RUNNING, claimed_until__lt=at)


class Job(TenantModel):
    """Long work in the background: shows progress, can be cancelled, tells how it ended."""

    of_people = OfPeople.PARTS
    impersonal = ("kind",)

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", pgettext_lazy("state", "Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    audited = False
    unaudited_because = "progress is not history; the deed that started it is recorded"

    kind = models.CharField(_("kind"), max_length=40)
    params = models.JSONField(_("parameters"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    progress = models.BigIntegerField(_("progress"), default=0)
    total = models.BigIntegerField(_("total"), null=True)
    message = models.TextField(_("message"), blank=True)
    result = models.JSONField(_("result"), default=dict)
    created_by = TenantForeignKey(
        "crm.Member", models.SET_NULL, null=True, related_name="+", verbose_name=_("started by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True)
    claimed_until = models.DateTimeField(_("claimed until"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    cancel_asked_at = models.DateTimeField(_("asked to stop"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "-created_at"], name="job_newest"),
            models.Index(fields=["tenant", "state"], condition=Q(finished_at=None), name="job_unfinished"),
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def percent(self) -> int | None:
        return min(100, 100 * self.progress // self.total) if self.total else None
