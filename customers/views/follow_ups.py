"""Promises: making one, and keeping, moving or skipping it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.access import needs
from crm.answers import done, posted, sheet
from crm.conflicts import edited
from crm.models import Member
from customers.forms import CompleteForm, FollowUpForm, HandOverOneForm, MoveOneForm, SkipForm, moment_of
from customers.services import follow_ups as services
from customers.services.touchpoints import kind_of
from customers.views.finding import customer_or_404, follow_up_or_404, in_days
from customers.views.many import undo_url
from customers.views.many_follow_ups import UNDO


@needs("customers.change")
def schedule(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Promise a customer something by a day."""
    customer = customer_or_404(request, pk)
    owner = customer.owner_id or request.member.pk
    form = FollowUpForm(posted(request), initial={"on": in_days(1), "owner": owner})
    if form.is_bound and form.is_valid():
        cleaned = form.cleaned_data
        services.schedule_follow_up(
            customer=customer,
            owner=cleaned["owner"],
            subject=cleaned["subject"],
            due_at=moment_of(cleaned["on"]),
            channel=cleaned["channel"],
            reason=cleaned["reason"],
            actor=request.member,
        )
        return done(_("Follow-up added"))
    title = _("Follow-up for %(name)s") % {"name": customer.name}
    return sheet(request, form, title=title, action=reverse("customers:schedule", args=[pk]), submit=_("Add"))


@needs("customers.change")
def complete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a promise: at once by a bare post with ``at_once``, or with what came of it."""
    follow_up = follow_up_or_404(request, pk)
    if request.method == "POST" and "at_once" in request.GET:
        services.complete_follow_up(
            follow_up=follow_up, actor=request.member, kind=kind_of(follow_up.channel)
        )
        return done(pgettext("state", "Done"), undo_url=undo_url(UNDO))
    form = CompleteForm(posted(request), initial={"kind": kind_of(follow_up.channel)})
    if form.is_bound and form.is_valid():
        cleaned = form.cleaned_data
        services.complete_follow_up(
            follow_up=follow_up,
            actor=request.member,
            result=cleaned["result"],
            kind=cleaned["kind"],
            next_step=form.next_step(),
        )
        return done(pgettext("state", "Done"), undo_url=undo_url(UNDO))
    return sheet(
        request,
        form,
        title=follow_up.subject,
        lead=follow_up.customer.name,
        action=reverse("customers:complete", args=[pk]),
        submit=_("Done"),
    )


@needs("customers.change")
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Promise another day, with the reason; by one click to tomorrow or next week."""
    follow_up = follow_up_or_404(request, pk)
    days = request.GET.get("days", "")
    if request.method == "POST" and days.isdecimal() and len(days) < 4:
        due_at = moment_of(in_days(int(days)))
        services.move_follow_up(follow_up=follow_up, due_at=due_at, because="", actor=request.member)
        return done(_("Moved"), undo_url=undo_url(UNDO))
    form = MoveOneForm(posted(request), instance=follow_up, initial={"on": in_days(1)})

    def save(
        *, version: int, due_at: datetime = follow_up.due_at, moved_because: str = follow_up.moved_because
    ) -> HttpResponse:
        services.move_follow_up(
            follow_up=follow_up, due_at=due_at, because=moved_because, actor=request.member, version=version
        )
        return done(_("Moved"), undo_url=undo_url(UNDO))

    title = _("Move: %(subject)s") % {"subject": follow_up.subject}
    return edited(request, form, follow_up, title, save, submit=_("Move"), lead=follow_up.customer.name)


@needs("customers.change")
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let another member keep a promise."""
    follow_up = follow_up_or_404(request, pk)
    form = HandOverOneForm(posted(request), instance=follow_up)

    def save(*, version: int, owner: Member = follow_up.owner) -> HttpResponse:
        services.reassign_follow_up(follow_up=follow_up, owner=owner, actor=request.member, version=version)
        told = _("Handed over to %(name)s") % {"name": owner.display_name}
        return done(told, undo_url=undo_url(UNDO))

    title = _("Hand over: %(subject)s") % {"subject": follow_up.subject}
    return edited(request, form, follow_up, title, save, submit=_("Hand over"), lead=follow_up.customer.name)


@needs("customers.change")
def skip(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a promise go, with the reason."""
    follow_up = follow_up_or_404(request, pk)
    form = SkipForm(posted(request))
    if form.is_bound and form.is_valid():
        services.skip_follow_up(
            follow_up=follow_up, because=form.cleaned_data["because"], actor=request.member
        )
        return done(_("Skipped"), undo_url=undo_url(UNDO))
    action = reverse("customers:skip", args=[pk])
    return sheet(
        request,
        form,
        title=_("Skip: %(subject)s") % {"subject": follow_up.subject},
        lead=follow_up.customer.name,
        action=action,
        submit=_("Skip"),
    )
