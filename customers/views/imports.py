"""Bringing a file in, in five steps: file, columns, check, run, result. Each has a way back."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from crm import answers
from crm.access import needs
from crm.errors import DomainError, NotFound
from crm.exports.views import attached
from crm.people.roles import may
from customers.import_forms import ChoicesForm, UploadForm
from customers.imports.beside import CONTACT_PREFIX
from customers.imports.custom import RECORDS, kind_for
from customers.imports.fields import FIELDS, PREFIX, Field, field_of, fields_for
from customers.imports.mapping import template_of
from customers.models import Import
from customers.selectors.imports import errors_name, errors_of, fields_made_by, remarks_on
from customers.services.imports import uploads
from customers.services.imports.new_fields import KINDS, NEW
from customers.views.mending import posted_answers, posted_choice, posted_rows, rows_to_mend
from customers.views.undone import undone_words

SHOWN = 50
LAST_HEAD = 1_000
BUSY = (Import.State.WAITING, Import.State.RUNNING)
OVER = (Import.State.DONE, Import.State.UNDONE)
SUREST = ("record_id", "external_id", "email", "phone", "name")
NEWEST = "?sort=created"
AGAIN = "again"  # checked once more: one goes on where the first wrong cell is


@require_GET
@needs("customers.import")
def past(request: HttpRequest) -> HttpResponse:
    """The newest imports."""
    imports = Import.objects.select_related("created_by").order_by("-created_at", "-id")[:SHOWN]
    return render(request, "customers/imports/past.html", {"imports": imports})


@needs("customers.import")
def upload(request: HttpRequest) -> HttpResponse:
    """First step: what is in the file, and the file."""
    form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind")})
    if request.method == "POST" and form.is_valid():
        try:
            import_ = uploads.receive(
                kind=form.cleaned_data["kind"], upload=form.cleaned_data["file"], actor=request.member
            )
            return redirect("customers:import-columns", import_.pk)
        except DomainError as refusal:
            form.add_error("file", str(refusal))
    context = {"form": form, "kinds": Import.Kind.choices, "step": 1}
    return render(request, "customers/imports/upload.html", context, status=422 if form.errors else 200)


@needs("customers.import")
def columns(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Second step: which column is what. Posting tries the file out."""
    import_ = _import_or_404(pk)
    if import_.state in BUSY or import_.state == Import.State.DONE:
        return redirect("customers:import", import_.pk)
    if other := _read_otherwise(request, import_):
        uploads.read_again(import_=import_, **other)
        return redirect("customers:import-columns", pk)
    form = ChoicesForm(request.POST or None, kind=import_.kind, initial=_choices(import_))
    mapping, refusal = import_.mapping, ""
    if request.method == "POST" and form.is_valid():
        mapping = _posted_mapping(request, import_)
        try:
            uploads.check(import_=import_, mapping=mapping, actor=request.member, **form.cleaned_data)
            return redirect("customers:import", import_.pk)
        except DomainError as error:
            refusal = str(error)
    context = {
        "import": import_,
        "form": form,
        "columns": _columns(import_, mapping),
        "groups": _field_groups(import_.kind),
        "new_fields": _new_fields(request, import_),
        "refusal": refusal,
        "sheets": import_.preview.get("sheets", []),
        "sheet": _sheet_of(import_),
        "head": (head := import_.preview.get("head") or 1),
        "skipped": head - 1,
        "remembered": import_.preview.get("remembered", ""),
        "remarks": [] if import_.preview["rows"] else remarks_on({"rows": 0}),
        "step": 2,
    }
    return render(
        request, "customers/imports/columns.html", context, status=422 if refusal or form.errors else 200
    )


@require_GET
@needs("customers.import")
def import_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The check, the run or the result, whichever the import has come to."""
    import_ = _import_or_404(pk)
    if import_.state == Import.State.UPLOADED and import_.path:
        return redirect("customers:import-columns", pk)
    context = _context(import_) | {"again": AGAIN in request.GET}
    return render(request, "customers/imports/import.html", context)


@require_GET
@needs("customers.import")
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The bar; when the work is over, the page is asked for anew."""
    import_ = _import_or_404(pk)
    if import_.state not in BUSY:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "customers/imports/_progress.html", _context(import_))


