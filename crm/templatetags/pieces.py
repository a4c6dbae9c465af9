"""Tags that draw whole pieces: form fields, chart tables, and the quick forms that rows of lists need.

A list draws some five hundred pieces. An ``{% include %}`` each would cost more than the rest of the page, so a
row draws with ``{% piece %}``, which remembers what it drew, and with tags that build their few nodes in Python.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    ModelChoiceField,
    RadioSelect,
    Select,
    Widget,
)
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import formats
from crm.access import may_open
from crm.markup import escape
from crm.navigation import Menu, Person
from crm.templatetags.ui import icon, moment, query_with

register = template.Library()

WITH_BELL = frozenset({"rail", "phone_bar"})
# What stands in a kept drawing until each answer puts its own there.
TOKEN, HERE = "{token}", "{here}"


@register.simple_tag
def piece(_piece: str, **given: Any) -> SafeString:
    """Draw ``ui/<piece>.html`` with the values given; the same values are drawn only once.

    For pieces whose values repeat and which look the same at any time: badges, stages, risks, people. The
    values are plain ones: text, numbers, truth.
    """
    # The type belongs to the key: text marked safe equals the same text that still has to be escaped.
    values = tuple((key, type(value), value) for key, value in given.items())
    return _drawn(f"ui/{_piece}.html", get_language() or "", values)


@lru_cache(maxsize=8192)
def _drawn(path: str, language: str, values: tuple[tuple[str, type, Any], ...]) -> SafeString:
    drawing = get_template(path).render({key: value for key, _type, value in values})
    return SafeString(drawing.strip())


@register.simple_tag(takes_context=True)
def frame_part(context: Context, name: str) -> SafeString:
    """Draw ``ui/frame/<name>.html``, which shows nothing but the frame's menu and, where it has the bell, its count."""
    frame = context["frame"]
    unread = frame.unread if name in WITH_BELL else ""
    return _drawn_part(f"ui/frame/{name}.html", get_language() or "", frame.menu, unread)


@lru_cache(maxsize=2048)
def _drawn_part(path: str, language: str, menu: Menu, unread: str) -> SafeString:
    return SafeString(get_template(path).render({"menu": menu, "unread": unread}))


@register.simple_tag(takes_context=True)
def member_menu(context: Context) -> SafeString:
    """Draw ``ui/frame/member_menu.html``: kept for each person, but for the token and the address in its forms."""
    drawn = _drawn_member_menu(get_language() or "", context["frame"].person)
    here = escape(context["request"].get_full_path())
    return SafeString(drawn.replace(TOKEN, escape(str(context.get("csrf_token", "")))).replace(HERE, here))


@lru_cache(maxsize=512)
def _drawn_member_menu(language: str, person: Person) -> str:
    given = {"person": person, "csrf_token": TOKEN, "here": HERE}
    return get_template("ui/frame/member_menu.html").render(given)


@register.simple_tag
def view_tab(tab: Mapping[str, Any]) -> SafeString:
    """A saved view as a tab: ``{label, url, current, count}``."""
    count = tab.get("count")
    counted = "" if count in (None, "") else f' <span class="view-count">{formats.bounded_text(count)}</span>'
    here = ' aria-current="page"' if tab.get("current") else ""
    return SafeString(
        f'<a class="view-tab" href="{escape(tab["url"])}"{here}>{escape(tab["label"])}{counted}</a>'
    )


