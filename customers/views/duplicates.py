"""Pairs that may be one customer: reviewing, merging, telling apart, taking back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm.access import needs
from crm.answers import done, go
from crm.errors import NotFound
from crm.formats import bounded_text
from crm.models import Job
from crm.people.roles import Visibility
from customers.errors import NothingToMerge, TooManyToMerge
from customers.models import Customer, Duplicate, Import, Merge
from customers.selectors import duplicates as selectors
from customers.selectors.merging import CHOSEN, best_survivor, choices_of, hanging_on, own_choices
from customers.services.duplicates import deciding, scanning
from customers.services.duplicates.journal import cells
from customers.services.duplicates.merging import MOST, merge_customers, unmerge

CHANGED = "duplicates-changed"
JOINED = ("notes", "created_at")  # nobody has to choose: all of it, and the earliest


@needs("customers.merge")
def review(request: HttpRequest) -> HttpResponse:
    """Undecided pairs, the most probable first."""
    level, import_ = request.GET.get("level", ""), _import(request)
    pairs, after = selectors.open_pairs(
        request.member, level=level, after=request.GET.get("after", ""), brought_by=import_
    )
    kept = {"import": str(import_.pk)} if import_ else {}
    counts = selectors.open_counts(request.member, brought_by=import_)
    counts[""] = sum(counts.values())
    levels, last = [("", _("All")), *Duplicate.Level.choices], selectors.last_search()
    sees_all = request.member.visibility == Visibility.ALL  # what is found counts the whole company
    job = Job.objects.running().filter(kind=scanning.JOB).first()
    context = {
        "pairs": selectors.pairs_of(pairs),
        "tabs": [
            {
                "label": label,
                "url": _address(level=key, **kept),
                "current": key == level,
                "count": bounded_text(counts[key], limit=selectors.COUNTED),
            }
            for key, label in levels
        ],
        "next_url": _address(level=level, after=after, **kept) if after else "",
        "import": import_,
        "all_url": reverse("customers:duplicates"),
        "job": job,
        "stop_url": _stop_url(request, job) if job else "",
        "searched": last,
        "found": selectors.told_pairs(last) if last and sees_all else "",
        "scan_url": reverse("customers:scan-duplicates"),
    }
    return render(request, "customers/duplicates/list.html", context)


def _stop_url(request: HttpRequest, job: Job) -> str:
    """Where the search is stopped, by whoever began it and once."""
    mine = job.created_by_id == request.member.pk and not job.cancel_asked_at
    return reverse("cancel-job", args=[job.pk]) if mine else ""


def _address(**query: str) -> str:
    given = urlencode({name: value for name, value in query.items() if value})
    return reverse("customers:duplicates") + (f"?{given}" if given else "")


def _import(request: HttpRequest) -> Import | None:
    """The import whose customers alone are looked at."""
    pk = _id(request.GET.get("import", ""))
    return Import.objects.filter(pk=pk).first() if pk else None


@require_POST
@needs("customers.merge")
def scan(request: HttpRequest) -> HttpResponse:
    """Search in the background; ``show`` leads to the page of what is found, of an ``import`` to what it brought."""
    scanning.start_scan(actor=request.member)
    if request.GET.get("show"):
        import_ = _import(request)
        return go(_address(**{"import": str(import_.pk)} if import_ else {}))
    return _told(_("The search has begun. This page shows what it finds."))


@require_POST
@needs("customers.merge")
def tell_apart(request: HttpRequest, pk: UUID) -> HttpResponse:
    """These are two."""
    pair = deciding.tell_apart(duplicate=_pair(request, pk), actor=request.member)
    text = _("%(left)s and %(right)s are told apart.") % {"left": pair.left.name, "right": pair.right.name}
    return _told(text, undo_url=reverse("customers:propose-duplicate", args=[pk]))


@require_POST
@needs("customers.merge")
def propose_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back that these are two."""
    deciding.propose_again(duplicate=_pair(request, pk), actor=request.member)
    return _told(_("The pair is proposed again."))


