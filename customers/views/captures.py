"""The inbox: what came from outside, accepted, merged or rejected, one by one and many at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext
from django.views.decorators.http import require_GET, require_POST

from crm.access import needs
from crm.answers import done, go, posted, sheet
from crm.errors import NotFound
from crm.formats import number_text
from crm.models import Job
from crm.tenancy.context import current
from customers.capture_forms import JoinForm, RejectForm
from customers.errors import NoCertainMatch
from customers.models import Capture, Customer
from customers.selectors import captures as selectors
from customers.selectors.keyset import Sort, page_of
from customers.selectors.search import find_customers
from customers.services.capture import many, reviewing
from customers.views.listing import COUNTED, counted, fixed_columns, listing_of

PAGE = 50
MOST_AT_ONCE = 200
NEWEST = Sort("received_at", descending=True, tie="id", tie_descending=True)


@require_GET
@needs("customers.change")
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits, the newest first; what was decided stands under its tab."""
    state = request.GET.get("state", "")
    state = state if state in Capture.State.values else Capture.State.WAITING.value
    rows = selectors.inbox(request.member, state=state)
    page = page_of(rows, NEWEST, cursor=request.GET.get("cursor", ""), size=PAGE)
    listing = listing_of(
        page,
        asked={"state": state},
        **counted(rows.order_by()[: COUNTED + 1].count(), _noun),
        key="captures",
        label=_("Inbox"),
        tabs=[
            {"label": label, "url": f"?state={value}", "current": value == state}
            for value, label in Capture.State.choices
        ],
        **fixed_columns(_columns(state)),
        row_template="customers/captures/_row.html",
        bulk=_bulk() if state == Capture.State.WAITING else [],
        empty=_empty(state),
    )
    listing["rows"] = selectors.rows_of(page.rows, request.member)
    context = {"listing": listing, "waiting": state == Capture.State.WAITING}
    return render(request, "customers/captures/list.html", context)


def _noun(count: int) -> str:
    return npgettext("counted", "entry", "entries", count)


def _columns(state: str) -> dict[str, str]:
    last = _("Possible duplicate") if state == Capture.State.WAITING else _("Decision")
    return {
        "who": _("Who"),
        "reach": _("Contact data"),
        "from": _("From"),
        "received": _("Received"),
        "last": last,
    }


def _bulk() -> list[dict[str, Any]]:
    return [
        {"label": _("Accept"), "icon": "check", "url": reverse("customers:accept-captures")},
        {
            "label": _("Merge with the certain match"),
            "icon": "git-merge",
            "url": reverse("customers:merge-captures"),
        },
        {"label": _("Reject"), "icon": "x", "url": reverse("customers:reject-captures"), "sheet": True},
    ]


def _empty(state: str) -> dict[str, Any]:
    if state != Capture.State.WAITING:
        return {"title": _("Nothing here yet"), "text": "", "icon_name": "inbox"}
    return {
        "title": _("Nothing waits"),
        "text": _(
            "What comes from web forms, partners, messages and mail waits here until somebody accepts it."
        ),
        "icon_name": "inbox",
    }