@register.simple_tag(takes_context=True)
def offered(context: Context, items: Iterable[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """Those of a menu's items that the member may use."""
    return [item for item in items or () if _is_offered(context, item["url"])]


def _is_offered(context: Context, url: str) -> bool:
    """Whether the one who sees the page may go there; a piece that knows no request holds nothing back."""
    request = context.get("request") or getattr(context, "request", None)
    return may_open(getattr(request, "member", None), str(url))


@register.simple_tag
def menu_item(item: Mapping[str, Any]) -> SafeString:
    """One entry of ``ui/menu.html``, which tells what an entry holds."""
    told, url = item.get, escape(item["url"])
    danger = " menu-item-danger" if told("danger") else ""
    key = f' data-key="{escape(told("key"))}"' if told("key") else ""
    face = f"{icon(told('icon')) if told('icon') else ''}<span>{escape(item['label'])}</span>"
    if told("key"):
        face += piece("key_hint", keys=str(told("key")))
    opening = f'class="menu-item{danger}" role="menuitem" tabindex="-1"{key}'
    if not (told("sheet") or told("post")):
        return SafeString(f'<a {opening} href="{url}">{face}</a>')
    deed = f'hx-get="{url}" hx-target="#sheet-body"' if told("sheet") else f'hx-post="{url}" hx-swap="none"'
    return SafeString(f'<button type="button" {opening} {deed}{_question(item)}>{face}</button>')


@register.simple_tag(takes_context=True)
def button(
    context: Context,
    label: object = "",
    url: str = "",
    icon_name: str = "",
    tone: str = "",
    size: str = "",
    key: str = "",
    sheet: bool = False,
    post: bool = False,
    icon_only: bool = False,
    **question: Any,
) -> SafeString:
    """A link that looks like a button, or a button that opens ``url`` in the side sheet, or posts it.

    Nothing for a member who may not go there.
    ``tone``: primary, danger, quiet, else plain. ``key``: its shortcut. ``icon_only``: the label is read, not shown.
    ``confirm``, ``confirm_title`` and ``confirm_action`` ask before what cannot be taken back.
    """
    if not _is_offered(context, url):
        return SafeString("")
    told, address = escape(label), escape(url)
    css = f"btn btn-{tone or 'plain'}" + (f" btn-{size}" if size else "") + (" btn-icon" if icon_only else "")
    more = f' data-key="{escape(key)}"' if key else ""
    more += f' aria-label="{told}" title="{told}"' if icon_only else ""
    face = (icon(icon_name) if icon_name else "") + ("" if icon_only else f"<span>{told}</span>")
    if not (sheet or post):
        return SafeString(f'<a class="{css}" href="{address}"{more}>{face}</a>')
    deed = (
        f'hx-get="{address}" hx-target="#sheet-body"'
        if sheet
        else f'hx-post="{address}" hx-swap="none" hx-target="this"'
    )
    asked = _question({**question, "danger": question.get("confirm") and tone == "danger"})
    return SafeString(f'<button class="{css}" type="button" {deed}{asked}{more}>{face}</button>')


@register.simple_tag
def column_heads(listing: Mapping[str, Any]) -> SafeString:
    """The heads of the columns ``ui/list.html`` shows, which tells what a column holds."""
    swap = f'hx-target="#list-body-{listing["key"]}" hx-select="#list-body-{listing["key"]}"'
    shown = (column for column in listing["columns"] if column.get("shown") is not False)
    return SafeString("".join(_column_head(column, swap) for column in shown))


_SORTED = {"ascending": "arrow-up", "descending": "arrow-down"}


def _column_head(column: Mapping[str, Any], swap: str) -> str:
    told, label = column.get, conditional_escape(column["label"])
    opening = f'<th scope="col" class="{"num" if told("numeric") else ""}"'
    if told("sorted"):
        opening += f' aria-sort="{told("sorted")}"'
    if not told("sort_url"):
        return f"{opening}>{label}</th>"
    url = escape(told("sort_url"))
    arrow = icon(_SORTED[column["sorted"]]) if told("sorted") else ""
    way = f'hx-get="{url}" {swap} hx-swap="outerHTML" hx-push-url="true"'
    return f'{opening}><a class="sort" href="{url}" {way}><span>{label}</span>{arrow}</a></th>'


@register.simple_tag(takes_context=True)
def column_chooser(context: Context, listing: Mapping[str, Any]) -> SafeString:
    """Draw ``ui/list_columns.html``: kept for each choice of columns."""
    columns = tuple(
        (column["key"], str(column["label"]), column.get("shown") is not False, bool(column.get("fixed")))
        for column in listing["columns"]
    )
    usual, path = tuple(listing.get("usual", ())), context["request"].path
    return _drawn_chooser(get_language() or "", listing["key"], path, columns, usual)


@lru_cache(maxsize=512)
def _drawn_chooser(
    language: str, key: str, path: str, columns: tuple[tuple[Any, ...], ...], usual: tuple[str, ...]
) -> SafeString:
    names = ("key", "label", "shown", "fixed")
    told = [dict(zip(names, one, strict=True)) for one in columns]
    given = {"key": key, "path": path, "columns": told, "usual": usual}
    return SafeString(get_template("ui/list_columns.html").render(given))


@register.simple_tag(takes_context=True)
def bulk_buttons(context: Context, listing: Mapping[str, Any]) -> SafeString:
    """What may be done to the chosen rows of ``ui/list.html``, which tells what an action holds."""
    chosen = f"#list-{listing['key']} [name=ids]:checked, #list-{listing['key']} [name=all]:checked"
    query = query_with(context, cursor=None)
    return SafeString("".join(_bulk_button(context, action, query, chosen) for action in listing["bulk"]))


def _bulk_button(context: Context, action: Mapping[str, Any], query: str, chosen: str) -> str:
    told = action.get
    if told("columns"):
        query = query_with(context, cursor=None, columns=action["columns"])
    url = escape(f"{action['url']}{query}")
    deed = f'hx-get="{url}" hx-target="#sheet-body"' if told("sheet") else f'hx-post="{url}" hx-swap="none"'
    counted = " data-confirm-count" if told("confirm") else ""
    face = f"{icon(told('icon')) if told('icon') else ''}<span>{escape(action['label'])}</span>"
    return (
        f'<button class="btn btn-sm{" btn-danger" if told("danger") else ""}" type="button" {deed}'
        f' hx-include="{escape(chosen)}"{_question(action)}{counted}>{face}</button>'
    )


def _question(item: Mapping[str, Any]) -> str:
    """What is asked before an entry's deed, as attributes."""
    names = (
        ("hx-confirm", "confirm"),
        ("data-confirm-title", "confirm_title"),
        ("data-confirm-action", "confirm_action"),
    )
    told = "".join(f' {name}="{escape(item[key])}"' for name, key in names if item.get(key))
    return told + (" data-confirm-danger" if item.get("danger") else "")


@register.simple_tag
def named(name: str, url: str = "", subtitle: str = "", size: str = "sm", square: bool = False) -> SafeString:
    """Avatar and name, as ``ui/name.html`` draws them."""
    told, signs = escape(name), escape(formats.initials_of(str(name)))
    face = (
        f'<span class="face face-{size}{" face-square" if square else ""}" aria-hidden="true">{signs}</span>'
    )
    if url:
        text = f'<a class="named-name" href="{escape(url)}" title="{told}">{told}</a>'
    else:
        text = f'<span class="named-name" title="{told}">{told}</span>'
    if subtitle:
        text += f'<span class="named-subtitle">{escape(subtitle)}</span>'
    return SafeString(f'<span class="named">{face}<span class="named-text">{text}</span></span>')


@register.simple_tag
def due(at: datetime | None, done: bool = False) -> SafeString | str:
    """When something is due; what is late stands out by sign and word."""
    if at is None:
        return "–"
    late = not done and at < timezone.now()
    mark, sign = (" data-late", icon("clock-exclamation")) if late else ("", "")
    return SafeString(f'<span class="due"{mark}>{sign}{moment(at, "due")}</span>')


@register.simple_tag
def row_select(id: object, label: str) -> SafeString:
    """The cell with the box that chooses a row, where a list has bulk actions."""
    told = escape(_("Choose %(name)s") % {"name": label})
    return SafeString(
        '<td class="col-select"><label class="select-box"><input class="form-check-input" type="checkbox"'
        f' name="ids" value="{escape(id)}" aria-label="{told}" data-select-row></label></td>'
    )


@register.simple_tag
def row_tool(icon_name: str, label: str, url: str, post: bool = False, edit: bool = False) -> SafeString:
    """A quick action at the end of a row: opens the side sheet, or posts. ``edit``: the key e presses it."""
    before, after = _tool(icon_name, str(label), post, edit)
    return SafeString(f"{before}{escape(url)}{after}")


@lru_cache(maxsize=512)
def _tool(icon_name: str, label: str, post: bool, edit: bool) -> tuple[str, str]:
    """A row's tool without the address that differs from row to row: what stands before and after it."""
    verb, told = "hx-post" if post else "hx-get", escape(label)
    then = 'hx-swap="none"' if post else 'hx-target="#sheet-body"' + (" data-edit" if edit else "")
    return (
        f'<button class="btn btn-quiet btn-sm btn-icon" type="button" {verb}="',
        f'" {then} aria-label="{told}" title="{told}">{icon(icon_name)}</button>',
    )


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, label: str | None = None, autofocus: bool = False) -> dict[str, Any]:
    """A form field with its label, help and error, tied together for screen readers."""
    widget = bound.field.widget
    kind = _kind_of(widget)
    look = {"choices": "form-check-input", "tick": "form-check-input", "select": "form-select"}
    marks = [look.get(kind, "form-control"), widget.attrs.get("class", "")]
    if bound.errors:
        marks.append("is-invalid")
    widget.attrs["class"] = " ".join(filter(None, marks))
    if autofocus:
        widget.attrs["autofocus"] = True
    if kind == "select":
        _shorten_dashes(bound.field)
    groups = _groups(bound) if kind == "choices" else []
    return {"field": bound, "label": bound.label if label is None else label, "kind": kind, "groups": groups}


def _groups(bound: BoundField) -> list[tuple[str, list[Any]]]:
    """Choices to tick under the names of their groups; "" where they have none."""
    boxes = iter(bound)
    if isinstance(bound.field, ModelChoiceField):  # records are asked for once
        return [("", list(boxes))]
    return [
        (str(name), [next(boxes) for _one in inner])
        if isinstance(inner, list | tuple)
        else ("", [next(boxes)])
        for name, inner in bound.field.choices  # type: ignore[attr-defined]
    ]


def _shorten_dashes(field: Any) -> None:
    """No choice is a dash everywhere, instead of the nine that forms made from models begin with."""
    none, nine = BLANK_CHOICE_DASH[0]
    if getattr(field, "empty_label", None) == nine:
        field.empty_label = "–"
    elif not hasattr(field, "queryset"):
        field.widget.choices = [(none, "–") if one == (none, nine) else one for one in field.widget.choices]


def _kind_of(widget: Widget) -> str:
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, CheckboxInput):
        return "tick"
    return "select" if isinstance(widget, Select) else "text"


