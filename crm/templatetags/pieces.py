"""Tags that draw whole pieces: form fields, chart tables, menus and the frame; ``list_pieces`` has those of lists.

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
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import formats
from crm.access import may_open
from crm.markup import escape
from crm.navigation import Menu, Person
from crm.templatetags.ui import icon, moment

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


def _is_offered(context: Context, url: str) -> bool:
    """Whether the one who sees the page may go there; a piece that knows no request holds nothing back."""
    request = context.get("request") or getattr(context, "request", None)
    return may_open(getattr(request, "member", None), str(url))


@register.simple_tag(takes_context=True)
def menu(
    context: Context,
    id: object,
    items: Iterable[Mapping[str, Any]] | None,
    label: str = "",
    icon_name: str = "dots",
    text: bool = False,
    size: str = "",
) -> SafeString:
    """A menu behind a button that shows its icon, or with ``text`` its ``label``, too. ``id``: unique on the page.

    ``items``: ``{label, url, icon, sheet, post, confirm, confirm_title, confirm_action, danger, key}``. What a member
    may not do is left out, and with it a menu that holds nothing else.
    """
    entries = "".join(_menu_item(item) for item in items or () if _is_offered(context, item["url"]))
    if not entries:
        return SafeString("")
    told, name = escape(label or _("More")), f"menu-{escape(id)}"
    css = "btn btn-plain" + ("" if text else " btn-icon") + (f" btn-{size}" if size else "")
    read = "" if text else f' aria-label="{told}" title="{told}"'
    face = icon(icon_name) + (f"<span>{told}</span>" if text else "")
    return SafeString(
        f'<button class="{css}" type="button" popovertarget="{name}" aria-haspopup="menu"{read}>{face}</button>'
        f'<div class="menu" id="{name}" popover role="menu" aria-label="{told}">{entries}</div>'
    )


def _menu_item(item: Mapping[str, Any]) -> str:
    told, url = item.get, escape(item["url"])
    danger = " menu-item-danger" if told("danger") else ""
    key = f' data-key="{escape(told("key"))}"' if told("key") else ""
    face = f"{icon(told('icon')) if told('icon') else ''}<span>{escape(item['label'])}</span>"
    if told("key"):
        face += piece("key_hint", keys=str(told("key")))
    opening = f'class="menu-item{danger}" role="menuitem" tabindex="-1"{key}'
    if not (told("sheet") or told("post")):
        return f'<a {opening} href="{url}">{face}</a>'
    deed = f'hx-get="{url}" hx-target="#sheet-body"' if told("sheet") else f'hx-post="{url}" hx-swap="none"'
    return f'<button type="button" {opening} {deed}{question_of(item)}>{face}</button>'


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
    asked = question_of({**question, "danger": question.get("confirm") and tone == "danger"})
    return SafeString(f'<button class="{css}" type="button" {deed}{asked}{more}>{face}</button>')


def question_of(item: Mapping[str, Any]) -> str:
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


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, label: str | None = None, autofocus: bool = False) -> dict[str, Any]:
    """A form field with its label, help and error, tied together for screen readers.

    A form that was refused leaves the focus to the first field that is wrong.
    """
    widget = bound.field.widget
    kind = _kind_of(widget)
    look = {"choices": "form-check-input", "tick": "form-check-input", "select": "form-select"}
    marks = [look.get(kind, "form-control"), widget.attrs.get("class", "")]
    if bound.errors:
        marks.append("is-invalid")
    widget.attrs["class"] = " ".join(filter(None, marks))
    if autofocus:
        widget.attrs["autofocus"] = True
    if bound.form.errors:
        widget.attrs.pop("autofocus", None)
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
