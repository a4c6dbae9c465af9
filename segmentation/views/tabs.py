"""The tabs over every page of the area."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


def tabs(current: str) -> list[dict[str, Any]]:
    words = {"classes": _("Classes"), "segments": _("Segments"), "rfm": _("RFM"), "moves": _("Moves")}
    return [
        {"label": label, "url": reverse(f"segmentation:{name}"), "current": name == current}
        for name, label in words.items()
    ]
