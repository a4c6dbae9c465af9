"""Every route, found by asking the URL resolver, filled with the ids of a company's records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

THIRD_PARTY = ("accounts/", "admin/", "static/")
_PARAMETER = re.compile(r"<(?:(?P<type>\w+):)?(?P<name>\w+)>")


@dataclass(frozen=True)
class Route:
    """An address with its parameters still open."""

    path: str
    callback: Any

    @property
    def parameters(self) -> list[tuple[str, str]]:
        return [(m["type"] or "str", m["name"]) for m in _PARAMETER.finditer(self.path)]

    def addresses(self, ids: list[UUID], words: list[str]) -> Iterator[str]:
        """The route with every combination of ids (at most one foreign id varies at a time)."""
        choices = [self._choices(kind, ids, words) for kind, _name in self.parameters]
        combinations = product(*choices) if len(choices) < 2 else zip(*choices, strict=False)
        for values in combinations:
            address = self.path
            for value in values:
                address = _PARAMETER.sub(str(value), address, count=1)
            yield f"/{address}"

    def likely(self, models: Iterable[Any]) -> list[Any]:
        """The models, those first whose name the address holds, the last name before the others."""
        return sorted(models, key=lambda model: -self.path.rfind(str(model._meta.verbose_name_plural)))

    def _choices(self, kind: str, ids: list[UUID], words: list[str]) -> list[Any]:
        if kind == "uuid":
            return list(ids)
        if kind == "int":
            return [1]
        return [*ids, *words]


def all_routes() -> list[Route]:
    """Our own routes: pages, fragments, API operations."""
    return [
        route for route in _walk(get_resolver().url_patterns, "") if not route.path.startswith(THIRD_PARTY)
    ]


def _walk(patterns: list[Any], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + _text(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield Route(path, pattern.callback)


def _text(pattern: Any) -> str:
    if hasattr(pattern, "_route"):
        return pattern._route
    text = pattern._regex.removeprefix("^").removesuffix("$").replace("\\Z", "")
    text = re.sub(r"\(\?P<(\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)", r"<str:\1>", text)
    return text.replace("/?", "").replace("\\.", ".").replace("\\", "")
