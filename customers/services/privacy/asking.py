"""Saved questions that name a person: once the person is erased they mean nobody, and no longer say who was meant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import F

from crm.filtering.fields import NOBODY
from crm.filtering.grammar import Group, Item, Question, WrongFilter, parse, write
from crm.models import SavedView
from customers import questions
from customers.models.custom import FieldKind, RecordType
from customers.questions import Naming
from customers.selectors.custom import field_by_key
from customers.selectors.custom_search import PREFIX
from customers.selectors.person import Model

_DENYING = frozenset({"not", "not_in", "lacks"})
_SEVERAL = frozenset({"in", "not_in", "any"})
_WORDS = frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.LINK})
# Names of an address, and fields of a filter, by which one looks for somebody.
_WHO = frozenset({"q", "name", "email", "phone", "external_id", "website"})
_NOBODY = Question(NOBODY.key, "is", ("true",))


def asked_for(naming: Naming) -> dict[Model, int]:
    """How many saved questions of each table name the person."""
    found: dict[Model, int] = {}
    for row, _changed in questions.asking(naming):
        found[type(row)] = found.get(type(row), 0) + 1
    return found


def ask_no_more(naming: Naming) -> dict[Model, int]:
    """Take the person out of saved questions and of their titles; gives how many rows changed, by table."""
    done: dict[Model, int] = {}
    for row, changed in questions.asking(naming):
        if hasattr(row, "version"):
            changed["version"] = F("version") + 1
        type(row)._base_manager.filter(pk=row.pk).update(**changed)
        done[type(row)] = done.get(type(row), 0) + 1
    return done


def view_without(view: SavedView, naming: Naming) -> dict[str, Any]:
    """What changes in a view. What asked for the person is answered by nobody, the rest of the view stays."""
    found = {name: _filter_without(name, value, naming) for name, value in view.filters.items()}
    filters = {name: value for name, value in found.items() if value is not None}
    if len(filters) < len(found):
        where = filters.pop("where", "")
        filters["where"] = ",".join(filter(None, (write(Group(items=(_NOBODY,))), where)))
    asked = filters != view.filters
    changed = {
        "filters": filters,
        "name": naming.without(view.name, 60, asked=asked),
        "sort": "" if naming.is_in(view.sort) else view.sort,
        "columns": [one for one in view.columns if not naming.is_in(str(one))],
    }
    return {column: value for column, value in changed.items() if value != getattr(view, column)}


def _filter_without(name: str, value: Any, naming: Naming) -> Any:
    """The value of one filter; ``None`` where it named the person."""
    if not isinstance(value, str):
        return None if naming.is_sure(str(value)) else value
    if name != "where":
        return None if _is_meant(name, value, naming) else value
    try:
        asked = parse(value)
    except WrongFilter:
        return None if naming.is_in(value) else value
    left = replace(asked, items=tuple(_item_without(item, naming) for item in asked.items))
    return write(left) if left != asked else value


def _item_without(item: Item, naming: Naming) -> Item:
    if isinstance(item, Group):
        return replace(item, items=tuple(_item_without(inner, naming) for inner in item.items))
    left = tuple(value for value in item.values if not _is_meant(item.field, value, naming))
    if left == item.values:
        return item
    if left and item.operator in _SEVERAL:
        return replace(item, values=left)
    return Group("not", (_NOBODY,)) if item.operator in _DENYING else _NOBODY


def _is_meant(name: str, value: str, naming: Naming) -> bool:
    """Whether it is the person that somebody wants by this value: a place or a choice may have the same name."""
    own = field_by_key(RecordType.CUSTOMER, name.removeprefix(PREFIX).partition("__")[0])
    in_words = name in _WHO or (name.startswith(PREFIX) and own is not None and own.type in _WORDS)
    if in_words:
        return naming.is_asked(value)
    return naming.is_in(value) if name == "source" else naming.is_sure(value)


questions.register(SavedView, view_without)
