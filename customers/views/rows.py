"""The rows of the list, as text.

Fifty rows are some five hundred cells; a template that asks at each which column it is in takes longer than the rest of
the page. Here each column knows its cell, and what is the same in many rows is worked out once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import formats
from crm.addresses import reverse
from crm.markup import escape
from crm.templatetags.list_pieces import row_select, row_tool
from crm.templatetags.pieces import due, named, piece
from crm.templatetags.ui import day, moment
from customers.classes import ClassWord
from customers.models import Customer, CustomerStats
from customers.models.stats import Stage
from customers.selectors.columns import COLUMNS, USUAL

URL, PK, NAME = "{url}", "{pk}", "{name}"


@dataclass(frozen=True)
class Look:
    """What every row of one list shares. ``drawn`` keeps each cell by what it shows: most show what others do."""

    columns: list[str]
    currency: str
    classes: dict[str, ClassWord]
    may_change: bool
    may_choose: bool = False
    address: str = field(default_factory=lambda: reverse("customers:list"))
    stages: dict[str, str] = field(default_factory=lambda: {stage.value: str(stage.label) for stage in Stage})
    nobody: str = field(default_factory=lambda: f'<span class="muted">{escape(_("nobody"))}</span>')
    today: date = field(default_factory=timezone.localdate)
    drawn: dict[tuple[str, Any], str] = field(default_factory=dict)

    @cached_property
    def amount(self) -> Callable[[int], str]:
        return formats.money_writer(self.currency, whole=True)

    @cached_property
    def openings(self) -> dict[str, str]:
        return {key: self._opening(key, CELLS[key]) for key in self.columns if key in CELLS}

    def _opening(self, key: str, cell: Cell) -> str:
        css = f' class="{cell.css}"' if cell.css else ""
        # What a phone does not usually show has a label there where it was chosen.
        told = cell.label or (COLUMNS[key] if "phone-hide" in cell.css and self.columns != [*USUAL] else "")
        label = f' data-label="{escape(told)}"' if told else ""
        mark = f' data-cell="{key}"' if self.may_change and key in EDITABLE_CELLS else ""
        return f"<td{css}{label}{mark}>"

    def cell(self, key: str, row: CustomerStats) -> str:
        """A cell of one of our own columns, from ``<td>`` to ``</td>``."""
        cell = CELLS[key]
        value = cell.value(row)
        drawn = self.drawn.get((key, value))
        if drawn is None:
            drawn = f"{self.openings[key]}{cell.draw(value, self)}</td>"
            self.drawn[key, value] = drawn
        return drawn


def drawn(rows: Iterable[CustomerStats], look: Look) -> SafeString:
    """All rows, one ``<tr>`` each; a row has its ``owner_name``, and in ``own`` its cells of custom fields."""
    keys = [(key, key in CELLS) for key in look.columns if key != "name"]
    box = _parts(row_select(PK, NAME), PK, NAME) if look.may_choose else []
    tools, waiting = (_parts(_tools(look, waits), URL) for waits in (False, True))
    told = _("waits for review")
    lines = []
    for row in rows:
        customer, pk = row.customer, str(row.customer_id)
        url = f"{look.address}{pk}/"
        waits = customer.review == Customer.Review.WAITING
        name = named(
            customer.name,
            url=url,
            subtitle=told if waits else "",
            square=customer.kind == Customer.Kind.COMPANY,
        )
        select = f"{box[0]}{pk}{box[1]}{escape(customer.name)}{box[2]}" if box else ""
        cells = "".join([look.cell(key, row) if ours else row.own[key] for key, ours in keys])
        lines.append(
            f'<tr data-row="{pk}" data-href="{url}" id="customer-{pk}">{select}<th scope="row">{name}</th>{cells}'
            f'<td class="col-actions">{url.join(waiting if waits else tools)}</td></tr>'
        )
    return SafeString("".join(lines))


def _parts(text: str, *marks: str) -> list[str]:
    """What stands around the marks of a text that is the same in every row but for them."""
    return re.split("|".join(map(re.escape, marks)), text)


def _tools(look: Look, waits: bool) -> str:
    """The quick actions at the end of a row; nothing for who may only read."""
    if not look.may_change:
        return ""
    tools = [
        row_tool("phone", _("Log a call"), f"{URL}log/"),
        row_tool("calendar-plus", _("Add a follow-up"), f"{URL}follow-ups/new/"),
        row_tool("edit", _("Edit"), f"{URL}edit/", edit=True),
    ]
    if waits:
        accept, reject = f"{URL}review/?verdict=accept", f"{URL}review/?verdict=reject"
        tools.insert(0, row_tool("x", _("Reject"), reject, post=True))
        tools.insert(0, row_tool("check", _("Accept"), accept, post=True))
    return f'<span class="row-tools">{"".join(tools)}</span>'


@dataclass(frozen=True)
class Cell:
    """How a column draws its ``value`` of a row. A phone shows those with a label of their own, and the class."""

    value: Callable[[CustomerStats], Any]
    draw: Callable[[Any, Look], str]
    css: str = "phone-hide"
    label: str | Promise = ""


# Columns that can be changed in their place; those of custom fields can, too.
EDITABLE_CELLS = frozenset({"owner", "industry", "region", "phone", "email", "source"})


def _class(code: str, look: Look) -> str:
    word = look.classes.get(code)
    return piece("class_badge", name=word.name, rank=word.rank) if word else ""


def _stage(stage: str, look: Look) -> str:
    return piece("stage_dot", stage=stage, name=look.stages.get(stage, stage))


def _owner(name: str | None, look: Look) -> str:
    return piece("person_chip", name=name) if name else look.nobody


def _risk(forecast: tuple[str | None, float | None], look: Look) -> str:
    level, chance = forecast
    return piece("risk", chance=chance, level=level) if level else '<span class="muted">–</span>'


def _forecast(row: CustomerStats) -> tuple[str | None, float | None]:
    chance = row.churn_probability
    return row.churn_risk, None if chance is None else round(chance, 2)


def _amount(minor: int | None, look: Look) -> str:
    return look.amount(minor or 0)


def _number(value: int, look: Look) -> str:
    return formats.number_text(value)


def _text(value: str, look: Look) -> str:
    return escape(value)


CELLS: dict[str, Cell] = {
    "class": Cell(attrgetter("class_code"), _class, css=""),
    "stage": Cell(attrgetter("stage"), _stage),
    "owner": Cell(attrgetter("owner_name"), _owner),
    "next_step": Cell(
        attrgetter("next_follow_up_at"), lambda at, look: due(at), "", gettext_lazy("Next step")
    ),
    "last_contact": Cell(attrgetter("last_contact_at"), lambda at, look: moment(at)),
    "last_purchase": Cell(attrgetter("last_purchase_on"), lambda on, look: day(on, look.today)),
    "spend": Cell(attrgetter("spend"), _amount, "num", gettext_lazy("Spent")),
    "orders": Cell(attrgetter("orders"), _number, "num phone-hide"),
    "risk": Cell(_forecast, _risk, "", gettext_lazy("Risk")),
    "at_risk": Cell(attrgetter("value_at_risk"), _amount, "num phone-hide"),
    "industry": Cell(attrgetter("customer.industry"), _text),
    "region": Cell(attrgetter("customer.region"), _text),
    "phone": Cell(attrgetter("customer.phone"), _text),
    "email": Cell(attrgetter("customer.email"), _text),
    "source": Cell(attrgetter("customer.source"), _text),
    "quality": Cell(attrgetter("customer.quality"), _number, "num phone-hide"),
    "created": Cell(attrgetter("customer.created_at"), lambda at, look: day(at)),
}
