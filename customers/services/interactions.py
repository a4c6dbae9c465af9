"""Logging what happened with a customer, and what comes next."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from crm.models import Member
from customers.models import Contact, Customer, Interaction
from customers.services.follow_ups import NextStep, promise
from customers.services.touchpoints import write_down


@transaction.atomic
def log_interaction(
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
    next_step: NextStep | None = None,
) -> Interaction:
    """Put a contact or a note onto the timeline, and the next step on somebody's list."""
    interaction = write_down(
        customer=customer,
        actor=actor,
        kind=kind,
        text=text,
        channel=channel,
        direction=direction,
        happened_at=happened_at,
        contact=contact,
        outcome=outcome,
    )
    if next_step is not None:
        promise(next_step, customer=customer, actor=actor)
    return interaction