@require_GET
@needs("customers.change")
def capture(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One capture beside whom it may be."""
    found = _found(request, pk)
    (row,) = selectors.rows_of([found], request.member)
    waiting = found.state == Capture.State.WAITING
    context = {
        "row": row,
        "capture": found,
        "given": selectors.given_of(found),
        "possible": [
            (one, selectors.differences(found, one.customer))
            for one in (selectors.likely_now(found, request.member) if waiting else [])
        ],
        "came_with": selectors.came_with(found),
        "waiting": waiting,
        "crumbs": [{"label": _("Inbox"), "url": reverse("customers:inbox")}],
    }
    return render(request, "customers/captures/capture.html", context)


@require_POST
@needs("customers.change")
def accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a customer of it."""
    found = reviewing.accept(capture=_found(request, pk), actor=request.member)
    return _told(_("%(name)s is a customer now.") % {"name": found.title})


@needs("customers.change")
def reject(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put it aside, saying why."""
    found = _found(request, pk)
    form = RejectForm(posted(request))
    if form.is_bound and form.is_valid():
        reviewing.reject(capture=found, actor=request.member, **form.cleaned_data)
        return _told(_("%(name)s was rejected.") % {"name": found.title})
    return sheet(request, form, _("Reject %(name)s") % {"name": found.title}, submit=_("Reject"))


@needs("customers.change")
def merge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose the customer it is one with, and whose value stands where both say something."""
    found = _found(request, pk)
    into = _asked_for(request)
    possible = selectors.likely_now(found, request.member)
    if into is None and request.method == "GET" and possible:
        into = possible[0].customer
    differences = selectors.differences(found, into) if into else []
    form = JoinForm(posted(request), member=request.member, differences=differences)
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        reviewing.merge(capture=found, customer=chosen["into"], actor=request.member, take=chosen["take"])
        names = {"name": found.title, "customer": chosen["into"].name}
        return _told(_("%(name)s was merged into %(customer)s.") % names)
    words = request.GET.get("q", "").strip()[:100]
    context = {
        "form": form,
        "capture": found,
        "into": into,
        "possible": possible,
        "differences": differences,
        "words": words,
        "others": find_customers(words, request.member, most=8) if words else [],
        "action": reverse("customers:merge-capture", args=[pk]),
    }
    return render(request, "customers/captures/merge.html", context, status=422 if form.is_bound else 200)


def _asked_for(request: HttpRequest) -> Customer | None:
    asked = request.POST.get("into") or request.GET.get("into", "")
    try:
        return Customer.objects.living().visible_to(request.member).filter(pk=UUID(asked)).first()
    except ValueError:
        return None


@require_POST
@needs("customers.change")
def accept_many(request: HttpRequest) -> HttpResponse:
    """Make customers of those chosen."""
    chosen = _chosen(request)
    if len(chosen) > MOST_AT_ONCE:
        return _later(request, chosen, many.ACCEPT)
    done_now, _refused = reviewing.each(
        _read(chosen), lambda one: reviewing.accept(capture=one, actor=request.member)
    )
    return _told(
        _many(len(done_now), ngettext("%(count)s was accepted.", "%(count)s were accepted.", len(done_now)))
    )


@require_POST
@needs("customers.change")
def merge_many(request: HttpRequest) -> HttpResponse:
    """Let each of those chosen be one with its only certain match; those without one go on waiting."""
    chosen = _chosen(request)
    if len(chosen) > MOST_AT_ONCE:
        return _later(request, chosen, many.MERGE)
    done_now, _refused = many.merge_certain(_read(chosen), request.member)
    if not done_now:
        raise NoCertainMatch(
            _(
                "None of them has exactly one certain match; a likely one is not enough. "
                "Merge them one by one."
            )
        )
    return _told(
        _many(len(done_now), ngettext("%(count)s was merged.", "%(count)s were merged.", len(done_now)))
    )


@needs("customers.change")
def reject_many(request: HttpRequest) -> HttpResponse:
    """Put those chosen aside, saying why."""
    form = RejectForm(posted(request))
    chosen = _chosen(request)
    if form.is_bound and form.is_valid():
        if len(chosen) > MOST_AT_ONCE:
            return _later(request, chosen, many.REJECT, **form.cleaned_data)
        done_now, _refused = reviewing.each(
            _read(chosen),
            lambda one: reviewing.reject(capture=one, actor=request.member, **form.cleaned_data),
        )
        return _told(
            _many(
                len(done_now), ngettext("%(count)s was rejected.", "%(count)s were rejected.", len(done_now))
            )
        )
    count = len(chosen)
    title = ngettext("Reject %(count)s entry", "Reject %(count)s entries", count) % {
        "count": number_text(count)
    }
    return sheet(request, form, title, submit=_("Reject"), action=request.get_full_path())


def _later(request: HttpRequest, chosen: list[UUID], deed: str, **given: Any) -> HttpResponse:
    """More than one request should hold: in the background, with a page that shows how far it is."""
    job = many.decide_later(deed=deed, ids=chosen, actor=request.member, **given)
    return go(reverse("job", args=[job.pk]))


@require_POST
@needs("customers.change")
def undo(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Let wait again what one request or job decided."""
    job = Job.objects.filter(pk=request_id, kind=many.DECIDE, created_by=request.member).first()
    if job is not None:
        return go(reverse("job", args=[many.undo_later(done=job, actor=request.member).pk]))
    reviewing.refuse_second(request_id, request.member)
    mine = reviewing.decided_in(request_id).visible_to(request.member).filter(decided_by=request.member)
    if not mine:
        raise NotFound
    return _undone(request, list(mine))


@require_POST
@needs("customers.change")
def reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let one wait again."""
    return _undone(request, [_found(request, pk)])


def _undone(request: HttpRequest, captures: list[Capture]) -> HttpResponse:
    undone, refused = reviewing.each(captures, lambda one: reviewing.undo(capture=one, actor=request.member))
    if refused and not undone:
        raise refused[0][1]
    text = _many(len(undone), ngettext("%(count)s waits again.", "%(count)s wait again.", len(undone)))
    if kept := sum(len(one.journal.get("kept", [])) for one in undone):
        words = ngettext(
            "%(count)s value changed since was kept.", "%(count)s values changed since were kept.", kept
        )
        text = f"{text} {words % {'count': kept}}"
    if refused:
        text = f"{text} {refused[0][1]}"
    return done(text)


def _many(count: int, words: str) -> str:
    return words % {"count": count}


def _told(text: str) -> HttpResponse:
    """Say it, with the way back: everything this request decided."""
    return done(text, undo_url=reverse("customers:undo-captures", args=[current().request_id]))


def _found(request: HttpRequest, pk: UUID) -> Capture:
    rows = Capture.objects.visible_to(request.member).select_related("decided_by", "owner", "customer")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _chosen(request: HttpRequest) -> list[UUID]:
    """The waiting captures that were ticked, or all there are, the newest first."""
    rows = Capture.objects.visible_to(request.member).waiting()
    asked = request.POST if request.method == "POST" and "ids" in request.POST else request.GET
    if "all" not in request.POST and "all" not in request.GET:
        rows = rows.filter(pk__in=_ids(asked.getlist("ids")))
    return list(rows.order_by("-received_at", "-id").values_list("pk", flat=True)[: many.MOST])


def _read(chosen: list[UUID]) -> list[Capture]:
    rows = Capture.objects.filter(pk__in=chosen).select_related("owner")
    return list(rows.order_by("-received_at", "-id"))


def _ids(texts: Iterable[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise NotFound from error
