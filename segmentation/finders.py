"""What of segmentation Ctrl/⌘K finds: segments."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.finding import MOST, Finder, Hit, register
from crm.models import Member
from segmentation.models import Segment


def _segments(words: str, member: Member) -> Iterable[Hit]:
    for segment in Segment.objects.filter(name__icontains=words).order_by("name")[: MOST + 1]:
        url = reverse("segmentation:segment", args=[segment.pk])
        yield Hit(segment.name, segment.description, url, "chart-pie-2")


register(Finder("segments", _("Segments"), "segments.view", 70, _segments))