@require_POST
@needs("customers.import")
def begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fourth step: bring it in."""
    import_ = _import_or_404(pk)
    uploads.begin(
        import_=import_,
        rows=posted_rows(request, import_),
        answers=posted_answers(request, import_),
        leave=posted_choice(request, import_),
        actor=request.member,
    )
    return redirect("customers:import", pk)


@require_POST
@needs("customers.import")
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    uploads.stop(import_=_import_or_404(pk))
    return redirect("customers:import", pk)


@require_POST
@needs("customers.import")
def mend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the rows as they were mended in the table, and check again."""
    import_ = _import_or_404(pk)
    uploads.mend(
        import_=import_,
        rows=posted_rows(request, import_),
        alike=request.POST.get("alike", ""),
        answers=posted_answers(request, import_),
        leave=posted_choice(request, import_),
        actor=request.member,
    )
    return redirect(f"{reverse('customers:import', args=[pk])}?{AGAIN}=1")


@require_GET
@needs("customers.import")
def bad_rows(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The rows that were not taken, with the reason, to be mended and brought in again."""
    import_ = _import_or_404(pk)
    path = Path(import_.preview.get("bad_file") or "")
    if not import_.preview.get("bad_file") or not path.is_file():
        raise NotFound
    return attached(path, f"{Path(import_.file_name).stem}-rows.csv")


@require_POST
@needs("customers.import")
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it back, in the background."""
    job = uploads.undo_later(import_=_import_or_404(pk), actor=request.member)
    return answers.go(reverse("job", args=[job.pk]))


@require_GET
@needs("customers.import")
def errors(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The rows that were not taken, as a file; only of this company, by the import's own record."""
    import_ = _import_or_404(pk)
    path = errors_of(import_)
    if path is None:
        raise NotFound
    return attached(path, errors_name(import_))


@require_GET
@needs("customers.import")
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """A file of this kind to fill in, with one example row that can be brought in."""
    if kind not in FIELDS:
        raise NotFound
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    response.write("\ufeff")
    csv.writer(response).writerows(template_of(kind, request.member))
    return response


def _import_or_404(pk: UUID) -> Import:
    import_ = Import.objects.filter(pk=pk).select_related("job", "created_by").first()
    if import_ is None:
        raise NotFound
    return import_


def _sheet_of(import_: Import) -> str:
    """The sheet that is read: the one chosen, else the first."""
    sheets = import_.preview.get("sheets", [])
    return import_.preview.get("sheet") or (sheets[0] if sheets else "")


def _read_otherwise(request: HttpRequest, import_: Import) -> dict[str, Any]:
    """The sheet or the line of the column names, where another was posted than the one that is read."""
    sheet, head = request.POST.get("sheet", ""), request.POST.get("head", "")
    if sheet and sheet != _sheet_of(import_):
        return {"sheet": sheet}
    if head.isdecimal() and 0 < int(head) <= LAST_HEAD and int(head) != (import_.preview.get("head") or 1):
        return {"sheet": import_.preview.get("sheet", ""), "head": int(head)}
    return {}


def _choices(import_: Import) -> dict[str, str]:
    return {"mode": import_.mode, "key": import_.key, "unknown": import_.unknown}


def _posted_mapping(request: HttpRequest, import_: Import) -> dict[str, str]:
    header = import_.preview["header"]
    return {heading: request.POST.get(f"column-{at}", "") for at, heading in enumerate(header) if heading}


def _columns(import_: Import, mapping: dict[str, str]) -> list[dict[str, Any]]:
    """Each column with its first values, the field it is mapped to, and whether that was guessed."""
    preview = import_.preview
    return [
        {
            "name": f"column-{at}",
            "heading": heading,
            "values": [row[at] for row in preview["rows"] if at < len(row)],
            "field": mapping.get(heading, ""),
            "becomes": f"{NEW}{kind_for(row[at] for row in preview['rows'] if at < len(row)).value}",
            "guessed": bool(mapping.get(heading)) and preview["guess"].get(heading) == mapping.get(heading),
        }
        for at, heading in enumerate(preview["header"])
        if heading
    ]


def _field_groups(kind: str) -> list[tuple[str, list[Field]]]:
    """The fields a column may be, by what they are about; groups without a field are left out."""
    own_name = {Import.Kind.CUSTOMERS: _("Customer"), Import.Kind.CONTACTS: _("Contact")}.get(
        Import.Kind(kind)
    )
    groups: dict[str, list[Field]] = {}
    built_in = {field.name for field in FIELDS[kind]}
    for field in fields_for(kind):
        if field.name in built_in:
            label = own_name or str(Import.Kind(kind).label)
        elif field.name.startswith(PREFIX):
            label = _("Own fields")
        else:
            label = _("Contact of the customer") if field.name.startswith(CONTACT_PREFIX) else _("Consents")
        groups.setdefault(label, []).append(field)
    return list(groups.items())


def _new_fields(request: HttpRequest, import_: Import) -> list[tuple[str, Any]]:
    """The kinds of field a column may become, for who may define fields."""
    if import_.kind not in RECORDS or not may(request.member.role, "settings.manage"):
        return []
    return [(f"{NEW}{kind.value}", kind.label) for kind in KINDS]


def _alike(counts: dict[str, Any]) -> list[dict[str, Any]]:
    """The first lines that look like another, with the words for what they share."""
    words = {"email": _("e-mail"), "phone": _("phone"), "website": _("website"), "address": _("address")}
    return [
        {**one, "same": [_("name"), *(words[name] for name in one["same"])]}
        for one in counts.get("first_alike", [])
    ]


def _context(import_: Import) -> dict[str, Any]:
    job = import_.job
    dry_run = bool(job and job.params.get("dry_run"))
    counts = import_.counts or {}
    taken = counts.get("created", 0) + counts.get("updated", 0)
    return {
        "import": import_,
        "job": job,
        "dry_run": dry_run,
        "busy": import_.state in BUSY,
        "counts": counts,
        "remarks": remarks_on(counts),
        "taken": taken,
        "made": [
            (label, counts["made"][name])
            for name, label in _made_labels()
            if counts.get("made", {}).get(name)
        ],
        "bad": rows_to_mend(import_),
        "alike": _alike(counts),
        "may_undo": import_.state == Import.State.DONE and import_.request_id is not None,
        "undo_words": _undo_words(import_),
        "undone": undone_words(import_.undone),
        "list_url": reverse("customers:list") + NEWEST,
        "duplicates_url": f"{reverse('customers:scan-duplicates')}?show=1&import={import_.pk}",
        "known_by": _known_by(import_),
        "step": 5 if import_.state in OVER else 3 if dry_run else 4,
    }


def _undo_words(import_: Import) -> str:
    """What an undo does, with the custom fields that it takes away."""
    text = _(
        "What this import made is removed and what it changed is as before. "
        "What somebody changed, used or merged since stays and is listed."
    )
    made = [field.label for field in fields_made_by(import_)] if import_.state == Import.State.DONE else []
    if made:
        names = ", ".join(f"“{label}”" for label in made)
        text = f"{text} " + ngettext(
            "The field %(names)s, which it made, goes too, unless others have filled it.",
            "The fields %(names)s, which it made, go too, unless others have filled them.",
            len(made),
        ) % {"names": names}
    return text


def _known_by(import_: Import) -> str:
    """The field by which customers are known again: the one chosen, else the surest that the file has."""
    if import_.kind != Import.Kind.CUSTOMERS:
        return ""
    mapped = set(import_.mapping.values())
    name = import_.key or next((key for key in SUREST if key in mapped), "name")
    field = field_of(import_.kind, name)
    return str(field.label) if field else ""


def _made_labels() -> list[tuple[str, str]]:
    return [
        ("purchases", _("Purchases")),
        ("lines", _("Lines")),
        ("customers", _("New customers")),
        ("products", _("New products")),
        ("contacts", _("New contacts")),
        ("consents", _("Consents")),
    ]
