"""What is sent, what runs, and when: deliveries, jobs, schedules."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext
from django_celery_beat.admin import CrontabScheduleAdmin, IntervalScheduleAdmin, PeriodicTaskAdmin
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from crm.models import Delivery, Job
from crm.operations.base import CompanyAdmin, OperationsAdmin
from crm.services import deliveries


class DeliveryState(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (
            ("open", pgettext("delivery", "Open")),
            ("dead", _("Given up")),
            ("done", pgettext("state", "Done")),
        )

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "open":
            return queryset.open()
        if self.value() == "dead":
            return queryset.dead()
        return queryset.exclude(done_at=None) if self.value() == "done" else queryset


@admin.register(Delivery)
class DeliveryAdmin(CompanyAdmin):
    list_display = ("kind", "member", "address", "next_at", "attempts", "done_at", "dead_at", "last_error")
    list_filter = (DeliveryState,)
    list_select_related = ("member",)
    search_fields = ("dedup_key", "address")
    fields = (
        "kind",
        "dedup_key",
        "member",
        "address",
        "payload",
        "created_at",
        "next_at",
        "attempts",
        "claimed_until",
        "done_at",
        "dead_at",
        "last_error",
    )
    actions = ("requeue",)

    @admin.action(description=_("Send again: all tries anew"), permissions=["view"])
    def requeue(self, request: HttpRequest, queryset: Any) -> None:
        count = 0
        for delivery in queryset.dead():
            deliveries.requeue(delivery=delivery, actor=None)
            self.note(request, "requeued", delivery)
            count += 1
        text = ngettext("%(count)s delivery is tried again.", "%(count)s deliveries are tried again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)


@admin.register(Job)
class JobAdmin(CompanyAdmin):
    list_display = ("kind", "state", "progress", "total", "created_by", "created_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("created_by",)
    fields = (
        "kind",
        "params",
        "state",
        "progress",
        "total",
        "message",
        "result",
        "created_by",
        "created_at",
        "started_at",
        "finished_at",
        "cancel_asked_at",
    )


class _ScheduleAdmin(OperationsAdmin):
    may_add = may_change = may_delete = True


class TaskAdmin(_ScheduleAdmin, PeriodicTaskAdmin):
    """What beat wakes. Being late or twice changes only the delay."""

    change_form_template = change_list_template = None  # the package's own carry inline scripts
    list_display = ("name", "enabled", "scheduler", "last_run_at", "one_off")
    list_select_related = ("interval", "crontab", "solar", "clocked")


class IntervalAdmin(_ScheduleAdmin, IntervalScheduleAdmin):
    pass


class CrontabAdmin(_ScheduleAdmin, CrontabScheduleAdmin):
    pass


SCHEDULES = ((PeriodicTask, TaskAdmin), (IntervalSchedule, IntervalAdmin), (CrontabSchedule, CrontabAdmin))
