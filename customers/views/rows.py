"""The rows of the list, as text.

Fifty rows are some five hundred cells; a template that asks at each which column it is in takes longer than the rest of
the page. Here each column knows its cell, and what is the same in every row is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import formats
from crm.templatetags.pieces import due, named, piece, row_select, row_tool
from crm.templatetags.ui import day, moment, money
from customers.classes import ClassWord
from customers.models import Customer, CustomerStats
from customers.models.stats import Stage


@dataclass(frozen=True)
class Look:
    """What every row of one list shares."""

    columns: list[str]
    currency: str
    classes: dict[str, ClassWord]
    may_change: bool
    may_choose: bool = False
    address: str = field(default_factory=lambda: reverse("customers:list"))
    stages: dict[str, str] = field(default_factory=lambda: {stage.value: str(stage.label) for stage in Stage})
    nobody: str = field(default_factory=lambda: f'<span class="muted">{escape(_("nobody"))}</span>')


def drawn(rows: Iterable[CustomerStats], look: Look) -> SafeString:
    """All rows, one ``<tr>`` each; a row has its ``owner_name``, and in ``own`` its cells of custom fields."""
    cells = [(_opening(key, look), CELLS[key].draw) for key in look.columns if key in CELLS]
    tools = _tools_of(look)
    return SafeString("".join(_row(row, look, cells, tools) for row in rows))


def _row(
    row: CustomerStats,
    look: Look,
    cells: list[tuple[str, Draw]],
    tools: Callable[[Customer, str], str],
) -> str:
    customer = row.customer
    url = f"{look.address}{customer.pk}/"
    waits = customer.review == Customer.Review.WAITING
    name = named(
        customer.name,
        url=url,
        subtitle=_("waits for review") if waits else "",
        square=customer.kind == Customer.Kind.COMPANY,
    )
    box = row_select(customer.pk, customer.name) if look.may_choose else ""
    drawn = "".join([f"{opening}{draw(row, look)}</td>" for opening, draw in cells] + list(row.own.values()))
    return (
        f'<tr data-row="{customer.pk}" data-href="{url}" id="customer-{customer.pk}">{box}'
        f'<th scope="row">{name}</th>{drawn}<td class="col-actions">{tools(customer, url)}</td></tr>'
    )


def _tools_of(look: Look) -> Callable[[Customer, str], str]:
    """What draws the quick actions at the end of a row; nothing for who may only read."""
    if not look.may_change:
        return lambda customer, url: ""
    log, follow_up, edit = _("Log a call"), _("Add a follow-up"), _("Edit")
    accept, reject = _("Accept"), _("Reject")

    def tools(customer: Customer, url: str) -> str:
        verdict = ""
        if customer.review == Customer.Review.WAITING:
            verdict = row_tool("check", accept, f"{url}review/?verdict=accept", post=True)
            verdict += row_tool("x", reject, f"{url}review/?verdict=reject", post=True)
        return (
            f'<span class="row-tools">{verdict}{row_tool("phone", log, f"{url}log/")}'
            f"{row_tool('calendar-plus', follow_up, f'{url}follow-ups/new/')}"
            f"{row_tool('edit', edit, f'{url}edit/', edit=True)}</span>"
        )

    return tools


Draw = Callable[[CustomerStats, Look], str]


@dataclass(frozen=True)
class Cell:
    """How a column draws. A phone shows those with a label of their own, and the class."""

    draw: Draw
    css: str = "phone-hide"
    label: str | Promise = ""


def cell_of(key: str, row: CustomerStats, look: Look) -> SafeString:
    """One cell as it stands in its row."""
    return SafeString(f"{_opening(key, look)}{CELLS[key].draw(row, look)}</td>")


# Columns that can be changed in their place; those of custom fields can, too.
EDITABLE_CELLS = frozenset({"owner", "industry", "region", "phone", "email", "source"})


def _opening(key: str, look: Look) -> str:
    cell = CELLS[key]
    css = f' class="{cell.css}"' if cell.css else ""
    label = f' data-label="{escape(cell.label)}"' if cell.label else ""
    mark = f' data-cell="{key}"' if look.may_change and key in EDITABLE_CELLS else ""
    return f"<td{css}{label}{mark}>"


def _class(row: CustomerStats, look: Look) -> str:
    word = look.classes.get(row.class_code)
    return piece("class_badge", name=word.name, rank=word.rank) if word else ""


def _stage(row: CustomerStats, look: Look) -> str:
    return piece("stage_dot", stage=row.stage, name=look.stages.get(row.stage, row.stage))


def _owner(row: CustomerStats, look: Look) -> str:
    return piece("person_chip", name=row.owner_name) if row.owner_name else look.nobody


def _risk(row: CustomerStats, look: Look) -> str:
    if not row.churn_risk:
        return '<span class="muted">–</span>'
    chance = None if row.churn_probability is None else round(row.churn_probability, 2)
    return piece("risk", chance=chance, level=row.churn_risk)


CELLS: dict[str, Cell] = {
    "class": Cell(_class, css=""),
    "stage": Cell(_stage),
    "owner": Cell(_owner),
    "next_step": Cell(lambda row, look: due(row.next_follow_up_at), "", gettext_lazy("Next step")),
    "last_contact": Cell(lambda row, look: moment(row.last_contact_at)),
    "last_purchase": Cell(lambda row, look: day(row.last_purchase_on)),
    "spend": Cell(
        lambda row, look: money(row.spend, look.currency, whole=True), "num", gettext_lazy("Spent")
    ),
    "orders": Cell(lambda row, look: formats.number_text(row.orders), "num phone-hide"),
    "risk": Cell(_risk, "", gettext_lazy("Risk")),
    "at_risk": Cell(
        lambda row, look: money(row.value_at_risk or 0, look.currency, whole=True), "num phone-hide"
    ),
    "industry": Cell(lambda row, look: escape(row.customer.industry)),
    "region": Cell(lambda row, look: escape(row.customer.region)),
    "phone": Cell(lambda row, look: escape(row.customer.phone)),
    "email": Cell(lambda row, look: escape(row.customer.email)),
    "source": Cell(lambda row, look: escape(row.customer.source)),
    "quality": Cell(lambda row, look: formats.number_text(row.customer.quality), "num phone-hide"),
    "created": Cell(lambda row, look: day(row.customer.created_at)),
}
