"""What pages below need to know: the classes' words, and the filters that only segmentation can read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.models import Member
from crm.tenancy.context import current
from crm.tenancy.prepared import Prepared
from customers.classes import ClassWord, register
from customers.selectors.lists import FILTERS, Filter
from segmentation.criteria.builtin import RFM_SEGMENTS
from segmentation.models import CustomerClass, Segment

_WORDS = "class words"
_ACTIVE = Prepared(
    lambda: CustomerClass.objects.active().order_by("rank", "priority").values_list("code", "name", "rank")
)


def class_words() -> Iterable[ClassWord]:
    """The classes in use; asked once in a transaction."""
    memory = current().memory
    if _WORDS not in memory:
        memory[_WORDS] = [ClassWord(*words) for words in _ACTIVE()]
    return memory[_WORDS]


def forget_words() -> None:
    """A class was changed in this transaction."""
    current().memory.pop(_WORDS, None)


def in_segment(rows: QuerySet[Any], value: str, member: Member) -> QuerySet[Any]:
    """Those the segment of this id means now; nobody where there is no such segment."""
    try:
        segment = Segment.objects.get(pk=UUID(value))
    except (ValueError, Segment.DoesNotExist):
        return rows.none()
    return rows.filter(customer__in=segment.customers().order_by())


def in_rfm_cell(rows: QuerySet[Any], value: str, member: Member) -> QuerySet[Any]:
    """One square of the RFM map: its recency, then the mean of frequency and value, halves rounded up."""
    if len(value) != 2 or not value.isascii() or not value.isdigit():
        return rows.none()
    recency, fm = int(value[0]), int(value[1])
    both = F("rfm_frequency") + F("rfm_monetary")
    return rows.alias(both=both).filter(rfm_recency=recency, both__in=(2 * fm - 1, 2 * fm))


def segment_told(value: str) -> str:
    try:
        segment = Segment.objects.filter(pk=UUID(value)).first()
    except ValueError:
        return value
    return segment.name if segment else value


def group_told(value: str) -> str:
    return str(RFM_SEGMENTS.get(value, value))


def cell_told(value: str) -> str:
    return " · ".join(value)


register(class_words)
FILTERS["segment"] = Filter(_("Segment"), in_segment, segment_told)
FILTERS["rfm_cell"] = Filter(_("RFM square"), in_rfm_cell, cell_told)
FILTERS["rfm"] = replace(FILTERS["rfm"], told=group_told)
