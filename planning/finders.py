"""What of planning Ctrl/⌘K finds: plans."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.finding import MOST, Finder, Hit, register
from crm.models import Member
from crm.tenancy.prepared import Prepared
from planning.models import Plan

_NAMED = Prepared(
    lambda words: (
        Plan.objects.filter(name__holds=words)
        .order_by("-starts_on", "name")
        .values_list("pk", "name", "owner__display_name")[: MOST + 1]
    )
)


def _plans(words: str, member: Member) -> Iterable[Hit]:
    for pk, name, owner in _NAMED(words):
        yield Hit(name, owner or "", reverse("planning:record", args=[pk]), "target-arrow")


register(Finder("plans", _("Plans"), "plans.view", 80, _plans))
