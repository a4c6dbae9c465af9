"""Custom fields in the list of customers: their columns, cells and chips."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.markup import escape
from customers.models import CustomField
from customers.models.custom import FieldKind, RecordType
from customers.selectors import lists_custom
from customers.selectors.columns import MARK
from customers.selectors.custom import fields_of, names_of, tags_of, told, url_of
from customers.selectors.lists import Wish

LONGEST = 60
_NUMERIC = (FieldKind.NUMBER, FieldKind.MONEY)
_ASKED = {
    "gte": gettext_lazy("at least %(value)s"),
    "gt": gettext_lazy("more than %(value)s"),
    "lte": gettext_lazy("at most %(value)s"),
    "lt": gettext_lazy("less than %(value)s"),
    "prefix": gettext_lazy("begins with %(value)s"),
}


def own_columns() -> dict[str, CustomField]:
    """The columns there can be, by key."""
    return {f"{MARK}{field.key}": field for field in fields_of(RecordType.CUSTOMER)}


def column_of(key: str) -> dict[str, Any]:
    """What the list's head knows of such a column: whether it is of numbers, and the name it is sorted by."""
    field = own_columns().get(key) if key.startswith(MARK) else None
    if field is None:
        return {}
    name = f"custom.{field.key}"
    return {"numeric": field.type in _NUMERIC, "sort": name if lists_custom.own_sort(name) else ""}


def fill_cells(rows: list[Any], columns: list[str], currency: str) -> None:
    """Give each row ``own``, where custom fields are chosen: their cells. Two queries at most, for names."""
    known = own_columns()
    fields = [known[key] for key in columns if key in known]
    if not fields:
        return
    names = names_of(fields, [row.customer.custom for row in rows])
    cells = {f"{MARK}{field.key}": _Cells(field, currency, names) for field in fields}
    for row in rows:
        custom = row.customer.custom
        row.own = {key: of_field.cell(custom.get(of_field.field.key)) for key, of_field in cells.items()}


class _Cells:
    """The cells of one field, each value drawn once."""

    def __init__(self, field: CustomField, currency: str, names: dict[str, str]) -> None:
        self.field, self.currency, self.names = field, currency, names
        css = "num phone-hide" if field.type in _NUMERIC else "phone-hide"
        self.opening = f'<td class="{css}" data-label="{escape(field.label)}" data-cell="{MARK}{field.key}">'
        self.drawn: dict[Any, SafeString] = {}

    def cell(self, value: Any) -> SafeString:
        if isinstance(value, list):
            return self._cell(value)
        if value not in self.drawn:
            self.drawn[value] = self._cell(value)
        return self.drawn[value]

    def _cell(self, value: Any) -> SafeString:
        return SafeString(f"{self.opening}{self._inner(value)}</td>")

    def _inner(self, value: Any) -> str:
        if self.field.type == FieldKind.MULTI_CHOICE and value:
            return drawn_tags(self.field, value)
        text = told(self.field, value, currency=self.currency, names=self.names)
        short = escape(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
        url = url_of(self.field, value) if text else ""
        return f'<a href="{escape(url)}" rel="noopener noreferrer">{short}</a>' if url else short


def drawn_tags(field: CustomField, values: list[str]) -> SafeString:
    """Each choice as a tag in its colour."""
    pairs = tags_of(field, values)
    return format_html_join(" ", '<span class="mini-tag" data-hue="{}">{}</span>', pairs)


def chips(wish: Wish, currency: str) -> list[tuple[str, str, str]]:
    """Each filter over a custom field: its name in the address, its label and its value in words."""
    asked = {name: lists_custom.condition(name, text, wish.digits) for name, text in wish.own.items()}
    fields = [one.field for one in asked.values() if one]
    names = names_of(
        fields, [{one.field.key: one.value} for one in asked.values() if one and one.lookup == "exact"]
    )
    found = []
    for name, one in asked.items():
        if one is None:
            key = name.removeprefix("custom.").partition("__")[0]
            field = next(field for field in fields_of(RecordType.CUSTOMER) if field.key == key)
            found.append((name, field.label, wish.own[name]))
        else:
            found.append((name, one.field.label, _value(one, currency, names)))
    return found


def _value(one: Any, currency: str, names: dict[str, str]) -> str:
    if one.lookup == "isnull":
        return _("empty") if one.value else _("filled in")
    several = one.value if isinstance(one.value, list) else [one.value]
    words = _(", ").join(told(one.field, value, currency=currency, names=names) for value in several)
    return str(_ASKED[one.lookup]) % {"value": words} if one.lookup in _ASKED else words
