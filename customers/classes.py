"""The words of the classes, for pages below ``segmentation``: it plugs its classes in from its ``classes.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True)
class ClassWord:
    """A class as a list shows it. ``rank`` is how dear it is to us, 1 the most."""

    code: str
    name: str
    rank: int = 3


Source = Callable[[], Iterable[ClassWord]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """``source()`` gives the classes in use, dearest first, in one query."""
    _sources.append(source)
    return source


def discover() -> None:
    autodiscover_modules("classes")


def words() -> dict[str, ClassWord]:
    """The company's classes by their code."""
    return {word.code: word for source in _sources for word in source()}
