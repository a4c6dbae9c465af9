"""The rule builder: a rule as rows of field, operator and value, from JSON or from what was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from babel.numbers import get_currency_precision
from django.http import QueryDict
from django.utils.translation import gettext as _

from customers.custom_forms import customer_typed, is_id, typed_names
from segmentation import criteria
from segmentation.criteria import Field, Kind, field_of
from segmentation.criteria.words import OPERATORS

_NAME = re.compile(r"field-(\d{1,4})-(\d{1,4})")


@dataclass
class Row:
    """One criterion as it stands in the form; ``texts`` is what was typed or chosen, ``wrong`` what of it cannot be."""

    key: str
    op: str
    texts: list[str] = field(default_factory=list)
    error: str = ""
    wrong: set[str] = field(default_factory=set)

    @property
    def field(self) -> Field | None:
        return field_of(self.key)

    @property
    def text(self) -> str:
        return ", ".join(self.texts)

    @property
    def operators(self) -> list[tuple[str, Any]]:
        return [(op, OPERATORS[op]) for op in self.field.operators] if self.field else []

    @property
    def widget(self) -> str:
        """How the value is asked for: none, bool, choices, choice, customers, list, number, text."""
        if self.field is None or self.op in ("is_null", "not_null"):
            return "none"
        if self.field.kind == Kind.BOOL:
            return "bool"
        if self.field.kind == Kind.CUSTOMER:
            return "customers"
        if self.field.choices:
            return "choices" if self.op == "in" else "choice"
        if self.op == "in":
            return "list"
        return "number" if self.field.kind.is_number else "text"

    @property
    def choices(self) -> list[tuple[str, Any]]:
        """Those of its field, and what the rule names that is no longer one of them."""
        known = self.field.choices() if self.field and self.field.choices else []
        gone = [text for text in self.texts if text and text not in dict(known)] if known else []
        return [*known, *((text, _("%(choice)s (no longer there)") % {"choice": text}) for text in gone)]

    @property
    def names(self) -> list[str]:
        """Of customers: what stands in each box; where several are asked for, an empty one for the next comes last."""
        return [name for name, _wrong in self.boxes]

    @property
    def boxes(self) -> list[tuple[str, bool]]:
        """The ``names``, each with whether it is wrong."""
        known = typed_names(text for text in self.texts if is_id(text))
        names = [(known.get(text, text), self._is_wrong(text)) for text in self.texts if text.strip()]
        none = ("", bool(self.error) and not names)
        return [*names, none] if self.op == "in" or not names else names[:1]

    def _is_wrong(self, text: str) -> bool:
        """Where nobody can say which of them it is, all are."""
        return text in self.wrong or bool(self.error and not self.wrong)

    @property
    def unit(self) -> str:
        kinds = {Kind.DAYS: _("days"), Kind.PROBABILITY: "%"}
        return kinds.get(self.field.kind, "") if self.field else ""

    @property
    def is_money(self) -> bool:
        return self.field is not None and self.field.kind == Kind.MONEY


class RuleForm:
    """``is_valid`` says whether ``criteria`` can be used; every row tells its own error."""

    def __init__(self, alternatives: list[list[Row]], *, currency: str, for_class: bool) -> None:
        self.alternatives, self.currency, self.for_class = alternatives, currency, for_class
        self.criteria: list[list[dict[str, Any]]] = []
        self.error = ""
        self.refusal: criteria.BadCriteria | None = None

    @classmethod
    def from_json(cls, given: list[list[dict[str, Any]]], *, currency: str, for_class: bool) -> RuleForm:
        rows = [[_row(one, currency) for one in alternative] for alternative in given]
        return cls(rows, currency=currency, for_class=for_class)

    @classmethod
    def from_post(cls, data: QueryDict, *, currency: str, for_class: bool) -> RuleForm:
        """What was typed, after the button that was pressed (add, remove) has done its work."""
        places = sorted((int(m[1]), int(m[2])) for name in data if (m := _NAME.fullmatch(name)))
        found = [
            [_typed(data, *place) for place in group] for _a, group in groupby(places, lambda place: place[0])
        ]
        form = cls(found, currency=currency, for_class=for_class)
        form._press(data)
        return form

    @property
    def problem(self) -> str:
        """The first thing that is wrong, once ``is_valid`` has been asked."""
        errors = [row.error for alternative in self.alternatives for row in alternative if row.error]
        return errors[0] if errors else self.error

    @property
    def groups(self) -> list[tuple[str, list[Field]]]:
        """The fields on offer, by their group."""
        found = criteria.fields(for_class=self.for_class)
        names = dict.fromkeys(str(one.group) for one in found)
        return [(name, [one for one in found if str(one.group) == name]) for name in names]

    def is_valid(self) -> bool:
        given = [[self._json(row) for row in alternative] for alternative in self.alternatives]
        if any(row.error for alternative in self.alternatives for row in alternative):
            return False
        try:
            self.criteria = criteria.asked(given, for_class=self.for_class).to_json()
        except criteria.BadCriteria as refusal:
            self.show(refusal)
            return False
        if self.refusal:
            self.show(self.refusal)
        return not self.refusal

    def show(self, refusal: criteria.BadCriteria) -> None:
        """Say beside its row what is wrong, also where it was refused only when it was to be kept."""
        self.refusal = refusal
        if refusal.place and self.alternatives[refusal.place[0]]:
            reason = str(refusal).partition(": ")[2] or str(refusal)
            self.alternatives[refusal.place[0]][refusal.place[1]].error = reason[:1].upper() + reason[1:]
        else:
            self.error = str(refusal)

    def _json(self, row: Row) -> dict[str, Any]:
        row.error, row.wrong = "", set()
        plain: dict[str, Any] = {"field": row.key, "op": row.op}
        if row.field is None or row.widget == "none":
            return plain
        values = self._values(row, row.field)
        if row.error:
            return plain
        if not values:
            row.error = _("Say which value.")
            return plain
        return plain | {"value": values if row.op == "in" else values[0]}

    def _values(self, row: Row, known: Field) -> list[Any]:
        """What was typed, as the rule's values; of what is wrong the row tells the first."""
        values = []
        for text in row.texts:
            try:
                values += [_value(known, text, self.currency)] if text.strip() else []
            except ValueError as wrong:
                row.error = row.error or str(wrong)
                row.wrong.add(text)
        return values

    def _press(self, data: Mapping[str, str]) -> None:
        """What a button or another field asks for; a value meant for the field before is forgotten."""
        remove, add = data.get("remove", ""), data.get("add", "")
        if row := self._at(data.get("anew", "")):
            row.texts = []
        if row := self._at(remove):
            kept = [[one for one in alternative if one is not row] for alternative in self.alternatives]
            self.alternatives = [alternative for alternative in kept if alternative]
        if add == "new":
            self.alternatives.append([Row("spend_12m", "gte")])
        elif add.isdecimal() and int(add) < len(self.alternatives):
            self.alternatives[int(add)].append(Row("orders_12m", "gte"))

    def _at(self, place: str) -> Row | None:
        match = re.fullmatch(r"(\d{1,4})-(\d{1,4})", place)
        if match is None or int(match[1]) >= len(self.alternatives):
            return None
        alternative, position = self.alternatives[int(match[1])], int(match[2])
        return alternative[position] if position < len(alternative) else None


