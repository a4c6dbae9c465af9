"""The filter of a list: built in the sheet, told as chips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm import answers, formats
from crm.access import needs
from crm.errors import NotAllowed, NotFound
from crm.filtering import forms
from crm.filtering.fields import COUNTS, NONE, SEVERAL, Asker, FilterField, Kind, decimal_of, operator_words
from crm.filtering.grammar import Group, Item, Question, WrongFilter, parse, questions, write
from crm.models import Member
from crm.saved_views.lists import list_of
from customers.custom_forms import customer_typed, is_id, typed_names
from customers.selectors.asking import all_fields, asker_of, field_named
from customers.selectors.names import names_by_id
from customers.selectors.simple_filters import as_group

SAFE = "(),:'"
form_view = require_http_methods(["GET", "POST"])
Named = Callable[[str], FilterField | None]


@dataclass(frozen=True)
class Builder:
    """The whole filter of one list in the sheet. ``urls`` are those of the sheet, of one more row and one more group;
    ``simple`` gives what of an address the filter can hold besides ``where``, and the rest of it.
    """

    list_url: str
    urls: tuple[str, str, str]
    fields: Callable[[], list[FilterField]]
    named: Named
    simple: Callable[[Mapping[str, str]], tuple[Group, list[tuple[str, str]]]]

    def sheet(self, request: HttpRequest) -> HttpResponse:
        """The filter as the address has it; what else the address asks for stays."""
        fields = self.fields()
        if request.method == "POST":
            try:
                return self._shown(request, forms.read(request.POST, fields, self.named))
            except WrongFilter as wrong:
                return self._sheet(request, forms.Box("and"), str(wrong))
        group, kept = self.simple(request.GET)
        try:
            asked = parse(request.GET["where"]) if request.GET.get("where") else Group()
        except WrongFilter as wrong:
            return self._sheet(request, forms.Box("and"), str(wrong))
        box = forms.box_of(Group("and", group.items + asked.items), self.named)
        if not box.items:
            box.items.append(forms.Row(fields[0], fields[0].operators[0]))
        return self._sheet(request, box, kept=kept)

    def row(self, request: HttpRequest) -> HttpResponse:
        """One more question, or one whose field or operator was changed."""
        mark = next((text for text in request.GET.getlist("node") if text.isalnum()), "")[:32]
        found = forms.row_of(request.GET, mark or forms.new_mark(), self.fields(), self.named)
        _name_records([found])
        return render(request, "ui/filter/row.html", {**self._frame(), "row": found, "focus": not mark})

    def group(self, request: HttpRequest) -> HttpResponse:
        """One more group, with one question in it."""
        fields, depth = self.fields(), request.GET.get("depth", "2")
        box = forms.Box("or", depth=int(depth) if depth in ("2", "3", "4") else 2)
        box.items.append(forms.Row(fields[0], fields[0].operators[0]))
        return render(request, "ui/filter/group.html", {**self._frame(), "box": box})

    def _frame(self) -> dict[str, Any]:
        return {
            "sections": forms.sections(self.fields()),
            "row_url": self.urls[1],
            "group_url": self.urls[2],
            "names_url": reverse("customers:names"),
        }

    def _sheet(
        self,
        request: HttpRequest,
        box: forms.Box,
        error: str = "",
        kept: list[tuple[str, str]] | None = None,
    ) -> HttpResponse:
        _name_records(_rows(box))
        page = {
            **self._frame(),
            "box": box,
            "error": error,
            "action": self.urls[0],
            "kept": kept if kept is not None else _kept(request),
        }
        status = 422 if request.method == "POST" else 200
        return render(request, "ui/filter/sheet.html", page, status=status)

    def _shown(self, request: HttpRequest, box: forms.Box) -> HttpResponse:
        for one in _rows(box):
            _find_record(one)
        tree, sound = forms.tree_of(box, asker_of(request.member))
        try:
            text = write(tree)
            if text:
                parse(text)
        except WrongFilter as wrong:
            return self._sheet(request, box, str(wrong))
        if not sound or any(one.error for one in _rows(box)):
            return self._sheet(request, box)
        query = dict(_kept(request)) | ({"where": text} if text else {})
        return answers.go(f"{self.list_url}?{urlencode(query, safe=SAFE) or 'view=all'}")


def _of_customers() -> Builder:
    urls = (reverse("customers:filters"), reverse("customers:filter-row"), reverse("customers:filter-group"))
    return Builder(reverse("customers:list"), urls, all_fields, field_named, as_group)


@form_view
@needs("customers.view")
def builder(request: HttpRequest) -> HttpResponse:
    """The whole filter of the list of customers in the sheet."""
    return _of_customers().sheet(request)


@require_GET
@needs("customers.view")
def row(request: HttpRequest) -> HttpResponse:
    return _of_customers().row(request)


@require_GET
@needs("customers.view")
def group(request: HttpRequest) -> HttpResponse:
    return _of_customers().group(request)


def _of_list(request: HttpRequest, key: str) -> Builder:
    """That of another list the member may see and that has fields to ask about."""
    kind = list_of(key)
    if kind.catalogue is None:
        raise NotFound
    if not request.member.can(kind.capability):
        raise NotAllowed
    names = ("customers:list-filters", "customers:list-filter-row", "customers:list-filter-group")
    sheet, row, group = (reverse(name, args=[key]) for name in names)
    catalogue = kind.catalogue
    return Builder(kind.url, (sheet, row, group), catalogue.fields, catalogue.named, _nothing_simple)


def _nothing_simple(query: Mapping[str, str]) -> tuple[Group, list[tuple[str, str]]]:
    return Group(), [(name, value) for name, value in query.items() if name not in ("where", "cursor")]


@form_view
@needs("today.view")
def list_builder(request: HttpRequest, key: str) -> HttpResponse:
    """The whole filter of another list in the sheet."""
    return _of_list(request, key).sheet(request)


@require_GET
@needs("today.view")
def list_row(request: HttpRequest, key: str) -> HttpResponse:
    return _of_list(request, key).row(request)


@require_GET
@needs("today.view")
def list_group(request: HttpRequest, key: str) -> HttpResponse:
    return _of_list(request, key).group(request)


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name.removeprefix("keep."), value)
        for name, value in request.POST.items()
        if name.startswith("keep.") and isinstance(value, str)
    ]


def _rows(box: forms.Box) -> list[forms.Row]:
    found: list[forms.Row] = []
    for one in box.items:
        found += _rows(one) if isinstance(one, forms.Box) else [one]
    return found


def _find_record(row: forms.Row) -> None:
    """A customer is typed by name and kept by id."""
    if row.field.kind == Kind.RECORD and row.values:
        try:
            row.values = [customer_typed(row.values[0])]
        except ValueError as wrong:
            row.error = str(wrong)


def _name_records(rows: list[forms.Row]) -> None:
    wanted = [row for row in rows if row.field.kind == Kind.RECORD and row.values and is_id(row.values[0])]
    names = typed_names(row.values[0] for row in wanted)
    for row in wanted:
        row.values = [names.get(row.values[0], row.values[0])]


class Words:
    """A filter in words, for chips; the names of members and customers in it by two queries."""

    def __init__(self, group: Group, asker: Asker, currency: str, named: Named) -> None:
        self.asker, self.currency, self.named = asker, currency, named
        ids: dict[Kind, set[str]] = {Kind.MEMBER: set(), Kind.RECORD: set()}
        for one in questions(group):
            field = named(one.field)
            if field is not None and field.kind in ids:
                ids[field.kind] |= {value for value in one.values if is_id(value)}
        self.names = names_by_id(ids[Kind.MEMBER], ids[Kind.RECORD])

    def chip(self, item: Item) -> tuple[str, str]:
        """What stands on a chip: the field and what is asked of it; of a group its kind and all its questions."""
        if isinstance(item, Question):
            field = self.named(item.field)
            return (str(field.label), self._question(field, item)) if field else (item.field, "?")
        label = {"and": _("All of"), "or": _("Any of"), "not": _("None of")}[item.kind]
        return label, " · ".join(self._within(inner) for inner in item.items)

    def _within(self, item: Item) -> str:
        label, value = self.chip(item)
        return f"{label} {value}" if isinstance(item, Question) else f"({label}: {value})"

    def _question(self, field: FilterField, asked: Question) -> str:
        words = (
            operator_words(field.kind, asked.operator)
            if asked.operator in field.operators
            else asked.operator
        )
        if asked.operator in NONE:
            return words
        if asked.operator in COUNTS:
            return f"{words}: {asked.values[0]}" if asked.values else words
        told = [self._value(field, value) for value in asked.values]
        joined = (_(", ") if asked.operator in SEVERAL else " – ").join(told)
        return f"{words} {joined}"

    def _value(self, field: FilterField, text: str) -> str:
        if field.kind in (Kind.MEMBER, Kind.RECORD):
            return _("me") if text == "me" else self.names.get(text, "–")
        if field.kind == Kind.YES_NO:
            return _("yes") if text == "true" else _("no")
        if text == "today":
            return _("today")
        try:
            return self._typed(field, text)
        except (ValueError, ArithmeticError):
            return text

    def _typed(self, field: FilterField, text: str) -> str:
        if field.kind == Kind.MONEY:
            return formats.money_text(int(decimal_of(text).scaleb(self.asker.digits)), self.currency)
        if field.kind == Kind.NUMBER:
            return formats.number_text(decimal_of(text), digits=6)
        if field.kind in (Kind.DATE, Kind.MOMENT):
            return formats.day_text(date.fromisoformat(text))
        return field.known().get(text, text) if field.choices else text


def where_chips(
    where: str, member: Member, currency: str, named: Named = field_named
) -> tuple[list[tuple[str, str, str | None]], str]:
    """A chip for each thing asked: label, words, ``where`` without it; and what is wrong with the filter."""
    asker = asker_of(member)
    try:
        group = parse(where)
        for one in questions(group):
            if (field := named(one.field)) is None:
                raise WrongFilter(_("There is no field “%(name)s”.") % {"name": one.field})
            field.read(one.operator, one.values, asker)
    except WrongFilter as wrong:
        return [(_("Filter"), _("not understood"), None)], str(wrong)
    words = Words(group, asker, currency, named)
    return [
        (*words.chip(item), write(group.without(place)) or None) for place, item in enumerate(group.items)
    ], ""
