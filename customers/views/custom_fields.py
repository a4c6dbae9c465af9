"""Settings: the fields a company adds to its records. And the names a field for a customer offers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm import answers
from crm.access import needs
from crm.conflicts import edited
from crm.errors import DomainError, NotFound, Stale
from crm.formats import bounded_text
from customers.custom_forms import marked_names
from customers.field_forms import FieldForm, NewFieldForm
from customers.models import CustomField
from customers.models.custom import RecordType
from customers.selectors.custom import all_fields, fields_of
from customers.selectors.search import find_customers
from customers.services import custom_fields as services

COUNTED = 10_000
OFFERED = 8
form_view = require_http_methods(["GET", "POST"])


@require_GET
@needs("settings.manage")
def fields(request: HttpRequest) -> HttpResponse:
    """Every field by type of record, in order; archived ones below."""
    found = all_fields()
    groups = [
        {
            "label": label,
            "fields": [f for f in found if f.record == record and not f.archived_at],
            "archived": [f for f in found if f.record == record and f.archived_at],
        }
        for record, label in ((RecordType.CUSTOMER, _("Customers")), (RecordType.CONTACT, _("Contacts")))
    ]
    template = "customers/fields/_list.html" if request.htmx else "customers/fields/home.html"
    return render(request, template, {"groups": groups})


@form_view
@needs("settings.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Add a field."""
    form = NewFieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_field(actor=request.member, **form.values)
            return answers.done(_("Field added"))
        except DomainError as error:
            _refuse(form, error)
    return answers.sheet(request, form, _("New field"), submit=_("Add"))


@form_view
@needs("settings.manage")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a field; choices that records hold are only removed once that was said to be meant.

    Whoever saves an older reading is shown what the other changed.
    """
    field = _field_or_404(pk)
    form = FieldForm(answers.posted(request), instance=field)
    title = field.label
    lead = _("%(kind)s · key %(key)s") % {"kind": field.get_kind_display(), "key": field.key}

    def save(**values: Any) -> HttpResponse:
        gone = form.gone(values)
        users = services.users_of_choice(field, gone, most=COUNTED + 1) if gone else 0
        if users and request.POST.get("confirmed") != ",".join(gone):
            form.add_error(None, _question(field, gone, users))
            return answers.sheet(
                request, form, title, lead=lead, submit=_("Remove and save"),
                hidden={"confirmed": ",".join(gone)},
            )  # fmt: skip
        try:
            services.change_field(field=field, actor=request.member, **values)
        except Stale:
            raise
        except DomainError as error:
            _refuse(form, error)
            return answers.sheet(request, form, title, lead=lead)
        return answers.done(_("Saved"))

    return edited(request, form, field, title, save, lead=lead)


@require_POST
@needs("settings.manage")
def archive(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.archive_field(field=_field_or_404(pk), actor=request.member)
    return answers.done(_("Field archived"))


@require_POST
@needs("settings.manage")
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.restore_field(field=_field_or_404(pk), actor=request.member)
    return answers.done(_("Field restored"))


@require_POST
@needs("settings.manage")
def move(request: HttpRequest, pk: UUID, way: str) -> HttpResponse:
    """One place up or down among the fields of its record."""
    field = _field_or_404(pk)
    order = fields_of(field.record)
    at = next((at for at, one in enumerate(order) if one.pk == field.pk), None)
    to = None if at is None else at + (-1 if way == "up" else 1)
    if at is not None and to is not None and 0 <= to < len(order):
        order.insert(to, order.pop(at))
        services.order_fields(record=field.record, fields=order, actor=request.member)
    return answers.done()


@require_GET
@needs("customers.view")
def names(request: HttpRequest) -> HttpResponse:
    """The customers that match what is typed into a field for one."""
    words = request.GET.get(request.GET.get("of", ""), "").strip()[:100]
    found = find_customers(words, request.member, most=OFFERED) if words else []
    return render(request, "customers/fields/_names.html", {"names": marked_names(found)})


def _field_or_404(pk: UUID) -> CustomField:
    field = CustomField.objects.filter(pk=pk).first()
    if field is None:
        raise NotFound
    return field


def _question(field: CustomField, gone: list[str], users: int) -> str:
    labels = _(", ").join(field.labels[value] for value in gone)
    count = bounded_text(users, limit=COUNTED)
    return ngettext(
        "%(count)s record holds %(choices)s and will lose it.",
        "%(count)s records hold %(choices)s and will lose it.",
        users,
    ) % {"count": count, "choices": labels}


def _refuse(form: Any, error: DomainError) -> None:
    """Beside the field it names; choices are typed in a field of another name."""
    for name, texts in error.errors.items() or [("", [str(error)])]:
        place = {"choices": "lines" if "lines" in form.fields else "more"}.get(name, name)
        form.add_error(place if place in form.fields else None, texts)
