"""Tags that draw the parts of a list around and within its rows, each built of its few nodes in Python."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import formats
from crm.markup import escape
from crm.templatetags.pieces import question_of
from crm.templatetags.ui import icon, query_with

register = template.Library()


@register.simple_tag
def view_tab(tab: Mapping[str, Any]) -> SafeString:
    """A saved view as a tab: ``{label, url, current, count}``."""
    count = tab.get("count")
    counted = "" if count in (None, "") else f' <span class="view-count">{formats.bounded_text(count)}</span>'
    here = ' aria-current="page"' if tab.get("current") else ""
    return SafeString(
        f'<a class="view-tab" href="{escape(tab["url"])}"{here}>{escape(tab["label"])}{counted}</a>'
    )


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
        f' hx-include="{escape(chosen)}"{question_of(action)}{counted}>{face}</button>'
    )


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


@register.simple_tag
def pager(previous_url: str, next_url: str, target: str) -> SafeString:
    """Previous and next of a keyset page; each swaps ``#target``, and an empty address stands as no way there."""
    label, back, on = _("Pages"), _("Previous"), _("Next")
    ways = _turn(previous_url, "prev", f"{icon('chevron-left')}<span>{back}</span>", target)
    ways += _turn(next_url, "next", f"<span>{on}</span>{icon('chevron-right')}", target)
    return SafeString(f'<nav class="pager" aria-label="{label}">{ways}</nav>')


def _turn(url: str, rel: str, face: str, target: str) -> str:
    if not url:
        return f'<span class="btn btn-sm disabled" aria-disabled="true">{face}</span>'
    there = escape(url)
    swap = f'hx-target="#{target}" hx-select="#{target}" hx-swap="outerHTML show:#{target}:top" hx-push-url="true"'
    return f'<a class="btn btn-sm" rel="{rel}" href="{there}" hx-get="{there}" {swap}>{face}</a>'
