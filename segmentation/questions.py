"""Segments and classes ask for an erased person no more, nor do the reasons why somebody is in a class name one."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from customers.questions import REPLACED, Naming, free_name, register
from segmentation.criteria import Kind, field_of
from segmentation.criteria.builtin import ERASED
from segmentation.models import ClassChange, ClassMembership, CustomerClass, Segment

NOBODY = {"field": ERASED, "op": "eq", "value": True}


def rule_without(given: Any, naming: Naming) -> Any:
    """Criteria in which those that name the person hold for nobody; "is not" holds for everyone else, as before."""
    if not isinstance(given, list) or not all(isinstance(one, list) for one in given):
        return [[NOBODY]] if naming.is_in(str(given)) else given
    return [[_criterion_without(one, naming) for one in alternative] for alternative in given]


def _criterion_without(one: Any, naming: Naming) -> Any:
    values = _texts_asked(one)
    left = [value for value in values if not _is_meant(one, value, naming)]
    if left == values:
        return NOBODY if naming.is_sure(str(one)) else one
    if one["op"] == "in" and left:
        return one | {"value": left}
    return one | {"value": REPLACED} if one["op"] == "ne" else NOBODY


def _texts_asked(one: Any) -> list[str]:
    """The words a criterion compares with; a choice is one of a list, and names nobody."""
    field = field_of(one.get("field")) if isinstance(one, dict) else None
    if field is None or field.kind != Kind.TEXT:
        return []
    value = one.get("value")
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _is_meant(one: dict[str, Any], value: str, naming: Naming) -> bool:
    """Whether it is the person that is asked for: a place or a trade may have the same name."""
    if one["field"].startswith("custom:"):
        return naming.is_asked(value)
    return naming.is_in(value) if one["field"] == "source" else naming.is_sure(value)


def segment_without(segment: Segment | CustomerClass, naming: Naming) -> dict[str, Any]:
    """What changes in a segment or class: rule, name, description."""
    rule = rule_without(segment.criteria, naming)
    asked = rule != segment.criteria
    name = naming.without(segment.name, 100, asked=asked)
    changed = {
        "criteria": rule,
        "name": name if name == segment.name else free_name(type(segment), segment.pk, name, 100),
        "description": naming.without(segment.description, 300, asked=asked),
    }
    return {column: value for column, value in changed.items() if value != getattr(segment, column)}


def reasons_without(row: ClassMembership | ClassChange, naming: Naming) -> dict[str, Any]:
    why = _without(row.why, naming)
    return {} if why == row.why else {"why": why}


def _without(value: Any, naming: Naming) -> Any:
    if isinstance(value, list):
        return [_without(one, naming) for one in value]
    if isinstance(value, dict):
        return {name: _without(one, naming) for name, one in value.items()}
    return naming.without(value, len(value) + len(REPLACED)) if isinstance(value, str) else value


def _with_reasons(model: Any) -> Any:
    """The rows whose reasons name the person: few companies have classes that ask for words, so few are read."""

    def among(naming: Naming) -> Any:
        rules = CustomerClass.objects.values_list("criteria", flat=True)
        if not any(_asks_for_words(rule) for rule in rules):
            return model.objects.none()
        patterns = [one for one in (naming.exact, naming.telling) if one]
        named = Q(pk__in=[])
        for pattern in patterns:
            named |= Q(why__iregex=pattern)
        return model.objects.filter(named).order_by("pk")

    return among


def _asks_for_words(rule: Any) -> bool:
    criteria = [one for alternative in rule for one in alternative] if isinstance(rule, list) else []
    return any(_texts_asked(one) or one == NOBODY for one in criteria)


# Reasons first: once a class asks for nobody it tells no more whom it asked for.
register(ClassMembership, reasons_without, among=_with_reasons(ClassMembership))
register(ClassChange, reasons_without, among=_with_reasons(ClassChange))
register(Segment, segment_without)
register(CustomerClass, segment_without)
