"""JSON that the database can hold."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """Refuses what PostgreSQL cannot store: zero characters, halves of characters, infinite numbers."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            content = super().parse(stream, media_type, parser_context)
            if not _storable(content):
                raise ParseError(_("The text contains a character or number that cannot be stored."))
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        return content


def _storable(value: Any) -> bool:
    if isinstance(value, str):
        return _is_text(value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(_storable(name) and _storable(inner) for name, inner in value.items())
    if isinstance(value, list):
        return all(map(_storable, value))
    return True


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value
