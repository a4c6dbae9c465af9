"""Long work that a changed rule starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from crm.formats import number_text
from crm.models import Job
from crm.services import jobs
from segmentation.services import applying


def _told(job: Job) -> str:
    moved = job.result.get("moved", 0)
    return ngettext("%(count)s customer moved.", "%(count)s customers moved.", moved) % {
        "count": number_text(moved)
    }


jobs.register(
    applying.APPLY,
    applying.run,
    repeatable=True,
    title=_("Applying the classes"),
    back="segmentation:classes",
    told=_told,
    of=ngettext_lazy("%(done)s of %(total)s customer", "%(done)s of %(total)s customers", "number"),
)
