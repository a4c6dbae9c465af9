"""The kernel's own long work."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from crm.exports import services as exports
from crm.formats import number_text
from crm.models import Job
from crm.services import jobs


def _told_rows(job: Job) -> str:
    rows = job.result.get("rows", 0)
    return ngettext("%(count)s row written.", "%(count)s rows written.", rows) % {"count": number_text(rows)}


jobs.register(
    exports.JOB,
    exports.run,
    repeatable=True,
    title=_("Export"),
    back="today",
    told=_told_rows,
    of=ngettext_lazy("%(done)s of %(total)s row", "%(done)s of %(total)s rows", "number"),
    file="export-file",
    stopped=_("No file was made."),
)
