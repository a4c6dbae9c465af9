"""The past of a record: how it stood at a moment, and putting back what stood there; and why one sees it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import needs
from crm.answers import done, posted, refuse, sheet
from crm.errors import DomainError, NotFound, Stale
from crm.models import AuditEntry
from customers.models import Contact, Contract, Customer
from customers.selectors.history import Words, as_of
from customers.selectors.images import image_of
from customers.selectors.seeing import reasons_to_see
from customers.services import restoring
from customers.views.finding import contact_or_404, contract_or_404, customer_or_404

MOMENT = "%Y-%m-%dT%H:%M"


class MomentForm(forms.Form):
    at = forms.DateTimeField(
        label=gettext_lazy("As of"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        input_formats=[MOMENT, f"{MOMENT}:%S"],
    )


class RestoreForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    anyway = forms.BooleanField(label=gettext_lazy("Put it back all the same"), required=False)


@require_GET
@needs("customers.view")
def then(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The customer as it stood at a moment, beside how it stands."""
    return _then(request, customer_or_404(request, pk))


@require_GET
@needs("customers.view")
def contract_then(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The contract as it stood at a moment, beside how it stands."""
    return _then(request, contract_or_404(request, pk))


def _then(request: HttpRequest, record: Any) -> HttpResponse:
    form = MomentForm(request.GET if "at" in request.GET else None, initial={"at": timezone.localtime()})
    page: dict[str, Any] = {"as_of_url": request.path, "form": form}
    if form.is_bound and form.is_valid():
        page["then"] = as_of(record, form.cleaned_data["at"], image_of(record))
    return render(request, "customers/_as_of.html", page, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def restore(request: HttpRequest, entry: UUID, column: str) -> HttpResponse:
    """Put back what an entry of the history says stood in a field; what was changed since is asked about."""
    found = get_object_or_404(AuditEntry, pk=entry)
    record = _record_of(request, found)
    now = image_of(record).get(column)
    since = restoring.changed_since(found, column, now)
    form = RestoreForm(posted(request), initial={"version": record.version})
    if not since:
        del form.fields["anyway"]
    if form.is_bound and form.is_valid():
        try:
            restoring.restore_value(
                record=record,
                entry=found,
                column=column,
                actor=request.member,
                version=form.cleaned_data["version"],
                anyway=form.cleaned_data.get("anyway", False),
            )
            return done(_("The value was put back."))
        except Stale:
            form.add_error(None, _("Somebody saved this record this very moment. Open it once more."))
        except DomainError as error:
            refuse(form, error)
    words = Words(type(record), [image for image in (found.before, found.after, {column: now}) if image])
    words.name_members([])
    was = words.told(column, restoring.value_in(found, column))
    lead = _("%(now)s → %(was)s") % {"now": words.told(column, now) or "–", "was": was or "–"}
    if since:
        lead = f"{lead} · {_('It was changed again since this entry.')}"
    title = _("Put back: %(field)s") % {"field": words.label(column)}
    return sheet(request, form, title, lead=lead, submit=_("Put back"))


def _record_of(request: HttpRequest, entry: AuditEntry) -> Any:
    """The record the entry is about, if this member may see it."""
    finders: dict[str, Any] = {
        Customer._meta.label_lower: customer_or_404,
        Contact._meta.label_lower: contact_or_404,
        Contract._meta.label_lower: contract_or_404,
    }
    finder = finders.get(entry.subject_type)
    if finder is None or entry.subject_id is None or entry.kind == AuditEntry.Kind.DEED:
        raise NotFound
    return finder(request, entry.subject_id)


@require_GET
@needs("customers.view")
def why_seen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Why this member sees the customer."""
    customer = customer_or_404(request, pk)
    page = {"title": _("Why you see it"), "reasons": reasons_to_see(customer, request.member)}
    return render(request, "ui/why.html", page)
