"""Class, stage and segments on the customer's record."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.models import Member
from crm.tenancy.prepared import Prepared
from customers.models import Customer
from customers.panels import Panel, register
from segmentation.models import ClassMembership, StageMembership
from segmentation.selectors.segments import segments_of

_CLASS = Prepared(
    lambda customer: ClassMembership.objects.filter(customer=customer).select_related("customer_class")
)
_STAGE = Prepared(lambda customer: StageMembership.objects.filter(customer=customer))


def class_of(customer: Customer, member: Member) -> dict[str, Any] | None:
    membership = _CLASS.first(customer.pk)
    return {"membership": membership, "customer": customer} if membership else None


def stage_of(customer: Customer, member: Member) -> dict[str, Any] | None:
    stage = _STAGE.first(customer.pk)
    return {"stage": stage, "customer": customer} if stage else None


def segments_card(customer: Customer, member: Member) -> dict[str, Any] | None:
    found = segments_of(customer)
    return {"segments": found} if found else None


register(Panel("class", _("Class"), "segmentation/_class_head.html", class_of, "segments.view", 10, "head"))
register(Panel("stage", _("Stage"), "segmentation/_stage_head.html", stage_of, "segments.view", 20, "head"))
register(
    Panel("segments", _("Segments"), "segmentation/_segments_card.html", segments_card, "segments.view", 60)
)
