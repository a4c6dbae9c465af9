"""A person's privacy: everything held as a file, and erasing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.access import needs
from crm.answers import go, posted, refuse, sheet
from crm.errors import DomainError, NotFound
from crm.exports.services import folder
from crm.models import Job
from customers.privacy_forms import EraseForm
from customers.selectors.person import Person
from customers.services.privacy import erasing, exporting
from customers.views.finding import contact_or_404, customer_or_404


@needs("customers.erase")
def erase(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Erase a customer, once its member knows what goes and what stays."""
    return _erase(request, customer_or_404(request, pk))


@needs("customers.erase")
def erase_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Erase one contact of a customer."""
    return _erase(request, contact_or_404(request, pk))


@require_POST
@needs("customers.erase")
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything held about a customer, written by the worker."""
    return _export(request, customer_or_404(request, pk))


@require_POST
@needs("customers.erase")
def export_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything held about a contact, written by the worker."""
    return _export(request, contact_or_404(request, pk))


@require_GET
@needs("customers.erase")
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the worker wrote, for who asked for it."""
    job = get_object_or_404(Job, pk=pk, kind=exporting.JOB, created_by=request.member)
    path = folder() / Path(job.result.get("file") or "none").name
    if not path.is_file():
        raise NotFound
    name = f"person-{timezone.localdate()}.zip"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")


def _erase(request: HttpRequest, person: Person) -> HttpResponse:
    form = EraseForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            job = erasing.erase_later(person=person, reason=reason, actor=request.member)
            return go(reverse("job", args=[job.pk]))
        except DomainError as error:
            refuse(form, error)
    return sheet(
        request,
        form,
        _("Erase %(name)s?") % {"name": person.name},
        submit=_("Erase for good"),
        notice_template="customers/privacy/_what_goes.html",
        **_told(person),
    )


def _told(person: Person) -> dict[str, Any]:
    found = erasing.preview(person)
    names = ("gone", "emptied", "kept")
    return {name: _counted(getattr(found, name)) for name in names} | {"mentions": found.mentions}


def _counted(rows: Iterable[tuple[type[Model], int]]) -> list[tuple[str, int]]:
    """By the names people know; what only the product works out by itself comes last, as one."""
    named: Counter[str] = Counter()
    derived = 0
    for model, count in rows:
        if isinstance(model._meta.verbose_name, Promise):
            named[str(model._meta.verbose_name_plural)] += count
        else:
            derived += count
    named[_("derived records")] = derived
    return [(name, count) for name, count in named.items() if count]


def _export(request: HttpRequest, person: Person) -> HttpResponse:
    job = exporting.export_later(person=person, actor=request.member)
    return go(reverse("job", args=[job.pk]))
