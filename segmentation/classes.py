"""The classes' names, for the pages of ``customers``."""

from __future__ import annotations

from collections.abc import Iterator

from customers.classes import ClassWord, register
from segmentation.models import CustomerClass


def classes_in_use() -> Iterator[ClassWord]:
    """The company's classes, dearest first."""
    for one in CustomerClass.objects.filter(active=True).order_by("rank", "priority"):
        yield ClassWord(one.code, one.name, one.rank)


register(classes_in_use)