def _typed(data: QueryDict, alternative: int, position: int) -> Row:
    place = f"{alternative}-{position}"
    key, op = data.get(f"field-{place}", ""), data.get(f"op-{place}", "")
    known = field_of(key)
    if known and op not in known.operators:
        op = known.operators[0]
    texts = data.getlist(f"value-{place}")
    if known and op == "in" and not known.choices and known.kind != Kind.CUSTOMER:
        texts = [part.strip() for text in texts for part in re.split(r"[,，、;；]", text)]
    return Row(key, op, texts)


def _row(given: dict[str, Any], currency: str) -> Row:
    known, value = field_of(given.get("field")), given.get("value")
    values = value if isinstance(value, list) else [] if value is None else [value]
    return Row(given.get("field", ""), given.get("op", ""), [_text(known, one, currency) for one in values])


def _text(known: Field | None, value: Any, currency: str) -> str:
    """A value as it is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if known and known.kind == Kind.MONEY:
        return _plain(Decimal(value).scaleb(-get_currency_precision(currency)))
    if known and known.kind == Kind.PROBABILITY:
        return _plain(Decimal(str(value)) * 100)
    return str(value)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _value(known: Field, text: str, currency: str) -> Any:
    """What was typed, as the rule's value."""
    text = text.strip()
    if known.kind == Kind.BOOL:
        return text == "true"
    if known.kind == Kind.CUSTOMER:
        return customer_typed(text)
    if not known.kind.is_number:
        return text
    number = _number(text)
    if known.kind == Kind.PROBABILITY:
        return float(number / 100)
    if known.kind == Kind.MONEY:
        number = number.scaleb(get_currency_precision(currency))
    if number == number.to_integral_value():
        return int(number)
    if known.kind == Kind.NUMBER:
        return float(number)
    raise ValueError(_("Enter a whole number."))


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation as wrong:
        raise ValueError(_("Enter a number.")) from wrong
    if not number.is_finite() or abs(number) > 10**15:
        raise ValueError(_("Enter a number."))
    return number
