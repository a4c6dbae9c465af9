"""What a view answers when a form in the side sheet, or a click in a row, did its work."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse


def done(message: object = "", *, undo_url: str = "", changed: str = "records-changed") -> HttpResponse:
    """Close the sheet, say what happened (with a way back), and let the page's parts redraw themselves.

    A part redraws on ``hx-trigger="<changed> from:body"``.
    """
    triggers: dict[str, Any] = {"sheet-close": True, changed: True}
    if message:
        triggers["toast"] = {"message": str(message), "level": "success", "undo_url": undo_url}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(triggers)})


def go(url: str) -> HttpResponse:
    """Leave for another page after a fragment's request."""
    return HttpResponse(status=204, headers={"HX-Redirect": url})
