"""Telling who started a job how it ended."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.models import Job, Tenant
from crm.people.selectors import language_of
from crm.services.notifications import notify


def tell_ended(
    job: Job,
    *,
    noted: Callable[[Job], str],
    told: Callable[[Job], str] | None,
    place: Callable[[Job], str] | None,
) -> None:
    """One note to the member, within the open context: what came of it, or why it failed. Stopped ones are not told,
    nor are those that ``noted`` has no name for."""
    member, ended = job.created_by, job.state in (Job.State.DONE, Job.State.FAILED)
    if member is None or not ended:
        return
    tenant = Tenant.objects.get(pk=job.tenant_id)
    with translation.override(language_of(member, tenant)), timezone.override(tenant.zone):
        name, done = noted(job), job.state == Job.State.DONE
        if not name:
            return
        title = _("Done: %(job)s") if done else _("Failed: %(job)s")
        notify(
            member=member,
            kind="job.finished",
            title=title % {"job": name},
            text=(told(job) if told else "") if done else job.message,
            # Where it failed what it was about may not be there, or not be the company's.
            url=place(job) if place and done else reverse("job", args=[job.pk]),
            dedup_key=f"job:{job.pk}",
        )
