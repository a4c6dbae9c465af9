"""The filter of the list: built in the sheet, told as chips."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm import answers, formats
from crm.access import needs
from crm.filtering import forms
from crm.filtering.fields import COUNTS, NONE, SEVERAL, Asker, FilterField, Kind, decimal_of, operator_words
from crm.filtering.grammar import Group, Item, Question, WrongFilter, parse, questions, write
from crm.models import Member
from customers.custom_forms import CustomerField, marked_names
from customers.models import Customer
from customers.selectors.asking import all_fields, asker_of, field_named
from customers.selectors.simple_filters import as_group

SAFE = "(),:'"


@require_http_methods(["GET", "POST"])
@needs("customers.view")
def builder(request: HttpRequest) -> HttpResponse:
    """The whole filter in the sheet; what else the address asks for stays."""
    fields = all_fields()
    if request.method == "POST":
        try:
            return _shown(request, forms.read(request.POST, fields, field_named), fields)
        except WrongFilter as wrong:
            return _sheet(request, forms.Box("and"), fields, str(wrong))
    group, kept = as_group(request.GET)
    try:
        asked = parse(request.GET["where"]) if request.GET.get("where") else Group()
    except WrongFilter as wrong:
        return _sheet(request, forms.Box("and"), fields, str(wrong))
    box = forms.box_of(Group("and", group.items + asked.items), field_named)
    if not box.items:
        box.items.append(forms.Row(fields[0], fields[0].operators[0]))
    return _sheet(request, box, fields, kept=kept)


@require_GET
@needs("customers.view")
def row(request: HttpRequest) -> HttpResponse:
    """One more question, or one whose field or operator was changed."""
    fields = all_fields()
    mark = next((text for text in request.GET.getlist("node") if text.isalnum()), "")[:32]
    found = forms.row_of(request.GET, mark or forms.new_mark(), fields, field_named)
    _name_records([found])
    return render(request, "ui/filter/row.html", {**_frame(fields), "row": found, "focus": not mark})


@require_GET
@needs("customers.view")
def group(request: HttpRequest) -> HttpResponse:
    """One more group, with one question in it."""
    fields = all_fields()
    depth = request.GET.get("depth", "2")
    box = forms.Box("or", depth=int(depth) if depth in ("2", "3", "4") else 2)
    box.items.append(forms.Row(fields[0], fields[0].operators[0]))
    return render(request, "ui/filter/group.html", {**_frame(fields), "box": box})


def _frame(fields: list[FilterField]) -> dict[str, Any]:
    return {
        "sections": forms.sections(fields),
        "row_url": reverse("customers:filter-row"),
        "group_url": reverse("customers:filter-group"),
        "names_url": reverse("customers:names"),
    }


def _sheet(
    request: HttpRequest,
    box: forms.Box,
    fields: list[FilterField],
    error: str = "",
    kept: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    _name_records(_rows(box))
    page = {
        **_frame(fields),
        "box": box,
        "error": error,
        "action": reverse("customers:filters"),
        "kept": kept if kept is not None else _kept(request),
    }
    return render(request, "ui/filter/sheet.html", page, status=422 if request.method == "POST" else 200)


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name.removeprefix("keep."), value)
        for name, value in request.POST.items()
        if name.startswith("keep.") and isinstance(value, str)
    ]


def _shown(request: HttpRequest, box: forms.Box, fields: list[FilterField]) -> HttpResponse:
    for one in _rows(box):
        _find_record(one)
    tree, sound = forms.tree_of(box, asker_of(request.member))
    try:
        text = write(tree)
        if text:
            parse(text)
    except WrongFilter as wrong:
        return _sheet(request, box, fields, str(wrong))
    if not sound or any(one.error for one in _rows(box)):
        return _sheet(request, box, fields)
    query = dict(_kept(request)) | ({"where": text} if text else {})
    return answers.go(f"{reverse('customers:list')}?{urlencode(query, safe=SAFE) or 'view=all'}")


def _rows(box: forms.Box) -> list[forms.Row]:
    found: list[forms.Row] = []
    for one in box.items:
        found += _rows(one) if isinstance(one, forms.Box) else [one]
    return found


def _find_record(row: forms.Row) -> None:
    """A customer is typed by name and kept by id."""
    if row.field.kind == Kind.RECORD and row.values:
        try:
            row.values = [str(CustomerField().clean(row.values[0]))]
        except Exception as wrong:
            row.error = " ".join(getattr(wrong, "messages", [str(wrong)]))


def _name_records(rows: list[forms.Row]) -> None:
    wanted = [row for row in rows if row.field.kind == Kind.RECORD and row.values and _is_id(row.values[0])]
    found = (
        {str(one.pk): one for one in Customer.objects.filter(pk__in=[row.values[0] for row in wanted])}
        if wanted
        else {}
    )
    for row in wanted:
        if one := found.get(row.values[0]):
            row.values = marked_names([one])


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class Words:
    """A filter in words, for chips; the names of members and customers in it by two queries."""

    def __init__(self, group: Group, asker: Asker, currency: str) -> None:
        self.asker, self.currency = asker, currency
        ids: dict[Kind, set[str]] = {Kind.MEMBER: set(), Kind.RECORD: set()}
        for one in questions(group):
            field = field_named(one.field)
            if field is not None and field.kind in ids:
                ids[field.kind] |= {value for value in one.values if _is_id(value)}
        self.names: dict[str, str] = {}
        for kind, rows, column in (
            (Kind.MEMBER, Member.objects.all(), "display_name"),
            (Kind.RECORD, Customer.objects.order_by(), "name"),
        ):
            if ids[kind]:
                named = rows.filter(pk__in=ids[kind]).values_list("pk", column)
                self.names |= {str(pk): name for pk, name in named}

    def chip(self, item: Item) -> tuple[str, str]:
        """What stands on a chip: the field and what is asked of it; of a group its kind and all its questions."""
        if isinstance(item, Question):
            field = field_named(item.field)
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


def where_chips(where: str, member: Member, currency: str) -> tuple[list[tuple[str, str, str | None]], str]:
    """A chip for each thing asked: label, words, ``where`` without it; and what is wrong with the filter."""
    asker = asker_of(member)
    try:
        group = parse(where)
        for one in questions(group):
            if (field := field_named(one.field)) is None:
                raise WrongFilter(_("There is no field “%(name)s”.") % {"name": one.field})
            field.read(one.operator, one.values, asker)
    except WrongFilter as wrong:
        return [(_("Filter"), _("not understood"), None)], str(wrong)
    words = Words(group, asker, currency)
    return [
        (*words.chip(item), write(group.without(place)) or None) for place, item in enumerate(group.items)
    ], ""
