"""A list as a file: what and how, then the file, or the job that writes it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import needs
from crm.errors import NotFound
from crm.exports import services
from crm.exports.files import TYPES
from crm.exports.forms import ExportForm
from crm.exports.listings import Ask, Listing, offered_with
from crm.models import Job
from crm.saved_views.lists import in_address

NAMES = ("columns", "cols", "ids", "csrfmiddlewaretoken", "what", "format", "cursor")


@require_http_methods(["GET", "POST"])
@needs("customers.export")
def new(request: HttpRequest, name: str) -> HttpResponse:
    """The sheet; posting it gives the file, or the page of the job where it is long."""
    listing = services.listing_for(request.member, name)
    offered = [one for one in offered_with(name) if request.member.can(one.needs)]
    form = ExportForm(request.POST if request.method == "POST" else None, listings=offered)
    if not form.is_bound or not form.is_valid():
        chosen = 0 if request.GET.get("all") == "1" else len(request.GET.getlist("ids"))
        action = _as_shown(request, listing)
        services.refuse_unknown(listing, _filters(QueryDict(urlsplit(action).query)))
        page = {"form": form, "action": action, "chosen": chosen}
        return render(request, "crm/exports/sheet.html", page, status=422 if form.is_bound else 200)
    wanted, whole = form.chosen()
    listing = services.listing_for(request.member, wanted)
    ask = _ask(request, whole=whole)
    kind = form.cleaned_data["format"]
    if not services.fits_at_once(listing, ask):
        return redirect("job", services.export_later(listing=listing, ask=ask, form=kind).pk)
    path = services.export_now(listing=listing, ask=ask, form=kind)
    try:
        return _attached(path, listing.name)
    finally:
        path.unlink()  # the open file is still read


@require_GET
@needs("customers.export")
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a finished job wrote, for who started it."""
    job = get_object_or_404(Job, pk=pk, kind=services.JOB, created_by=request.member)
    path = services.file_of(job)
    if path is None:
        raise NotFound
    return _attached(path, job.params["list"])


def _as_shown(request: HttpRequest, listing: Listing) -> str:
    """The sheet's address with what the list behind it asks for by now: a search changes that without a new page."""
    page = urlsplit(request.htmx.current_url or "")
    if request.method == "POST" or "ids" in request.GET or page.path != reverse(listing.back):
        return request.get_full_path()
    shown = QueryDict(page.query, mutable=True)
    if "columns" not in shown:
        shown.setlist("columns", in_address(shown) or request.GET.getlist("columns"))
    shown.pop("cursor", None)
    return f"{request.path}?{shown.urlencode()}"


def _filters(query: QueryDict) -> dict[str, str]:
    return {name: value for name, value in query.items() if name not in NAMES}


def _ask(request: HttpRequest, *, whole: bool) -> Ask:
    return services.asked(
        member=request.member,
        query=_filters(request.GET),
        columns=request.GET.getlist("columns") or in_address(request.GET),
        ids=[] if request.GET.get("all") == "1" else _ids(request.GET.getlist("ids")),
        whole=whole,
    )


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise NotFound from None


def _attached(path: Path, name: str) -> FileResponse:
    return attached(path, f"{name}-{timezone.localdate()}{path.suffix}")


def attached(path: Path, name: str) -> FileResponse:
    """A file to be saved; its type is never guessed by the browser."""
    kind = TYPES[path.suffix.removeprefix(".")]
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=kind)
