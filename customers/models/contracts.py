"""Contracts: what was agreed, how long it runs, and by when it must be said that it shall not go on."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Func, Q, Value, When
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Member
from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantQuerySet
from customers.models.sight import within_sight

REMIND_DAYS = 30


class Status(models.TextChoices):
    """Where a contract stands on a day; told by its dates, never stored."""

    UPCOMING = "upcoming", _("Not begun")
    RUNNING = "running", pgettext_lazy("contract", "Running")
    LEAVING = "leaving", _("Notice given")
    ENDED = "ended", pgettext_lazy("contract", "Ended")


class ContractQuerySet(TenantQuerySet):
    def living(self) -> ContractQuerySet:
        """Not deleted, and of a customer who is not."""
        return self.filter(deleted_at=None, customer__deleted_at=None)

    def deleted(self) -> ContractQuerySet:
        return self.exclude(deleted_at=None)

    def standing(self, status: str, day: date) -> ContractQuerySet:
        """Those that stand at ``status`` on ``day``. One that renews itself does not end by its date alone."""
        over = Q(ends_on__lt=day) & (~Q(renewal=Contract.Renewal.AUTO) | Q(notice_given_on__isnull=False))
        begun = Q(starts_on__lte=day)
        rules = {
            Status.UPCOMING: ~begun & ~over,
            Status.ENDED: over,
            Status.LEAVING: begun & ~over & Q(notice_given_on__isnull=False),
            Status.RUNNING: begun & ~over & Q(notice_given_on=None),
        }
        return self.filter(rules[Status(status)])

    def in_force(self, day: date) -> ContractQuerySet:
        """Those that have begun and not ended, whether or not notice was given."""
        return self.standing(Status.RUNNING, day) | self.standing(Status.LEAVING, day)

    def visible_to(self, member: Member) -> ContractQuerySet:
        return within_sight(self, member, or_own="owner")


def _before(*, months: object, days: object) -> Cast:
    """SQL for the day so long before the end."""
    none = Value(0)
    back = Func(none, months, none, days, function="make_interval", output_field=models.DurationField())
    return Cast(
        ExpressionWrapper(F("ends_on") - back, output_field=models.DateTimeField()), models.DateField()
    )


_IN_MONTHS = Q(notice_unit="month")
_MONTHS = Case(When(_IN_MONTHS, then=F("notice")), default=Value(0), output_field=models.IntegerField())
_DAYS = Case(When(_IN_MONTHS, then=Value(0)), default=F("notice"), output_field=models.IntegerField())


class Contract(TenantModel):
    """What was agreed with a customer. ``value`` is what is paid ``every`` so often, in minor units.

    A fixed one ends on its last day; one that renews itself goes on for ``term_months`` more each time nobody gave
    notice by ``notice_by``; an open one has no end until somebody gives notice. The database keeps ``notice_by`` and
    ``remind_on``. ``author`` and ``created_at`` are those of the file where one came in by a file.
    """

    class Renewal(models.TextChoices):
        FIXED = "fixed", _("Ends on its last day")
        AUTO = "auto", _("Renews itself")
        OPEN = "open", _("Runs until notice is given")

    class Unit(models.TextChoices):
        DAY = "day", _("days")
        MONTH = "month", _("months")

    class Every(models.TextChoices):
        ONCE = "once", _("once")
        MONTH = "month", _("a month")
        QUARTER = "quarter", _("a quarter")
        YEAR = "year", _("a year")

    class From(models.TextChoices):
        CUSTOMER = "customer", _("The customer")
        US = "us", _("We")

    audit_hidden = ("notice_by", "remind_on", "reminded_for", "reminder_id", "updated_at", "version")

    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="contracts")
    number = models.CharField(_("number"), max_length=100, blank=True, db_collation="C")
    title = models.CharField(_("title"), max_length=200)
    starts_on = models.DateField(_("begins"))
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    renewal = models.CharField(_("renewal"), max_length=5, choices=Renewal.choices, default=Renewal.FIXED)
    term_months = models.PositiveSmallIntegerField(_("renews for months"), null=True, blank=True)
    notice = models.PositiveSmallIntegerField(_("notice period"), default=0)
    notice_unit = models.CharField(_("notice unit"), max_length=5, choices=Unit.choices, default=Unit.MONTH)
    remind_days = models.PositiveSmallIntegerField(_("remind days before"), default=REMIND_DAYS)
    value = models.BigIntegerField(_("value"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    value_home = models.BigIntegerField(_("value in own currency"), null=True, blank=True)
    every = models.CharField(_("paid"), max_length=7, choices=Every.choices, default=Every.YEAR)
    owner = TenantForeignKey(
        "crm.Member",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="contracts",
        verbose_name=_("owner"),
    )
    notes = models.TextField(_("notes"), blank=True)
    notice_given_on = models.DateField(_("notice given"), null=True, blank=True)
    notice_from = models.CharField(_("notice from"), max_length=8, choices=From.choices, blank=True)
    ended_because = models.CharField(_("why it ends"), max_length=300, blank=True)
    author = TenantForeignKey(
        "crm.Member", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    reminded_for = models.DateField(null=True, editable=False)
    reminder = TenantForeignKey(
        "customers.FollowUp", models.SET_NULL, null=True, editable=False, related_name="+"
    )
    notice_by = models.GeneratedField(
        expression=_before(months=_MONTHS, days=_DAYS),
        output_field=models.DateField(_("notice by"), null=True),
        db_persist=True,
        null=True,
    )
    remind_on = models.GeneratedField(
        expression=_before(months=_MONTHS, days=_DAYS + F("remind_days")),
        output_field=models.DateField(null=True),
        db_persist=True,
        null=True,
    )

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "number"], condition=~Q(number=""), name="contract_number_unique"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="contract_ends_after_start"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "customer", "-starts_on"], name="contract_customer"),
            models.Index(
                fields=["tenant", "notice_by", "id"], condition=Q(deleted_at=None), name="contract_notice"
            ),
            models.Index(
                fields=["tenant", "ends_on", "id"], condition=Q(deleted_at=None), name="contract_end"
            ),
            models.Index(
                fields=["tenant", "-created_at", "-id"], condition=Q(deleted_at=None), name="contract_newest"
            ),
            models.Index(
                fields=["tenant", "remind_on"],
                condition=Q(deleted_at=None, notice_given_on=None),
                name="contract_remind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    def status_on(self, day: date) -> str:
        """The same as ``ContractQuerySet.standing`` says."""
        leaving = self.notice_given_on is not None
        if self.ends_on and self.ends_on < day and (leaving or self.renewal != self.Renewal.AUTO):
            return Status.ENDED
        if self.starts_on > day:
            return Status.UPCOMING
        return Status.LEAVING if leaving else Status.RUNNING

    @property
    def status(self) -> str:
        return self.status_on(timezone.localdate())

    @property
    def status_word(self) -> str:
        return str(Status(self.status).label)

    @property
    def renews_on(self) -> date | None:
        """The day a new term begins unless notice is given before."""
        goes_on = self.renewal == self.Renewal.AUTO and self.notice_given_on is None
        return self.ends_on + timedelta(days=1) if goes_on and self.ends_on else None

    @property
    def yearly(self) -> int | None:
        """What it is worth in a year, in the company's currency; of what is paid once, nothing."""
        times = {"month": 12, "quarter": 4, "year": 1}
        return None if self.value_home is None else self.value_home * times.get(self.every, 0)
