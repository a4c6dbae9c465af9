"""Answers of lists: ``{"results", "next", "previous"}``."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from crm.api import keyset
from crm.api.parameters import BadParameter, flag
from crm.api.problems import UnknownName

DEFAULT_LIMIT, MOST = 50, 200
COUNT_LIMIT = 10_000


class KeysetPagination(BasePagination):
    """``limit``, ``cursor``, ``ordering`` and the bounded ``count``; one query for the rows of a page."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        query = request.query_params
        self.url = request.build_absolute_uri()
        self.count = queryset.order_by()[: COUNT_LIMIT + 1].count() if flag(query, "count") else None
        self.order = ",".join(_ordering(view, query.get("ordering")))
        self.terms = keyset.terms_of(queryset.model, _paths(view, self.order))
        limit = limit_of(query.get("limit"))
        cursor = keyset.Cursor.decode(query["cursor"], self.order, self.terms) if "cursor" in query else None
        backward = bool(cursor and cursor.backward)
        walk = [term.reversed() for term in self.terms] if backward else self.terms
        if cursor:
            queryset = queryset.filter(keyset.beyond(walk, cursor.values))
        queryset = queryset.annotate(**{f"_key{n}": F(t.path) for n, t in self._joined()})
        rows = list(queryset.order_by(*[term.order for term in walk])[: limit + 1])
        more, rows = len(rows) > limit, rows[:limit]
        if backward:
            rows.reverse()
        self._link(rows, before=more if backward else cursor is not None, after=backward or more)
        return rows

    def _joined(self) -> list[tuple[int, keyset.Term]]:
        return [(n, term) for n, term in enumerate(self.terms) if "__" in term.path]

    def _link(self, rows: list[Any], *, before: bool, after: bool) -> None:
        self.next = self._url(rows[-1], backward=False) if rows and after else None
        self.previous = self._url(rows[0], backward=True) if rows and before else None

    def _url(self, row: Any, *, backward: bool) -> str:
        values = [
            getattr(row, f"_key{n}" if "__" in term.path else term.path) for n, term in enumerate(self.terms)
        ]
        plain = [None if v is None else _plain(v) for v in values]
        return self.cursor_url(keyset.Cursor(self.order, plain, backward))

    def cursor_url(self, cursor: keyset.Cursor) -> str:
        """This list's address at another place."""
        return replace_query_param(self.url, "cursor", cursor.encode())

    def get_paginated_response(self, data: Any) -> Response:
        content = {"results": data, "next": self.next, "previous": self.previous}
        if self.count is not None:
            content |= {"count": min(self.count, COUNT_LIMIT), "count_exact": self.count <= COUNT_LIMIT}
        return Response(content)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = [sign + name for name in view.ordering_names() for sign in ("", "-")]
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT}
        return [
            _parameter("limit", limit, "How many records at most."),
            _parameter(
                "cursor",
                {"type": "string", "minLength": 1},
                "A place in the list, from `next` or `previous`.",
            ),
            _parameter(
                "count",
                {"type": "boolean"},
                f"Also answer `count`, counted no further than {COUNT_LIMIT:,}, and `count_exact`.",
            ),
            _parameter(
                "ordering",
                {
                    "type": "array",
                    "items": {"type": "string", "enum": names},
                    "uniqueItems": True,
                    "minItems": 1,
                },
                "Names to order by, each once; `-` in front means descending.",
            )
            | {"style": "form", "explode": False},
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": link,
                "previous": link,
                "count": {"type": "integer"},
                "count_exact": {"type": "boolean"},
            },
        }


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def _plain(value: Any) -> Any:
    return (
        value
        if isinstance(value, int | float)
        else value.isoformat()
        if hasattr(value, "isoformat")
        else str(value)
    )


def limit_of(text: str | None) -> int:
    """How many records a page is to have at most."""
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise BadParameter("limit", _("Must be a number from 1 to %(most)s.") % {"most": MOST})
    return int(text)


def _ordering(view: Any, text: str | None) -> list[str]:
    names = text.split(",") if text is not None else list(view.ordering)
    known = view.ordering_names()
    seen = [name.removeprefix("-") for name in names]
    for name in seen:
        if text is not None and name not in known:
            message = _("Cannot order by %(name)s.") % {"name": name}
            raise UnknownName(message, errors={"ordering": [message]})
    if len(set(seen)) < len(seen):
        raise BadParameter("ordering", _("Name each field once."))
    return names


def _paths(view: Any, order: str) -> list[str]:
    known = view.ordering_names()
    names = [(name.removeprefix("-"), name.startswith("-")) for name in order.split(",")]
    return [("-" if descending else "") + known.get(name, name) for name, descending in names]
