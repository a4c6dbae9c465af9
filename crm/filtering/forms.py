"""A filter as a form and back: groups and rows in the order they stand in, each row by a mark of its own.

``node`` lists the tree as it stands: ``(<mark>`` opens a group whose kind is ``kind.<mark>``, ``)`` closes it,
another mark is a row of ``f.<mark>`` (field), ``o.<mark>`` (operator) and ``v.<mark>`` (values).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from crm.filtering.fields import COUNTS, NONE, SEVERAL, Asker, FilterField, Kind, operator_words
from crm.filtering.grammar import DEEPEST, KINDS, Group, Item, Question, WrongFilter

_MARK = re.compile(r"[0-9a-z]{1,32}")
Known = Callable[[str], FilterField | None]


def new_mark() -> str:
    return uuid4().hex[:8]


@dataclass
class Row:
    """One question as it is typed; ``error`` is what is wrong with it."""

    field: FilterField
    operator: str
    values: list[str] = field(default_factory=list)
    mark: str = field(default_factory=new_mark)
    error: str = ""
    is_group = False

    @property
    def operators(self) -> list[tuple[str, str]]:
        return [(name, operator_words(self.field.kind, name)) for name in self.field.operators]

    @property
    def widget(self) -> str:
        """How its values are typed in."""
        if self.operator in NONE:
            return ""
        if self.operator in COUNTS:
            return "count"
        several = self.operator in SEVERAL
        if self.field.kind in (Kind.CHOICE, Kind.MANY, Kind.MEMBER, Kind.YES_NO):
            return "choices" if several else "choice"
        if several:
            return "lines"
        if self.field.kind in (Kind.DATE, Kind.MOMENT):
            return "days" if self.operator == "between" else "day"
        if self.field.kind == Kind.RECORD:
            return "record"
        numeric = self.field.kind in (Kind.NUMBER, Kind.MONEY)
        return ("numbers" if self.operator == "between" else "number") if numeric else "text"

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        if self.field.kind == Kind.YES_NO:
            known: Iterable[tuple[str, str]] = [("true", _("yes")), ("false", _("no"))]
        else:
            known = self.field.known().items()
        return [(value, label, value in self.values) for value, label in known]

    @property
    def lines(self) -> str:
        return "\n".join(self.values)

    @property
    def first(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def second(self) -> str:
        return self.values[1] if len(self.values) > 1 else ""

    @property
    def question(self) -> Question:
        return Question(self.field.key, self.operator, tuple(self.values))


@dataclass
class Box:
    """A group as it is drawn; the outermost has ``depth`` 1."""

    kind: str
    items: list[Row | Box] = field(default_factory=list)
    depth: int = 1
    mark: str = field(default_factory=new_mark)
    is_group = True

    @property
    def may_nest(self) -> bool:
        return self.depth < DEEPEST

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [("and", _("All of these")), ("or", _("Any of these")), ("not", _("None of these"))]


def box_of(group: Group, known: Known, depth: int = 1) -> Box:
    """A filter as a form; what asks of an unknown field is left out."""
    # One group alone within the outermost is the outermost.
    if depth == 1 and len(group.items) == 1 and isinstance(group.items[0], Group):
        group = group.items[0]
    box = Box(group.kind, depth=depth)
    for item in group.items:
        if isinstance(item, Group):
            box.items.append(box_of(item, known, depth + 1))
        elif (found := known(item.field)) is not None:
            box.items.append(Row(found, item.operator, list(item.values)))
    return box


def row_of(data: Any, mark: str, fields: list[FilterField], known: Known) -> Row:
    """One row as it was typed. Where the field was changed the operator is its first, unless it knows the old one."""
    found = known(data.get(f"f.{mark}", "")) or fields[0]
    operator = data.get(f"o.{mark}", "")
    if operator not in found.operators:
        operator = found.operators[0]
    row = Row(found, operator, mark=mark)
    values = [text.strip() for text in data.getlist(f"v.{mark}")]
    if row.widget == "lines":
        values = [line.strip() for text in values for line in text.splitlines()]
    row.values = [value for value in values if value]
    return row


def read(data: Any, fields: list[FilterField], known: Known) -> Box:
    """The form as it was sent; ``WrongFilter`` for one that nobody made."""
    stack: list[Box] = []
    for node in data.getlist("node"):
        if node == ")" and len(stack) > 1:
            stack.pop()
        elif node.startswith("(") and _MARK.fullmatch(node[1:]) and len(stack) < DEEPEST:
            mark = node[1:]
            kind = data.get(f"kind.{mark}", "and")
            box = Box(kind if kind in KINDS else "and", depth=len(stack) + 1, mark=mark)
            if stack:
                stack[-1].items.append(box)
            stack.append(box)
        elif stack and _MARK.fullmatch(node):
            stack[-1].items.append(row_of(data, node, fields, known))
        elif node != ")":
            raise WrongFilter(_("This form cannot be read. Open it again."))
    return stack[0] if stack else Box("and")


def tree_of(box: Box, asker: Asker) -> tuple[Group, bool]:
    """The filter a form means, without empty groups, and whether all of it makes sense: its rows say what does not."""
    items, sound = _items(box, asker)
    if box.kind == "and":
        return Group("and", tuple(items)), sound
    return Group("and", (Group(box.kind, tuple(items)),) if items else ()), sound


def _items(box: Box, asker: Asker) -> tuple[list[Item], bool]:
    found: list[Item] = []
    sound = True
    for one in box.items:
        if isinstance(one, Box):
            inner, fine = _items(one, asker)
            sound = sound and fine
            found += [Group(one.kind, tuple(inner))] if inner else []
        else:
            try:
                one.field.read(one.operator, one.values, asker)
            except WrongFilter as wrong:
                one.error, sound = str(wrong), False
            found.append(one.question)
    return found, sound


def sections(fields: list[FilterField]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields to choose from, by section."""
    return [
        (str(name), [(one.key, str(one.label)) for one in group])
        for name, group in groupby(fields, key=lambda one: one.section)
    ]