@register.inclusion_tag("ui/form_fields.html")
def form_fields(form: BaseForm, only: str = "", without: str = "") -> dict[str, Any]:
    """The fields of a form with their errors: all, ``only`` some by name, or all ``without`` some."""
    wanted = only.split() or [name for name in form.fields if name not in without.split()]
    fields = [form[name] for name in wanted]
    return {
        "form": form,
        "hidden": [bound for bound in fields if bound.is_hidden],
        "visible": [bound for bound in fields if not bound.is_hidden],
    }


@register.inclusion_tag("ui/chart_table.html")
def chart_table(spec: dict[str, Any], title: str) -> dict[str, Any]:
    """The figures of a chart as a table; ``spec`` as in ``ui/chart.html``."""
    series = spec["series"]
    if spec["kind"] == "scatter":
        heads = [spec.get("x_label", "x"), spec.get("y_label", "y")]
        rows = [[_figure(x, spec), _figure(y, spec)] for one in series for x, y in one["values"]]
    else:
        heads = [spec.get("x_label", ""), *(one["name"] for one in series)]
        figures = zip(*(one["values"] for one in series), strict=True)
        rows = [
            [label, *(_figure(value, spec) for value in of_row)]
            for label, of_row in zip(spec["x"], figures, strict=True)
        ]
    return {"title": title, "heads": heads, "rows": rows}


def _figure(value: float | None, spec: dict[str, Any]) -> str:
    if value is None:
        return "–"
    if spec.get("unit") == "percent":
        return formats.percent_text(value, digits=1)
    if spec.get("unit") == "money":
        return formats.money_text(int(value), spec["currency"])
    return formats.number_text(value, digits=2)
