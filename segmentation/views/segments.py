"""Segments: the list with live counts, the builder, one segment's customers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import needs
from crm.answers import refuse
from crm.conflicts import Clash, attempted
from crm.errors import DomainError
from segmentation.criteria import parse, told
from segmentation.errors import RuleHidden
from segmentation.forms import SegmentForm
from segmentation.members import reference_at
from segmentation.models import Segment
from segmentation.rule_form import RuleForm
from segmentation.selectors.segments import counted_segments, sample_of
from segmentation.services import segments
from segmentation.views.tabs import tabs


@needs("segments.view")
def index(request: HttpRequest) -> HttpResponse:
    context = {
        "tabs": tabs("segments"),
        "segments": counted_segments(request.member),
        "may_change": request.member.can("segments.change"),
    }
    return render(request, "segmentation/segments.html", context)


@needs("segments.view")
def record(request: HttpRequest, pk: object) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    may_change = request.member.can("segments.change")
    count, sample = sample_of(segment.rule, request.member, most=20)
    context = {
        "segment": segment,
        "words": told(segment.rule, reference_at()),
        "count": count,
        "sample": sample,
        "crumbs": _crumbs(),
        "more": _menu(segment) if may_change else [],
        "may_change": may_change,
    }
    return render(request, "segmentation/segment.html", context)


@needs("segments.change")
def new(request: HttpRequest) -> HttpResponse:
    form = _form(request, Segment())

    def make(*, criteria: Any, **fields: Any) -> HttpResponse:
        return _saved(request, segments.create_segment(given=criteria, actor=request.member, **fields))

    if form.is_bound and form.is_valid():
        try:
            if answer := form.kept(make, **form.values):
                return answer
        except DomainError as error:
            refuse(form, error)
    return _page(request, form)


@needs("segments.change")
def edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change a segment. Whoever saves an older reading is shown what the other changed."""
    segment = get_object_or_404(Segment, pk=pk)
    if segment.hidden:
        raise RuleHidden
    form = _form(request, segment)

    def save(**values: Any) -> HttpResponse:
        return _saved(request, segments.save_segment(segment=segment, actor=request.member, **values))

    attempt = attempted(form, segment, partial(form.kept, save))
    return attempt.answer or _page(request, form, attempt.clashes)


@require_POST
@needs("segments.change")
def rehearse(request: HttpRequest) -> HttpResponse:
    """The rule as it stands in the form, with whom it means."""
    rule = RuleForm.from_post(request.POST, currency=request.tenant.currency, for_class=False)
    return render(request, "segmentation/_rule.html", _rule_context(request, rule))


@require_POST
@needs("segments.change")
def delete(request: HttpRequest, pk: object) -> HttpResponse:
    segments.delete_segment(segment=get_object_or_404(Segment, pk=pk), actor=request.member)
    messages.success(request, _("Segment deleted"))
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("segmentation:segments")})


def _form(request: HttpRequest, segment: Segment) -> SegmentForm:
    currency = request.tenant.currency
    if request.method == "POST":
        rule = RuleForm.from_post(request.POST, currency=currency, for_class=False)
        return SegmentForm(request.POST, instance=segment, rule=rule)
    rule = RuleForm.from_json(segment.criteria, currency=currency, for_class=False)
    return SegmentForm(instance=segment, rule=rule)


def _page(request: HttpRequest, form: SegmentForm, clashes: Sequence[Clash] = ()) -> HttpResponse:
    context = _rule_context(request, form.rule) | {
        "form": form,
        "clashes": clashes,
        "segment": form.instance,
        "known": not form.instance._state.adding,
        "crumbs": _crumbs(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "segmentation/segment_form.html", context, status=status)


def _saved(request: HttpRequest, segment: Segment) -> HttpResponse:
    messages.success(request, _("Saved"))
    return redirect("segmentation:segment", segment.pk)


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("Segments"), "url": reverse("segmentation:segments")}]


def _menu(segment: Segment) -> list[dict[str, object]]:
    return [
        {
            "label": _("Delete"),
            "icon": "trash",
            "url": reverse("segmentation:delete-segment", args=[segment.pk]),
            "post": True,
            "danger": True,
            "confirm": _("The customers stay; only the rule goes."),
            "confirm_title": _("Delete the segment %(name)s?") % {"name": segment.name},
            "confirm_action": _("Delete"),
        }
    ]


def _rule_context(request: HttpRequest, rule: RuleForm) -> dict[str, object]:
    reference = reference_at()
    context: dict[str, object] = {"rule": rule, "try_url": reverse("segmentation:try-segment")}
    if rule.is_valid():
        parsed = parse(rule.criteria)
        context["words"] = told(parsed, reference)
        context["count"], context["people"] = sample_of(parsed, request.member)
    return context
