"""The way from a list to its file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from crm.addresses import reverse
from crm.exports.services import CAPABILITY
from crm.models import Member


def export_menu(member: Member, name: str, query: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """The item of a list's menu; nothing for who may not take lists away."""
    if not member.can(CAPABILITY):
        return []
    address = f"{reverse('new-export', args=[name])}?{urlencode(list(query))}"
    return [{"label": _("Export"), "icon": "file-export", "url": address, "sheet": True}]
