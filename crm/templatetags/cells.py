"""The cells of a row, of which a list shows some, in an order of the member's own."""

from __future__ import annotations

from django import template
from django.template import Context
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import SafeString

register = template.Library()


class Cell(template.Node):
    """One column's cell; only ``Cells`` draws it."""

    def __init__(self, key: str, nodelist: NodeList) -> None:
        self.key, self.nodelist = key, nodelist


class Cells(template.Node):
    """Those of the cells whose columns are shown, in the columns' order; the others cost nothing."""

    child_nodelists = ("cells",)

    def __init__(self, shown: FilterExpression, cells: NodeList) -> None:
        self.shown, self.cells = shown, cells
        self.by_key = {cell.key: cell.nodelist for cell in cells.get_nodes_by_type(Cell)}

    def render(self, context: Context) -> SafeString:
        known = self.by_key
        keys = self.shown.resolve(context) or ()
        return SafeString("".join([known[key].render(context) for key in keys if key in known]))


@register.tag
def cells(parser: Parser, token: Token) -> Cells:
    """``{% cells keys %}{% cell "a" %}<td>…</td>{% endcell %}…{% endcells %}``: the cells named by ``keys``, in their
    order. Between the cells stands nothing.
    """
    _name, shown = token.split_contents()
    inside = parser.parse(("endcells",))
    parser.delete_first_token()
    found = NodeList(node for node in inside if isinstance(node, Cell))
    return Cells(parser.compile_filter(shown), found)


@register.tag
def cell(parser: Parser, token: Token) -> Cell:
    """The cell of the column with that key, within ``{% cells %}``."""
    _name, key = token.split_contents()
    inside = parser.parse(("endcell",))
    parser.delete_first_token()
    return Cell(key.strip("\"'"), inside)
