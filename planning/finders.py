"""What of planning Ctrl/⌘K finds: plans."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.finding import MOST, Finder, Hit, register
from crm.models import Member
from planning.models import Plan


def _plans(words: str, member: Member) -> Iterable[Hit]:
    rows = Plan.objects.filter(name__icontains=words).select_related("owner")
    for plan in rows.order_by("-starts_on", "name")[: MOST + 1]:
        owner = plan.owner.display_name if plan.owner else ""
        yield Hit(plan.name, owner, reverse("planning:record", args=[plan.pk]), "target-arrow")


register(Finder("plans", _("Plans"), "plans.view", 80, _plans))
