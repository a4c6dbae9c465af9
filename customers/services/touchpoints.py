"""The entry a contact leaves on the timeline; logging one and keeping a promise both write it here."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from crm import audit
from crm.models import Member
from crm.texts import clean
from customers.errors import WrongContact
from customers.models import Contact, Customer, CustomerStats, Interaction
from customers.models.interactions import Channel

CHANNEL_OF = {
    Interaction.Kind.CALL: Channel.PHONE,
    Interaction.Kind.VISIT: Channel.VISIT,
    Interaction.Kind.MESSAGE: Channel.MESSAGE,
    Interaction.Kind.EMAIL: Channel.EMAIL,
    Interaction.Kind.NOTE: Channel.OTHER,
}
_KIND_OF = {
    Channel.VISIT: Interaction.Kind.VISIT,
    Channel.EMAIL: Interaction.Kind.EMAIL,
    Channel.MESSAGE: Interaction.Kind.MESSAGE,
    Channel.WECHAT: Interaction.Kind.MESSAGE,
    Channel.WEB: Interaction.Kind.MESSAGE,
}


def kind_of(channel: str) -> str:
    """What keeping a promise through a channel is on the timeline."""
    return str(_KIND_OF.get(Channel(channel), Interaction.Kind.CALL))


@transaction.atomic
def write_down(
    *,
    customer: Customer,
    actor: Member | None,
    kind: str,
    text: str = "",
    channel: str = "",
    direction: str = Interaction.Direction.OUT,
    happened_at: datetime | None = None,
    contact: Contact | None = None,
    outcome: str = "",
) -> Interaction:
    """Put a contact or a note onto the timeline; a contact is remembered as the customer's last."""
    if contact is not None and contact.customer_id != customer.pk:
        raise WrongContact
    interaction = Interaction.objects.create(
        customer=customer,
        contact=contact,
        author=actor,
        kind=kind,
        channel=channel or CHANNEL_OF[Interaction.Kind(kind)],
        direction=Interaction.Direction.NONE if kind == Interaction.Kind.NOTE else direction,
        happened_at=happened_at or timezone.now(),
        text=clean(text),
        outcome=clean(outcome),
    )
    if interaction.is_contact:
        _remember_contact(interaction)
    audit.record("interaction.logged", interaction, actor=actor, customer=str(customer.pk))
    return interaction


def _remember_contact(interaction: Interaction) -> None:
    # Greatest passes over NULL in PostgreSQL: a customer never contacted gets this moment.
    moment = Value(interaction.happened_at, output_field=DateTimeField())
    CustomerStats.objects.filter(customer=interaction.customer_id).update(
        last_contact_at=Greatest("last_contact_at", moment)
    )
