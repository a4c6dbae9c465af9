"""Records made or changed by the name they have outside: an external id, a number."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.errors import DomainError
from crm.texts import clean


def upserting(key: str, serializer: type) -> Any:
    """The action ``PUT …/by-<key>/<value>`` of a viewset with ``UpsertMixin``; assign it to ``by_<key>``."""

    def by_key(self: Any, request: Any, **value: str) -> Response:
        record, made = self.upsert(value[key], request.data)
        return Response(record.data, status=201 if made else 200)

    slug = f"by-{key.replace('_', '-')}"
    by_key.__name__ = slug.replace("-", "_")
    by_key.__doc__ = f"Make the record with this {key.replace('_', ' ')}, or change it: 201 or 200."
    route = action(
        detail=False,
        methods=["put"],
        url_path=rf"{slug}/(?P<{key}>.{{1,100}})",
        url_name=slug,
        pagination_class=None,
        filter_backends=[],
    )
    return extend_schema(responses={200: serializer, 201: serializer})(route(by_key))


class UpsertMixin:
    """Knows records by ``natural_key``, in ``PUT …/by-<key>/<value>`` and in ``POST …/bulk?by=<key>``."""

    natural_key: str

    def known_as(self, value: str) -> Any:
        """The record of that name; ``None`` where there is none."""
        return self.get_queryset().filter(**{self.natural_key: value}).first()  # type: ignore[attr-defined]

    def upsert(self, value: str, data: Any) -> tuple[Any, bool]:
        """The serializer of the record, made or changed, and whether it was made."""
        if value != clean(value):
            message = _("Spaces at its beginning or end and hidden characters are not allowed.")
            raise DomainError(message, errors={self.natural_key: [message]})
        record = self.known_as(value)
        if isinstance(data, dict):
            data = {**data, self.natural_key: getattr(record, self.natural_key, value)}
        serializer = self.get_serializer(record, data=data, partial=record is not None)  # type: ignore[attr-defined]
        serializer.is_valid(raise_exception=True)
        if record is None:
            self.perform_upsert(serializer)
        else:
            self.perform_update(serializer)  # type: ignore[attr-defined]
        return serializer, record is None

    def perform_upsert(self, serializer: Any) -> None:
        """Make a record that was asked for by its name."""
        self.perform_create(serializer)  # type: ignore[attr-defined]
