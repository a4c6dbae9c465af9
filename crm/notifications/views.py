"""What a member was told, newest first."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import needs
from crm.answers import posted
from crm.models import Notification
from crm.notifications.choices import choose
from crm.notifications.forms import ChoicesForm
from crm.services.notifications import mark_read

MOST = 100


@needs("today.view")
def notifications(request: HttpRequest) -> HttpResponse:
    mine = Notification.objects.in_app().filter(member=request.member)
    context = {"notes": mine[:MOST], "unread": mine.unread().exists()}
    return render(request, "crm/notifications.html", context)


@require_http_methods(["GET", "POST"])
@needs("profile.change")
def choices(request: HttpRequest) -> HttpResponse:
    """How one wants to be told of what: each member's own."""
    form = ChoicesForm(posted(request), member=request.member)
    if request.method == "POST" and form.is_valid():
        choose(member=request.member, **form.chosen())
        messages.success(request, _("Saved"))
        return redirect("notification-choices")
    page = {"form": form}
    return render(request, "crm/notification_choices.html", page, status=422 if form.is_bound else 200)


@require_POST
@needs("today.view")
def read(request: HttpRequest, pk: object) -> HttpResponse:
    """Take one as read and go where it points."""
    note = get_object_or_404(Notification, pk=pk, member=request.member)
    mark_read(member=request.member, at=timezone.now(), notification=note)
    return redirect(note.url or "notifications")


@require_POST
@needs("today.view")
def read_all(request: HttpRequest) -> HttpResponse:
    mark_read(member=request.member, at=timezone.now())
    return redirect("notifications")
