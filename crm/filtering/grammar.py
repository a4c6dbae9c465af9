"""The grammar of ``where=`` in an address, and back.

::

    where = item ("," item)*                     all of them
    item  = ("and" | "or" | "not") "(" where ")" | field "." operator "(" [value ("," value)*] ")"
    value = characters other than ( ) , '  | "'" any characters, ' doubled "'"

``owner.is(me),or(spend.gte(5000),industry.in(Retail,'Food, frozen'))``. ``not`` means none of its items. A field's
name may hold dots; its operator follows the last one. Nothing else is understood: a slip is told with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from crm.errors import DomainError

LONGEST = 4_000
DEEPEST = 4
MOST_QUESTIONS = 50
MOST_VALUES = 200
KINDS = ("and", "or", "not")
_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_BARE = re.compile(r"[^(),']+")
_QUOTED = re.compile(r"'((?:[^']|'')*)'")


class WrongFilter(DomainError):
    """The filter cannot be read, or asks what cannot be asked. The message says where and why."""

    code = "wrong_filter"

    def __init__(self, message: str) -> None:
        super().__init__(message, errors={"where": [message]})


@dataclass(frozen=True)
class Question:
    """One field, one operator, its values as they were written."""

    field: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """``and``: all of ``items``; ``or``: any of them; ``not``: none of them."""

    kind: str = "and"
    items: tuple[Item, ...] = ()

    def without(self, place: int) -> Group:
        return replace(self, items=self.items[:place] + self.items[place + 1 :])


Item = Question | Group


def questions(item: Item) -> Iterator[Question]:
    """Every question within, in order."""
    if isinstance(item, Question):
        yield item
        return
    for inner in item.items:
        yield from questions(inner)


def parse(text: str) -> Group:
    """The tree of an address's ``where``; ``WrongFilter`` for what is not one."""
    if len(text) > LONGEST:
        raise WrongFilter(_("The filter is longer than %(most)d characters.") % {"most": LONGEST})
    reader = _Reader(text)
    items = reader.items(1)
    if not reader.ended:
        raise reader.slip(_("a comma or the end"))
    group = Group("and", tuple(items))
    if sum(1 for _question in questions(group)) > MOST_QUESTIONS:
        raise WrongFilter(_("A filter asks at most %(most)d questions.") % {"most": MOST_QUESTIONS})
    return group


def write(group: Group) -> str:
    """The shortest text that reads as this tree."""
    return ",".join(map(_written, group.items))


def _written(item: Item) -> str:
    if isinstance(item, Group):
        return f"{item.kind}({write(item)})"
    return f"{item.field}.{item.operator}({','.join(map(_value, item.values))})"


def _value(text: str) -> str:
    plain = _BARE.fullmatch(text) and text == text.strip()
    return text if plain else "'" + text.replace("'", "''") + "'"


@dataclass
class _Reader:
    text: str
    at: int = 0
    names: re.Pattern[str] = field(default=_NAME)

    @property
    def ended(self) -> bool:
        return self.at >= len(self.text)

    def slip(self, wanted: str) -> WrongFilter:
        found = self.text[self.at : self.at + 12] or _("the end")
        given = {"place": self.at + 1, "wanted": wanted, "found": found}
        return WrongFilter(_("At character %(place)d: %(wanted)s expected, “%(found)s” found.") % given)

    def take(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def items(self, depth: int) -> list[Item]:
        if depth > DEEPEST:
            raise WrongFilter(_("Groups stand within each other at most %(most)d deep.") % {"most": DEEPEST})
        found = [self.item(depth)]
        while self.take(","):
            found.append(self.item(depth))
        return found

    def item(self, depth: int) -> Item:
        name = self.names.match(self.text, self.at)
        if name is None:
            raise self.slip(_("the name of a field, and, or, not"))
        self.at = name.end()
        if not self.take("("):
            raise self.slip(_("an opening bracket"))
        if name[0] in KINDS:
            inner: Item = Group(name[0], tuple(self.items(depth + 1)))
            self.close()
            return inner
        field, _dot, operator = name[0].rpartition(".")
        if not field:
            raise WrongFilter(_("“%(name)s” needs an operator, as in owner.is(me).") % {"name": name[0]})
        return Question(field, operator, tuple(self.values()))

    def values(self) -> list[str]:
        if self.take(")"):
            return []
        found = [self.value()]
        while self.take(","):
            found.append(self.value())
        self.close()
        if len(found) > MOST_VALUES:
            raise WrongFilter(_("At most %(most)d values.") % {"most": MOST_VALUES})
        return found

    def value(self) -> str:
        quoted = _QUOTED.match(self.text, self.at)
        if quoted:
            self.at = quoted.end()
            return quoted[1].replace("''", "'")
        bare = _BARE.match(self.text, self.at)
        if bare is None:
            raise self.slip(_("a value"))
        self.at = bare.end()
        return bare[0].strip()

    def close(self) -> None:
        if not self.take(")"):
            raise self.slip(_("a closing bracket"))
