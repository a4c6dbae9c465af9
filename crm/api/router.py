"""Every resource of every app, by address. Each app names its own in ``api_urls.py``:
``routes = [("customers", CustomerViewSet), …]``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from rest_framework.routers import SimpleRouter

PREFIX = "/api/v1/"


@dataclass(frozen=True)
class Operation:
    """One method at one address. ``path`` holds ``{name}`` where an id stands."""

    method: str
    path: str
    action: str
    viewset: type[Any]
    name: str


@functools.cache
def routes() -> list[tuple[str, type[Any]]]:
    """Address under ``/api/v1/`` and viewset, for all resources."""
    found: list[tuple[str, type[Any]]] = []
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.api_urls"):
            found += import_module(f"{config.name}.api_urls").routes
    return found


@functools.cache
def router() -> SimpleRouter:
    made = SimpleRouter(trailing_slash=False)
    for prefix, viewset in routes():
        made.register(prefix, viewset, basename=f"api-{prefix}")
    return made


def operations() -> Iterator[Operation]:
    """Everything the API can do, as the resolver has it."""
    made = router()
    for prefix, viewset in routes():
        for route in made.get_routes(viewset):
            path = route.url.format(prefix=prefix, lookup="{id}", trailing_slash="").strip("^$")
            name = route.name.format(basename=f"api-{prefix}")
            for method, action in made.get_method_map(viewset, route.mapping).items():
                yield Operation(method.upper(), PREFIX + path, action, viewset, name)
