"""What a view answers when a form in the side sheet, or a click in a row, did its work."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from crm.errors import DomainError

# What parts of a page listen for, to redraw themselves: ``hx-trigger="customer-changed from:body"``.
CHANGED = ("records-changed", "customer-changed", "agenda-changed")


def done(message: object = "", *, undo_url: str = "", **events: Any) -> HttpResponse:
    """Close the sheet, say what happened (with a way back), and let the page's parts redraw themselves."""
    triggers: dict[str, Any] = dict.fromkeys(CHANGED, True) | events
    if message:
        triggers["toast"] = {"message": str(message), "level": "success"}
        triggers["toast"] |= {"undo_url": undo_url} if undo_url else {}
    # The sheet closes last: an element that is gone sends no events.
    triggers["sheet-close"] = True
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(triggers)})


def go(url: str) -> HttpResponse:
    """Leave for another page after a fragment's request."""
    return HttpResponse(status=204, headers={"HX-Redirect": url})


def posted(request: HttpRequest) -> Any:
    """What a form is bound to: an empty post is one, too."""
    return request.POST if request.method == "POST" else None


def sheet(
    request: HttpRequest, form: BaseForm, title: object, *, submit: object = "", action: str = "", **more: Any
) -> HttpResponse:
    """The form in the side sheet, posted where it came from; a refused one comes back with its errors.

    Whoever opens its address as a page finds the sheet open over the product's frame. ``notice_template`` is drawn over
    the fields: what stands in the way.
    """
    page = {
        "form": form,
        "title": title,
        "action": action or request.get_full_path(),
        "submit_label": submit,
        **more,
    }
    if "HX-Request" in request.headers or form.is_bound:
        return render(request, "ui/sheet_form.html", page, status=422 if form.is_bound else 200)
    return render(request, "sheet_page.html", page | {"back": _page_above(request.path)})


def _page_above(path: str) -> str:
    """The nearest address above this one that there is: ``/customers/`` for ``/customers/new/``."""
    while (path := path.rstrip("/").rpartition("/")[0] + "/") != "/":
        with suppress(Resolver404):
            resolve(path)
            break
    return path


def taken(form: BaseForm, deed: Callable[..., object]) -> bool:
    """Whether the form was sent, right, and the deed done with its values; what is refused stands in the form."""
    if not (form.is_bound and form.is_valid()):
        return False
    try:
        deed(**form.cleaned_data)
    except DomainError as error:
        refuse(form, error)
        return False
    return True


def refuse(form: BaseForm, error: DomainError) -> None:
    """Show a service's refusal in its form: beside the field it names, else above them all."""
    for field, messages in error.errors.items() or [(None, [str(error)])]:
        form.add_error(field if field in form.fields else None, messages)
