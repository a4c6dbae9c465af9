"""What of maintenance Ctrl/⌘K finds: maintenance plans."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.finding import MOST, Finder, Hit, register
from crm.models import Member
from crm.tenancy.prepared import Prepared
from maintenance.models import MaintenancePlan

_NAMED = Prepared(
    lambda words: MaintenancePlan.objects.filter(name__holds=words).order_by("name")[: MOST + 1]
)


def _plans(words: str, member: Member) -> Iterable[Hit]:
    for plan in _NAMED(words):
        yield Hit(plan.name, plan.rhythm, reverse("maintenance:home"), "heart-handshake")


register(Finder("maintenance-plans", _("Maintenance plans"), "maintenance.view", 75, _plans))
