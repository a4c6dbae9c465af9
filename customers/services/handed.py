"""Telling a member that customers are theirs now: one note for all that one request or job handed over."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.formats import number_text
from crm.models import Member, Notification, Tenant
from crm.people.selectors import language_of
from crm.services.notifications import notify
from crm.tenancy.context import current, current_tenant_id
from customers.models import Customer
from customers.services.many.passing import Passing, note_of

CUSTOMERS = Passing(
    "customer",
    Customer,
    "edit",
    given=lambda count, words: (
        ngettext(
            "%(count)s customer was handed to you by %(by)s",
            "%(count)s customers were handed to you by %(by)s",
            count,
        )
        % words
    ),
    taken=lambda count, words: (
        ngettext(
            "%(by)s took %(count)s customer back that was handed to you",
            "%(by)s took %(count)s customers back that were handed to you",
            count,
        )
        % words
    ),
    mine=lambda: f"{reverse('customers:list')}?owner=me",
)


@transaction.atomic
def tell_owner(
    *, owner: Member | None, actor: Member | None, count: int, customer: Customer | None = None
) -> None:
    """Tell the new owner how many customers came from whom, ``customer`` by name; who took them is told nothing."""
    if owner is None or actor is None or owner.pk == actor.pk or not count or not owner.active:
        return
    key = note_of(CUSTOMERS, current().request_id)
    mine = CUSTOMERS.mine()
    with translation.override(language_of(owner, Tenant.objects.get(pk=current_tenant_id()))):
        told = {"by": actor.display_name, "count": number_text(count)}
        several = _("Customers were handed to you by %(by)s") % told
        if customer is not None:
            title = _("%(name)s was handed to you by %(by)s") % {**told, "name": customer.name}
        else:
            title = CUSTOMERS.given(count, told)
    earlier = Notification.objects.filter(member=owner, dedup_key=key)
    if earlier.update(title=several[:200], url=mine):  # one by one, but in one go
        return
    url = reverse("customers:record", args=[customer.pk]) if customer is not None else mine
    notify(member=owner, kind="customer.handed", title=title, url=url, dedup_key=key)
