"""What a member was told, newest first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from crm.access import needs
from crm.models import Notification
from crm.services.notifications import mark_read

MOST = 100


@needs("today.view")
def notifications(request: HttpRequest) -> HttpResponse:
    mine = Notification.objects.filter(member=request.member)
    context = {"notes": mine[:MOST], "unread": mine.filter(read_at=None).exists()}
    return render(request, "crm/notifications.html", context)


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
