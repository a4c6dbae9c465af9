"""The past of a record: how it stood at a moment, and putting back what stood there; and why one sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import needs
from crm.answers import done, posted, refuse, sheet
from crm.errors import DomainError, NotFound, Stale
from crm.models import AuditEntry, Member
from customers.models import Contact, Contract, Customer
from customers.selectors.history import Words, as_of, history_of
from customers.selectors.images import image_of
from customers.selectors.seeing import reasons_to_see
from customers.services import restoring
from customers.views.finding import contact_or_404, contract_or_404, customer_or_404

# Finds the record of an id, if the member may see it.
Finders = Mapping[type[Model], Callable[[HttpRequest, UUID], Any]]
MOMENT = "%Y-%m-%dT%H:%M"


class MomentForm(forms.Form):
    at = forms.DateTimeField(
        label=gettext_lazy("As of"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        input_formats=[MOMENT, f"{MOMENT}:%S", f"{MOMENT}:%S.%f"],
    )


class RestoreForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    anyway = forms.BooleanField(label=gettext_lazy("Put it back all the same"), required=False)


def past_of(
    record: Any, as_of_url: str, member: Member, *, restore: str = "customers:restore-value"
) -> dict[str, Any]:
    """What a page draws of a record's past for ``member``: its history, and the form that asks how it stood.

    ``restore`` is the name of the address that puts a value of an entry back.
    """
    return {
        "history": history_of(record, member),
        "moment_form": MomentForm(initial={"at": timezone.now()}),
        "as_of_url": as_of_url,
        "restore_name": restore,
    }


def past_page(request: HttpRequest, record: Any, as_of_url: str, **page: Any) -> HttpResponse:
    """The past of a record whose own page does not show it; ``title``, ``crumbs`` and ``may_change`` say whose."""
    restore = page.pop("restore", "customers:restore-value")
    return render(
        request, "customers/past.html", past_of(record, as_of_url, request.member, restore=restore) | page
    )


@require_GET
@needs("customers.view")
def contact_past(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who changed what of a person, and how it stood at a moment."""
    contact = contact_or_404(request, pk)
    customer = contact.customer
    crumbs = [
        {"label": _("Customers"), "url": reverse("customers:list")},
        {"label": customer.name, "url": reverse("customers:record", args=[customer.pk])},
    ]
    may_change = request.member.can("customers.change") and customer.deleted_at is None
    as_of_url = reverse("customers:contact-as-of", args=[pk])
    return past_page(request, contact, as_of_url, title=contact.name, crumbs=crumbs, may_change=may_change)


@require_GET
@needs("customers.view")
def then(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The customer as it stood at a moment, beside how it stands."""
    return stood(request, customer_or_404(request, pk))


@require_GET
@needs("customers.view")
def contact_then(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The person as it stood at a moment, beside how it stands."""
    return stood(request, contact_or_404(request, pk))


@require_GET
@needs("customers.view")
def contract_then(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The contract as it stood at a moment, beside how it stands."""
    return stood(request, contract_or_404(request, pk))


def stood(request: HttpRequest, record: Any) -> HttpResponse:
    """The record as it stood at the moment asked for."""
    form = MomentForm(request.GET if "at" in request.GET else None, initial={"at": timezone.localtime()})
    page: dict[str, Any] = {"as_of_url": request.path, "form": form}
    if form.is_bound and form.is_valid():
        page["then"] = as_of(record, form.cleaned_data["at"], image_of(record))
    return render(request, "customers/_as_of.html", page, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def restore(request: HttpRequest, entry: UUID, column: str) -> HttpResponse:
    """Put back what an entry of the history says stood in a field; what was changed since is asked about."""
    finders = {Customer: customer_or_404, Contact: contact_or_404, Contract: contract_or_404}
    return restored(request, entry, column, finders)


def restored(request: HttpRequest, entry: UUID, column: str, finders: Finders) -> HttpResponse:
    """The sheet that puts a value back into a record of a kind that ``finders`` find, if this member may see it."""
    found = get_object_or_404(AuditEntry, pk=entry)
    record = _record_of(request, found, finders)
    now = image_of(record).get(column)
    since = restoring.changed_since(found, column, now)
    form = RestoreForm(posted(request), initial={"version": record.version})
    if not since:
        del form.fields["anyway"]
    if form.is_bound and form.is_valid():
        try:
            restoring.restore_value(
                record=record, entry=found, column=column, actor=request.member, **form.cleaned_data
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
        since_words = _("It was changed again since this entry.")
        lead = f"{lead} · {since_words}"
    title = _("Put back: %(field)s") % {"field": words.label(column)}
    return sheet(request, form, title, lead=lead, submit=_("Put back"))


def _record_of(request: HttpRequest, entry: AuditEntry, finders: Finders) -> Any:
    """The record the entry is about, if this member may see it."""
    by_label = {model._meta.label_lower: finder for model, finder in finders.items()}
    finder = by_label.get(entry.subject_type)
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
