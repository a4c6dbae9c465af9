"""What of segmentation Ctrl/⌘K finds: segments."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.finding import MOST, Finder, Hit, register
from crm.models import Member
from crm.tenancy.prepared import Prepared
from segmentation.models import Segment

_NAMED = Prepared(
    lambda words: (
        Segment.objects.filter(name__holds=words)
        .order_by("name")
        .values_list("pk", "name", "description")[: MOST + 1]
    )
)


def _segments(words: str, member: Member) -> Iterable[Hit]:
    for pk, name, description in _NAMED(words):
        yield Hit(name, description, reverse("segmentation:segment", args=[pk]), "chart-pie-2")


register(Finder("segments", _("Segments"), "segments.view", 70, _segments))