@needs("customers.merge")
def merge(request: HttpRequest) -> HttpResponse:
    """Choose who survives and whose value each field takes; see what moves; merge."""
    everybody = _chosen(request)
    best = request.POST.get("survivor") or request.GET.get("survivor") or best_survivor(everybody).pk
    everybody.sort(key=lambda one: str(one.pk) != str(best))
    if request.method == "POST":
        return _merged(request, everybody)
    return render(request, "customers/duplicates/merge.html", _merge_page(request, everybody))


def _merge_page(request: HttpRequest, everybody: list[Customer]) -> dict[str, Any]:
    count = len(everybody)
    query = urlencode([("ids", one.pk) for one in everybody])
    return {
        "title": ngettext("Merge %(count)s customer", "Merge %(count)s customers", count) % {"count": count},
        "action": f"{reverse('customers:merge')}?{query}",
        "everybody": everybody,
        "hanging": hanging_on(everybody),
        "choices": [choice for choice in choices_of(everybody) if choice.name not in JOINED],
        "submit_label": ngettext("Merge %(count)s", "Merge %(count)s", count) % {"count": count},
    }


def _merged(request: HttpRequest, everybody: list[Customer]) -> HttpResponse:
    known = {str(one.pk): one.pk for one in everybody}
    names = [*(name for name in CHOSEN if name not in JOINED), *own_choices()]
    posted = {name: request.POST.get(f"field-{name}", "") for name in names}
    choices = {name: known[pk] for name, pk in posted.items() if pk in known}
    made = merge_customers(survivor=everybody[0], others=everybody[1:], actor=request.member, choices=choices)
    text = ngettext(
        "%(count)s customer was merged into %(name)s.",
        "%(count)s customers were merged into %(name)s.",
        len(everybody) - 1,
    ) % {"count": len(everybody) - 1, "name": made.survivor.name}
    return _told(text, undo_url=reverse("customers:unmerge", args=[made.pk]))


@require_POST
@needs("customers.merge")
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a merge back."""
    seen = Customer.objects.visible_to(request.member).order_by().values("pk")
    found = Merge.objects.filter(pk=pk, survivor__in=seen).first()
    if found is None:
        raise NotFound
    kept = cells(unmerge(merge=found, actor=request.member).kept)
    text = _("The merge was undone.")
    if kept:
        text += " " + ngettext(
            "%(count)s value changed since was kept.", "%(count)s values changed since were kept.", kept
        ) % {"count": kept}
    return _told(text)


@needs("customers.change")
def check(request: HttpRequest) -> HttpResponse:
    """Who is like the one who is being entered."""
    names = ("kind", "name", "email", "phone", "website", "address", "city", "postcode", "region", "gender")
    entered: dict[str, Any] = {name: request.GET.get(name, "")[:300] for name in names}
    try:
        entered["birthday"] = parse_date(request.GET.get("birthday", ""))
    except ValueError:
        entered["birthday"] = None
    found = selectors.candidates(request.member, exclude=_id(request.GET.get("of", "")), **entered)
    return render(request, "customers/duplicates/_candidates.html", {"found": found})


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _told(text: str, undo_url: str = "") -> HttpResponse:
    """Say it, and let the pairs on the page be read anew."""
    return done(text, undo_url=undo_url, **{CHANGED: True})


def _pair(request: HttpRequest, pk: UUID) -> Duplicate:
    found = Duplicate.objects.visible_to(request.member).select_related("left", "right").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _chosen(request: HttpRequest) -> list[Customer]:
    """The living customers asked for, in that order; at least two."""
    ids = []
    for text in request.GET.getlist("ids")[: MOST + 1]:
        try:
            ids.append(UUID(text))
        except ValueError as error:
            raise NotFound from error
    seen = Customer.objects.living().visible_to(request.member).select_related("owner").in_bulk(ids)
    if len(set(ids)) < 2:
        raise NothingToMerge
    if len(ids) > MOST:
        raise TooManyToMerge
    if len(seen) < len(set(ids)):
        raise NotFound
    return [seen[pk] for pk in dict.fromkeys(ids)]
