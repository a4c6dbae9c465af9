"""The people at a customer."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import needs
from customers.forms import ContactForm
from customers.services import contacts as services
from customers.views.answers import contact_or_404, customer_or_404, done, posted, sheet


@needs("customers.change")
def add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a person to a customer."""
    customer = customer_or_404(request, pk)
    form = ContactForm(posted(request))
    if form.is_bound and form.is_valid():
        services.create_contact(customer=customer, actor=request.member, **form.cleaned_data)
        return done(_("Contact added"))
    title, action = (
        _("Contact at %(name)s") % {"name": customer.name},
        reverse("customers:add-contact", args=[pk]),
    )
    return sheet(request, form, title=title, action=action, submit=_("Add"))


@needs("customers.change")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a person."""
    contact = contact_or_404(request, pk)
    form = ContactForm(posted(request), instance=contact)
    if form.is_bound and form.is_valid():
        services.update_contact(contact=contact, actor=request.member, **form.cleaned_data)
        return done(_("Saved"))
    return sheet(
        request,
        form,
        title=contact.name,
        action=reverse("customers:edit-contact", args=[pk]),
        submit=_("Save"),
    )


@require_POST
@needs("customers.change")
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remove a person."""
    contact = contact_or_404(request, pk)
    services.delete_contact(contact=contact, actor=request.member)
    return done(_("%(name)s was removed.") % {"name": contact.name})
