"""The bases of every resource, by what can be done with it: declare, delegate to services.

A viewset says ``resource``, ``capabilities`` by action, ``queryset``, ``serializer_class``, ``filters``,
``ordering_fields`` and how to write: ``perform_create`` and ``perform_update`` call a service and set
``serializer.instance`` to the fresh record it returns; ``perform_destroy(instance)`` likewise. ``problems`` names, by
status, the serializers of refusals that say more than others.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api import etags, parameters
from crm.api.filters import FieldFilters, filterset_for
from crm.api.pagination import KeysetPagination


@functools.cache
def _filterset_of(viewset: type[ResourceViewSet]) -> type[django_filters.FilterSet]:
    return viewset.filterset_class or filterset_for(viewset.queryset.model, viewset.filters)


def rights(view: str, change: str, delete: str = "", **others: str) -> dict[str, str]:
    """What a record's usual actions take, and ``others``. To delete takes what to change does, unless said."""
    reading = dict.fromkeys(("list", "retrieve"), view)
    writing = dict.fromkeys(("create", "update", "partial_update"), change)
    return {**reading, **writing, "destroy": delete or change, **others}


class ResourceViewSet(viewsets.GenericViewSet):
    """One resource at ``/api/v1/<resource>``.

    Query sets that know ``visible_to`` show a member only what the member may see, everywhere. Names
    in the query or body that nobody declared are refused.
    """

    resource: str
    capabilities: Mapping[str, str] = {}
    filters: Mapping[str, Any] = {}
    filterset_class: Any = None
    ordering_fields: Mapping[str, str] | Iterable[str] = ()
    ordering: tuple[str, ...] = ("-id",)
    search: Any = None
    natural_key: str = ""
    problems: Mapping[int, type] = {}
    parameters: Mapping[str, Iterable[str]] = {}
    list_actions: tuple[str, ...] = ("list",)
    record_actions: tuple[str, ...] = ("retrieve",)

    pagination_class = KeysetPagination
    filter_backends = [FieldFilters]
    lookup_value_regex = "[^/]+"

    @classmethod
    def capability_of(cls, action: str) -> str | None:
        """What ``action`` needs; making many needs what making one does."""
        return cls.capabilities.get(action) or (cls.capabilities.get("create") if action == "bulk" else None)

    @classmethod
    def ordering_names(cls) -> dict[str, str]:
        """Public names to order by, and the model's paths behind them."""
        declared = cls.ordering_fields
        named = dict(declared) if isinstance(declared, Mapping) else {name: name for name in declared}
        return {"id": "id", **named}

    @classmethod
    def filterset(cls) -> type[django_filters.FilterSet]:
        return _filterset_of(cls)

    def own_names(self) -> Iterable[str]:
        """Parameters of lists that the company itself adds to those declared here."""
        return ()

    def narrow(self, queryset: Any, query: Any) -> Any:
        """What the parameters among ``own_names`` leave of a list."""
        return queryset

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        request._request.GET = parameters.joined(request.query_params)
        parameters.check(self, request.query_params)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """``Allow`` says what may be done here."""
        return Response(status=204)

    def get_queryset(self) -> Any:
        return self.seen(super().get_queryset())

    def seen(self, queryset: Any) -> Any:
        """What the caller may see of it."""
        member = getattr(self.request, "member", None)
        if member is not None and hasattr(queryset, "visible_to"):
            return queryset.visible_to(member)
        return queryset

    def get_object(self) -> Any:
        """The record, or 404; with ``If-Match`` and a write, only as the caller knows it."""
        record = super().get_object()
        header = self.request.headers.get("If-Match")
        if header and self.request.method not in ("GET", "HEAD"):
            shown = super().get_serializer(record).data
            version = getattr(record, "version", None)
            etags.demand(header, etags.tag_of(shown, version), version)
            self._expected = version
        return record

    @property
    def expected_version(self) -> int | None:
        """The version the caller's ``If-Match`` stands for; hand it to the service. ``None``: last write wins."""
        return getattr(self, "_expected", None)

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer = super().get_serializer(*args, **kwargs)
        if self.action in (*self.list_actions, *self.record_actions) and self.request is not None:
            names = self.request.query_params.get("fields")
            parameters.keep_only(getattr(serializer, "child", serializer), names)
        return serializer

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        data = getattr(response, "data", None)
        record = getattr(getattr(data, "serializer", None), "instance", None)
        if 200 <= response.status_code < 300 and hasattr(record, "pk"):
            tag = etags.tag_of(data, getattr(record, "version", None))
            if request.method in ("GET", "HEAD") and etags.matches(
                request.headers.get("If-None-Match", ""), tag
            ):
                response = Response(status=304)
            response["ETag"] = tag
            if response.status_code == 201:
                response["Location"] = f"/api/v1/{self.resource}/{record.pk}"
        return super().finalize_response(request, response, *args, **kwargs)


class ReadOnlyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ResourceViewSet):
    """A resource that is read."""


class WritableViewSet(mixins.CreateModelMixin, mixins.UpdateModelMixin, ReadOnlyViewSet):
    """A resource whose records are read, made and changed, but never deleted."""


class RecordViewSet(mixins.DestroyModelMixin, WritableViewSet):
    """A resource whose records are read, made, changed and deleted."""


class RestoreMixin:
    """``POST …/<id>/restore`` for records whose deleting can be undone: ``restorable`` finds them, ``perform_restore``
    calls the service and gives the fresh record."""

    restorable: Any

    def get_queryset(self) -> Any:
        if self.action == "restore":  # type: ignore[attr-defined]
            return self.seen(self.restorable.all())  # type: ignore[attr-defined]
        return super().get_queryset()  # type: ignore[misc]

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request: Any, pk: Any = None) -> Response:
        """Bring a deleted record back."""
        record = self.perform_restore(self.get_object())  # type: ignore[attr-defined]
        return Response(self.get_serializer(record).data)  # type: ignore[attr-defined]
