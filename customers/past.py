"""The past of a record: apps say of their kinds how an earlier value is told, and put back, from their ``past.py``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from crm.personal import is_hidden

CUSTOM = "custom."


@dataclass(frozen=True)
class Past:
    """How one kind of record is changed, and how its history reads.

    ``change(<argument>=record, actor=…, version=…, **fields)`` changes it as anybody would, and takes ``fields``;
    ``own`` is the record type of the company's own fields, if it has any. ``labels`` are columns whose name in the
    model says nothing to people; ``hidden`` columns are not told; ``deeds`` are words for what was done to it.
    """

    model: type[models.Model]
    argument: str
    change: Callable[..., Any]
    fields: frozenset[str]
    own: str = ""
    labels: Mapping[str, str | Promise] = field(default_factory=dict)
    hidden: Collection[str] = ()
    deeds: Mapping[str, str | Promise] = field(default_factory=dict)

    def name(self, column: str) -> str:
        """The field that a column of the history stands for: ``owner`` for ``owner_id``."""
        name = column.removesuffix("_id")
        return name if name in self.fields else column

    def restorable(self, column: str) -> bool:
        """Whether an earlier value can be put back: the ordinary service takes it, and nobody reads a mask."""
        if is_hidden(column):
            return False
        return bool(self.own) if column.startswith(CUSTOM) else self.name(column) in self.fields


_pasts: dict[type[models.Model], Past] = {}


def register(past: Past) -> Past:
    if _pasts.setdefault(past.model, past) != past:
        raise ValueError(f"the past of {past.model.__name__} is registered twice")
    return past


def discover() -> None:
    autodiscover_modules("past")


def past_of(model: type[models.Model]) -> Past:
    return _pasts[model]
