"""Classes by explicit criteria, who is in them and since when."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lines import NameLine
from crm.personal import PersonalJSON
from crm.tenancy.fields import OfPeople, TenantForeignKey, TenantModel, TenantOneToOneField, TenantQuerySet
from segmentation.criteria import Rule, parse


class CustomerClassQuerySet(TenantQuerySet):
    def active(self) -> CustomerClassQuerySet:
        """Those whose rules are tried, in their order; the last one takes whoever is left."""
        return self.filter(active=True).order_by("priority")


class CustomerClass(TenantModel):
    """A class and the rule that fills it. Rules are tried by ``priority``; the first that holds wins.

    ``criteria`` is a list of alternatives; each is a list of criteria that must all hold:
    ``[[{"field": "spend_12m", "op": "gte", "value": 5000000}, …], …]``. An empty list holds for all;
    only the last class in use has one. ``rank`` is how dear the class is to us, 1 the most; moves go up
    and down by it, whatever the order of the rules.
    """

    of_people = OfPeople.ASKS
    impersonal = ("code",)

    code = models.CharField(_("code"), max_length=30, db_collation="C")
    name = NameLine(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=300, blank=True)
    rank = models.PositiveSmallIntegerField(_("rank"), default=3)
    priority = models.PositiveSmallIntegerField(_("priority"))
    criteria = models.JSONField(_("criteria"), default=list)
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CustomerClassQuerySet.as_manager()

    class Meta:
        ordering = ["priority"]
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="class_code_unique"),
            models.UniqueConstraint(
                fields=["tenant", "priority"],
                name="class_priority_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> Rule:
        return parse(self.criteria, for_class=True)


class ClassMembership(TenantModel):
    """The class a customer is in now: since when, why (each criterion, value, threshold), by whom."""

    audited = False
    unaudited_because = "every move is a ClassChange, which is recorded"

    id = None  # type: ignore[assignment]
    customer = TenantOneToOneField(
        "customers.Customer", models.CASCADE, primary_key=True, related_name="class_membership"
    )
    customer_class = TenantForeignKey(
        "segmentation.CustomerClass", models.PROTECT, related_name="memberships"
    )
    since = models.DateTimeField(default=timezone.now)
    why = PersonalJSON(default=list)
    set_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="+")
    override_reason = models.CharField(max_length=300, blank=True)
    override_until = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "customer_class", "since"], name="class_members")]

    @property
    def overridden(self) -> bool:
        """Set by hand; ``override_until`` is the last day it holds, without one it holds until taken off."""
        return bool(self.override_reason)


class ClassChange(TenantModel):
    """One move between classes."""

    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="class_changes")
    from_class = TenantForeignKey("segmentation.CustomerClass", models.PROTECT, null=True, related_name="+")
    to_class = TenantForeignKey("segmentation.CustomerClass", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    why = PersonalJSON(default=list)
    changed_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "customer", "-at"], name="class_change_customer"),
            models.Index(fields=["tenant", "-at", "-id"], name="class_change_newest"),
        ]
