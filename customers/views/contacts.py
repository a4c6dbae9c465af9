"""The people at a customer."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import needs
from crm.answers import done, posted, refuse, sheet
from crm.conflicts import edited
from crm.errors import DomainError
from customers.forms import ContactForm
from customers.services import contacts as services
from customers.views.finding import contact_or_404, customer_or_404
from customers.views.many import undo_url
from customers.views.many_contacts import UNDO


@needs("customers.change")
def add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a person to a customer."""
    customer = customer_or_404(request, pk)
    form = ContactForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            services.create_contact(customer=customer, actor=request.member, **form.values)
            return done(_("Contact added"))
        except DomainError as error:
            refuse(form, error)
    return sheet(
        request,
        form,
        _("Contact at %(name)s") % {"name": customer.name},
        submit=_("Add"),
        notice_template="customers/_in_the_way.html",
        check_url=f"{reverse('customers:check-duplicates')}?of={pk}",
    )


@needs("customers.change")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a person. Whoever saves an older reading is shown what the other changed."""
    contact = contact_or_404(request, pk)
    form = ContactForm(posted(request), instance=contact, initial={"version": contact.version})
    save = partial(services.update_contact, contact=contact, actor=request.member)
    return edited(request, form, contact, contact.name, save)


@require_POST
@needs("customers.change")
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remove a person; can be taken back."""
    contact = contact_or_404(request, pk)
    services.delete_contact(contact=contact, actor=request.member)
    return done(_("%(name)s was removed.") % {"name": contact.name}, undo_url=undo_url(UNDO))
