"""Long work about customers, run by the worker."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.errors import DomainError
from crm.formats import number_text
from crm.models import Job
from crm.services import jobs
from customers.duplicates.engine import search
from customers.models import Contact, Import
from customers.selectors.contacts import asked_of, contacts_of, seen_contacts
from customers.selectors.duplicates import told_pairs
from customers.services.bulk import running
from customers.services.capture import many
from customers.services.duplicates import scanning
from customers.services.imports import mending
from customers.services.imports.running import run
from customers.services.imports.undoing import undo
from customers.services.imports.uploads import JOB, UNDO
from customers.services.many import contacts as people
from customers.services.many import reviving, rows
from customers.services.many import running as together
from customers.services.many.undoing import told_of
from customers.services.privacy import erasing, exporting

EVERY = 1.0  # seconds between two reports
WATCHED = timedelta(minutes=1)  # how long one looks on while a file is checked


def run_import(job: Job) -> dict[str, Any]:
    """Check or bring in an uploaded file, all or nothing, and leave the import in the state that follows."""
    dry_run = job.params["dry_run"]
    try:
        with jobs.working_on(job):
            Import.objects.filter(pk=job.params["import"]).update(state=Import.State.RUNNING)
        with jobs.working_on(job), _as_asked(job):
            return _bring_in(job, dry_run)
    except jobs.JobCancelled:
        with jobs.working_on(job):
            leave_import(job)
        raise
    except DomainError as refusal:
        _leave(job, refusal)
        raise
    except Exception:
        _leave(job)
        raise


def _as_asked(job: Job) -> AbstractContextManager[None]:
    """The language of who asked for it: what is wrong with rows is for them. What cells mean depends on none."""
    return translation.override(job.params.get("language") or translation.get_language())


def _bring_in(job: Job, dry_run: bool) -> dict[str, Any]:
    import_ = Import.objects.get(pk=job.params["import"])
    with jobs.heeding(job):
        result = run(
            import_=import_,
            path=Path(import_.path),
            actor=job.created_by,
            dry_run=dry_run,
            progress=_reporter(job),
        )
    import_.errors_path = result.pop("errors_file")
    import_.counts = result
    import_.preview |= mending.lay_out(import_, Path(import_.path))
    import_.state = Import.State.CHECKED if dry_run else Import.State.DONE
    if not dry_run:
        import_.finished_at, import_.request_id = timezone.now(), import_.pk
        Path(import_.path).unlink(missing_ok=True)
        import_.path = ""
    import_.save()
    return result


def _told_import(job: Job) -> str:
    names = ("created", "updated", "unchanged", "rejected")
    counts = {name: number_text(job.result.get(name, 0)) for name in names}
    if job.params.get("dry_run"):
        text = _("Only checked so far. Rows: %(created)s new, %(updated)s changed, %(rejected)s to mend.")
        return text % counts
    return (
        _("Rows: %(created)s new, %(updated)s changed, %(unchanged)s as they were, %(rejected)s not taken.")
        % counts
    )


def _noted_import(job: Job) -> str:
    """What the member is told has ended: nothing, where it is a check that was over while they looked on."""
    ended = job.finished_at or timezone.now()
    if job.params.get("dry_run") and ended - job.created_at < WATCHED:
        return ""
    files = Import.objects.filter(pk=job.params["import"]).values_list("file_name", flat=True)
    return gettext("Import of %(file)s") % {"file": files[0]} if files else gettext("Import")


def undo_import(job: Job) -> dict[str, Any]:
    """Take an import back, all or nothing."""
    with jobs.working_on(job):
        import_ = Import.objects.get(pk=job.params["import"])
        with jobs.heeding(job):
            return undo(import_=import_, actor=job.created_by, progress=lambda seen: jobs.report(job, seen))


def _told_undo(job: Job) -> str:
    counts = {name: number_text(job.result.get(name, 0)) for name in ("removed", "restored", "kept")}
    return (
        _("Records removed: %(removed)s. Restored: %(restored)s. Left because they changed since: %(kept)s.")
        % counts
    )


def _reporter(job: Job) -> Any:
    last = time.monotonic()

    def report(rows: int) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            jobs.report(job, rows)

    return report


def _leave(job: Job, error: object = "") -> None:
    with jobs.working_on(job), _as_asked(job):
        _end_import(job, Import.State.FAILED, error)


def leave_import(job: Job) -> None:
    """Nothing of the file came in, or will."""
    _end_import(job, Import.State.CANCELLED)


def _end_import(job: Job, state: str, error: object = "") -> None:
    Import.objects.filter(pk=job.params["import"]).update(
        state=state, error=str(error), finished_at=timezone.now()
    )


def find_duplicates(job: Job) -> dict[str, Any]:
    """Search the whole company; nothing is written before all of it was compared."""
    last = time.monotonic()

    def tell(percent: int) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            jobs.report(job, percent)
            last = time.monotonic()

    with jobs.working_on(job):
        reading = scanning.read(lambda: tell(0))
    jobs.report(job, 5, total=100)
    found = search(reading.records, lambda share: tell(5 + int(90 * share)))
    jobs.report(job, 95)
    with jobs.working_on(job), jobs.heeding(job):
        written = scanning.write(reading, found)
    return {"customers": len(reading), "pairs": written.pairs, "new": written.new}


def _told_changed(job: Job) -> str:
    count = job.result.get("records", 0)
    return ngettext("%(count)s customer changed.", "%(count)s customers changed.", count) % {
        "count": number_text(count)
    }


def _told_people(count: int) -> str:
    words = ngettext("%(count)s contact changed.", "%(count)s contacts changed.", count)
    return words % {"count": number_text(count)}


def _told_gone(count: int) -> str:
    words = ngettext("%(count)s contact deleted.", "%(count)s contacts deleted.", count)
    return words % {"count": number_text(count)}


def _told_erased(job: Job) -> str:
    gone, kept = job.result.get("gone", 0), job.result.get("kept", 0)
    went = ngettext("%(count)s row is gone.", "%(count)s rows are gone.", gone) % {"count": number_text(gone)}
    stays = ngettext("%(count)s row stays as figures.", "%(count)s rows stay as figures.", kept)
    return f"{went} {stays % {'count': number_text(kept)}}"


def _told_held(job: Job) -> str:
    rows = job.result.get("rows", 0)
    return ngettext("%(count)s row written.", "%(count)s rows written.", rows) % {"count": number_text(rows)}


def _told_decided(job: Job) -> str:
    done, left = job.result.get("decided", 0), job.result.get("refused", 0)
    text = ngettext("%(count)s entry was decided.", "%(count)s entries were decided.", done) % {
        "count": number_text(done)
    }
    if left:
        words = ngettext(
            "%(count)s entry was left as it is.", "%(count)s entries were left as they are.", left
        )
        text = f"{text} {words % {'count': number_text(left)}}"
    return text


def _told_reopened(job: Job) -> str:
    back, left = job.result.get("records", 0), job.result.get("refused", 0)
    text = ngettext("%(count)s entry waits again.", "%(count)s entries wait again.", back) % {
        "count": number_text(back)
    }
    if left:
        words = ngettext(
            "%(count)s entry was left as it is.", "%(count)s entries were left as they are.", left
        )
        text = f"{text} {words % {'count': number_text(left)}}"
    return text


_OF_CUSTOMERS = ngettext_lazy("%(done)s of %(total)s customer", "%(done)s of %(total)s customers", "number")
_OF_ENTRIES = ngettext_lazy("%(done)s of %(total)s entry", "%(done)s of %(total)s entries", "number")

jobs.register(
    JOB,
    run_import,
    name=_("Import"),
    noted=_noted_import,
    told=_told_import,
    place=lambda job: reverse("customers:import", args=[job.params["import"]]),
    leave=leave_import,
)
jobs.register(
    many.DECIDE,
    many.decide,
    repeatable=True,
    title=_("Deciding about the inbox"),
    back="customers:inbox",
    told=_told_decided,
    of=_OF_ENTRIES,
    undo="customers:undo-captures",
    undo_job=many.UNDO,
)
jobs.register(
    many.UNDO,
    many.undo,
    repeatable=True,
    title=_("Letting entries wait again"),
    back="customers:inbox",
    told=_told_reopened,
    of=_OF_ENTRIES,
)
jobs.register(
    erasing.JOB,
    erasing.run,
    repeatable=True,
    title=_("Erasing a person"),
    share=True,
    back="customers:list",
    told=_told_erased,
    details="customers/privacy/_erased.html",
)
jobs.register(
    exporting.JOB,
    exporting.run,
    repeatable=True,
    title=_("Everything held about a person"),
    back="customers:list",
    told=_told_held,
    of=ngettext_lazy("%(done)s of %(total)s row", "%(done)s of %(total)s rows", "number"),
    file="customers:person-file",
)
jobs.register(
    UNDO,
    undo_import,
    repeatable=True,
    title=_("Undoing an import"),
    back="customers:imports",
    told=_told_undo,
    of=ngettext_lazy("%(done)s of %(total)s record", "%(done)s of %(total)s records", "number"),
    place=lambda job: reverse("customers:import", args=[job.params["import"]]),
    stopped=_("Nothing was taken back: the import stands as it was."),
)
jobs.register(
    running.CHANGE,
    running.change,
    repeatable=True,
    title=_("Changing customers"),
    back="customers:list",
    told=_told_changed,
    of=_OF_CUSTOMERS,
    undo="customers:undo-many-job",
    undo_job=running.UNDO,
)
jobs.register(
    running.UNDO,
    running.take_back,
    repeatable=True,
    title=_("Taking back changes"),
    back="customers:list",
    told=told_of,
    of=_OF_CUSTOMERS,
    details="customers/_kept.html",
)
jobs.register(
    scanning.JOB,
    find_duplicates,
    repeatable=True,
    title=_("Searching for duplicates"),
    share=True,
    back="customers:duplicates",
    told=told_pairs,
    stopped=_("Nothing new was written down; the pairs found earlier stay."),
)
_PEOPLE = rows.register(
    rows.Rows(
        "contacts",
        Contact,
        "customers.change",
        people.COLUMNS,
        seen=seen_contacts,
        asked=lambda query, member: contacts_of(asked_of(query), member),
        check=people.check,
        apply=people.apply,
        told=_told_people,
        mend=people.mend,
        rights=people.RIGHTS,
        revive=reviving.revive,
        words={people.DELETE: _told_gone},
    )
)
together.register_jobs(
    _PEOPLE,
    title=_("Changing contacts"),
    back="customers:contacts",
    undo="customers:undo-contacts-job",
    of=ngettext_lazy("%(done)s of %(total)s contact", "%(done)s of %(total)s contacts", "number"),
)
