"""Rules in words, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import formats
from crm.personal import MARK
from segmentation.criteria.fields import Field, Kind, Named, field_of
from segmentation.criteria.rules import Rule
from segmentation.criteria.sql import Reference

OPERATORS = {
    "gte": gettext_lazy("at least"),
    "lte": gettext_lazy("at most"),
    "gt": gettext_lazy("more than"),
    "lt": gettext_lazy("less than"),
    "eq": gettext_lazy("is"),
    "ne": gettext_lazy("is not"),
    "in": gettext_lazy("is one of"),
    "is_null": gettext_lazy("is unknown"),
    "not_null": gettext_lazy("is known"),
}
_CLAUSES = {
    "gte": gettext_lazy("%(label)s at least %(value)s"),
    "lte": gettext_lazy("%(label)s at most %(value)s"),
    "gt": gettext_lazy("%(label)s more than %(value)s"),
    "lt": gettext_lazy("%(label)s less than %(value)s"),
    "eq": gettext_lazy("%(label)s is %(value)s"),
    "ne": gettext_lazy("%(label)s is not %(value)s"),
    "in": gettext_lazy("%(label)s is one of %(value)s"),
    "is_null": gettext_lazy("%(label)s is unknown"),
    "not_null": gettext_lazy("%(label)s is known"),
}
_HIDDEN = gettext_lazy("something that is personal data (%(mark)s)")
_AMONG = {
    "eq": gettext_lazy("%(label)s has %(value)s"),
    "ne": gettext_lazy("%(label)s has not %(value)s"),
    "in": gettext_lazy("%(label)s has one of %(value)s"),
}


def told(rule: Rule, reference: Reference, *, empty: str | None = None) -> str:
    """The whole rule as one sentence without its full stop; ``empty`` stands for a rule without criteria."""
    if not rule.alternatives:
        return _("everyone") if empty is None else empty
    learn_names([rule])
    both, either = _("%(first)s and %(second)s"), _("%(first)s, or %(second)s")
    alternatives = (
        _chain((clause(one.field, one.op, one.value, reference) for one in alternative), both)
        for alternative in rule.alternatives
    )
    return _chain(alternatives, either)


def _chain(parts: Iterable[str], pattern: str) -> str:
    text = ""
    for part in parts:
        text = pattern % {"first": text, "second": part} if text else part
    return text


def learn_names(rules: Iterable[Rule]) -> None:
    """Ask at once for the names that these rules will tell, which else are asked for rule by rule."""
    _learn((one.field, one.values) for rule in rules for _number, one in rule)


def learn_reasons(whys: Iterable[list[dict[str, Any]]]) -> None:
    """The same for what ``explained`` found."""
    _learn(
        (field_of(one.get("field")), _ids(one.get("threshold")) + _ids(one.get("value")))
        for why in whys
        for one in why
    )


def _ids(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _learn(asked: Iterable[tuple[Field | None, list[Any]]]) -> None:
    wanted: dict[Named, set[str]] = {}
    for field, values in asked:
        if field is not None and field.named:
            wanted.setdefault(field.named, set()).update(values)
    for named, ids in wanted.items():
        named(ids)


def clause(field: Field, op: str, value: Any, reference: Reference) -> str:
    """One criterion in words: "spent at least ¥50,000 in 12 months"; what is hidden is not even named."""
    if field.hidden:
        return _HIDDEN % {"mark": MARK}
    if field.kind == Kind.BOOL:
        return str(field.phrases["true" if value else "false"])
    pattern = str(
        field.phrases.get(op) or (_AMONG if field.kind == Kind.CHOICES else {}).get(op) or _CLAUSES[op]
    )
    return pattern % {"label": field.label, "value": value_told(field, value, reference)}


def value_told(field: Field, value: Any, reference: Reference) -> str:
    """A value of the field in words; a dash for what is unknown."""
    if value is None:
        return "–"
    if isinstance(value, list):
        return _(", ").join(value_told(field, one, reference) for one in value)
    if field.named:
        return str(field.named([value]).get(value, "–"))
    if field.choices:
        return str(dict(field.choices()).get(value, value))
    return _TELL.get(field.kind, _plain)(value, reference)


def _money(value: int, reference: Reference) -> str:
    text = formats.money_text(value, reference.currency, whole=True)
    exact = formats.money_text(value, reference.currency)
    return text if exact.startswith(text) and not exact[len(text) :].strip(".,0") else exact


def days_told(value: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", value) % {"count": formats.number_text(value)}


def _plain(value: Any, _reference: Reference) -> str:
    return str(value)


_TELL: dict[Kind, Callable[[Any, Reference], str]] = {
    Kind.MONEY: _money,
    Kind.DAYS: lambda value, _reference: days_told(value),
    Kind.INT: lambda value, _reference: formats.number_text(value),
    Kind.NUMBER: lambda value, _reference: formats.number_text(value, digits=6),
    Kind.PROBABILITY: lambda value, _reference: formats.percent_text(value),
    Kind.BOOL: lambda value, _reference: _("yes") if value else _("no"),
}


def reasons(why: list[dict[str, Any]], reference: Reference) -> list[dict[str, Any]]:
    """What ``explained`` found, as rows for a list of reasons; criteria that are gone are left out.

    Of what is masked stands there that it is asked, but neither what nor whether it is met.
    """
    rows = []
    learn_reasons([why])
    for one in why:
        field = field_of(one.get("field"))
        if one.get("field") == MARK:
            text = str(_HIDDEN % {"mark": MARK})
            rows.append({"text": text[:1].upper() + text[1:], "value": "", "met": None, "alternative": 0})
        elif field is not None:
            text = clause(field, one["op"], one.get("threshold"), reference)
            value = value_told(field, one.get("value"), reference)
            rows.append(
                {
                    "text": text[:1].upper() + text[1:],
                    "value": value,
                    "met": one["met"],
                    "alternative": one.get("alternative", 0),
                }
            )
    return rows
