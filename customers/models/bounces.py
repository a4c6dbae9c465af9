"""Mail that came back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Member
from crm.people.roles import Visibility
from crm.personal import PersonalEmail, PersonalText
from crm.tenancy.fields import OfPeople, TenantForeignKey, TenantModel, TenantQuerySet
from customers.models.contacts import Contact
from customers.models.customers import Customer


class BounceQuerySet(TenantQuerySet):
    def standing(self) -> BounceQuerySet:
        """Those by which their address is marked: no mail goes there."""
        return self.filter(marks=True, cleared_at=None).exclude(email_norm="")

    def visible_to(self, member: Member) -> BounceQuerySet:
        """Those of addresses that customers the member may see have, or their contacts."""
        if member.visibility == Visibility.ALL:
            return self
        seen = Customer.objects.visible_to(member).order_by()
        people = Contact.objects.filter(customer__in=seen.values("pk")).order_by()
        theirs = seen.values("email_norm").union(people.values("email_norm"))
        return self.filter(email_norm__in=theirs).exclude(email_norm="")

    def soft_since(self, email_norm: str, since: datetime) -> BounceQuerySet:
        """Those that count: of messages of ours."""
        soft = self.filter(email_norm=email_norm, kind=MailBounce.Kind.SOFT, cleared_at=None)
        return soft.filter(at__gt=since).exclude(delivery=None)


class MailBounce(TenantModel):
    """An address that a mail could not be delivered to. One that ``marks`` stands until somebody says it works.

    It is of the address, not of a record: whoever has the address is marked, whoever gets another one is not.
    Anybody can write a report: one that names no ``delivery`` of ours neither marks nor counts.
    """

    class Kind(models.TextChoices):
        HARD = "hard", _("For good")
        SOFT = "soft", _("For now")

    SOFT_MOST = 3
    SOFT_WITHIN = timedelta(days=30)

    of_people = OfPeople.COPY
    impersonal = ("status", "external_id")

    email_norm = PersonalEmail(_("address"), max_length=254, blank=True, db_collation="C")
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices)
    status = models.CharField(_("status"), max_length=11, db_collation="C")
    diagnostic = PersonalText(_("the server's words"), max_length=500, blank=True)
    at = models.DateTimeField(_("bounced"), default=timezone.now)
    delivery = TenantForeignKey("crm.Delivery", models.SET_NULL, null=True, related_name="+")
    external_id = models.CharField(max_length=100, blank=True, db_collation="C")
    marks = models.BooleanField(_("marks the address"), default=False)
    cleared_at = models.DateTimeField(_("cleared"), null=True)
    cleared_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="+")

    objects = BounceQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("bounce")
        verbose_name_plural = _("bounces")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "external_id"], condition=~Q(external_id=""), name="bounce_once"
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "email_norm", "-at"], name="bounce_address"),
            models.Index(
                fields=["tenant", "-at", "-id"],
                condition=Q(marks=True, cleared_at=None),
                name="bounce_standing",
            ),
            models.Index(fields=["tenant", "-at", "-id"], name="bounce_newest"),
            models.Index(
                fields=["tenant", "delivery"], condition=Q(delivery__isnull=False), name="bounce_delivery"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.kind}"

    @property
    def why(self) -> str:
        """What happened, in words: "the mailbox does not exist"."""
        return why(self.status, self.kind)


_WHY = {
    "1": _("the mailbox does not exist"),
    "1.2": _("the domain does not exist"),
    "1.10": _("the domain takes no mail"),
    "2.1": _("the mailbox is closed"),
    "2.2": _("the mailbox is full"),
    "4": _("the other side could not be reached"),
    "4.4": _("the domain does not exist"),
    "7": _("the other side refuses our mail"),
}


def why(status: str, kind: str) -> str:
    """A status (RFC 3463) in words; the most exact there are."""
    _class, _dot, detail = status.partition(".")
    subject = detail.partition(".")[0]
    passing = kind == MailBounce.Kind.SOFT
    if passing and subject == "4":
        return str(_WHY["4"])
    otherwise = _("it could not be delivered for now") if passing else _("the other side refused it for good")
    return str(_WHY.get(detail) or _WHY.get(subject) or otherwise)
