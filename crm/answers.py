"""What a view answers when a form in the side sheet, or a click in a row, did its work."""

from __future__ import annotations

import json
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm.errors import DomainError


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


def sheet(request: HttpRequest, form: BaseForm, title: str, **more: Any) -> HttpResponse:
    """The form in the side sheet; a refused one comes back with its errors."""
    page = {"form": form, "title": title, "action": request.get_full_path(), **more}
    return render(request, "ui/sheet_form.html", page, status=422 if form.is_bound else 200)


def refuse(form: BaseForm, error: DomainError) -> None:
    """Show a service's refusal in its form: beside the field it names, else above them all."""
    for field, messages in error.errors.items() or [(None, [str(error)])]:
        form.add_error(field if field in form.fields else None, messages)
