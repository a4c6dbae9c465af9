"""A resource that forgets to say what it needs does not start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist
from rest_framework import mixins

from crm.api import keyset, router
from crm.people.roles import ALL_CAPABILITIES

_WRITERS = {
    "perform_create": mixins.CreateModelMixin,
    "perform_update": mixins.UpdateModelMixin,
    "perform_destroy": mixins.DestroyModelMixin,
}


@register("tenure")
def check_resources(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for prefix, viewset in router.routes():
        if getattr(viewset, "resource", None) != prefix:
            found.append(Error(f"{viewset.__name__}: resource must be {prefix!r}", id="tenure.E101"))
    for operation in router.operations():
        found += check_action(operation.viewset, operation.action)
    for viewset in {viewset for _prefix, viewset in router.routes()}:
        found += [*check_writers(viewset), *check_names(viewset)]
    return found


def check_action(viewset: Any, action: str) -> Iterator[CheckMessage]:
    """Every action names a capability that exists."""
    capability = viewset.capability_of(action)
    if capability not in ALL_CAPABILITIES:
        yield Error(f"{viewset.__name__}.{action}: needs a capability, has {capability!r}", id="tenure.E102")


def check_writers(viewset: Any) -> Iterator[CheckMessage]:
    """Services write; a serializer's own ``save`` would pass by the rules and name no deed."""
    for name, mixin in _WRITERS.items():
        if getattr(viewset, name, None) is getattr(mixin, name):
            yield Error(f"{viewset.__name__}.{name}: must call a service", id="tenure.E103")


def check_names(viewset: Any) -> Iterator[CheckMessage]:
    """Filters and orderings name columns that exist."""
    try:
        viewset.filterset()
        if not any(hasattr(viewset, action) for action in viewset.list_actions):
            return
        keyset.terms_of(viewset.queryset.model, viewset.ordering_names().values())
        for name in viewset.ordering:
            keyset.terms_of(viewset.queryset.model, [viewset.ordering_names()[name.removeprefix("-")]])
    except (FieldDoesNotExist, LookupError) as error:
        yield Error(f"{viewset.__name__}: filters or orders by what is not there: {error}", id="tenure.E104")
