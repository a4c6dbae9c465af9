"""A handful of customers who were entered twice, as it happens: for the duplicates page to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from crm.demo import Scene
from customers.demo.people import Client, identity

MOST = 12
ONE_IN = 30


def enter_again(scene: Scene) -> None:
    """Let the last few customers of the scene be earlier ones, entered again by somebody else in another hand."""
    rng = scene.generator("twice")
    customers = scene.customers
    count = min(MOST, scene.size // ONE_IN)
    known = rng.choice(len(customers) - count, size=count, replace=False) if count else ()
    for place, at in enumerate(known):
        later = customers[len(customers) - count + place]
        first = customers[at]
        created_at = max(first.created_at, later.created_at)
        again = replace(
            first,
            id=identity(rng, created_at),
            number=later.number,
            owner=later.owner,
            source=later.source,
            waiting=False,
            created_at=created_at,
            contact_id=identity(rng, created_at) if first.contact_id else None,
        )
        hand = HANDS[place % len(HANDS)]
        customers[len(customers) - count + place] = hand(again)


def _by_card(client: Client) -> Client:
    """Typed from a card: the name in capitals, the number without spaces."""
    return replace(client, name=client.name.upper(), phone=client.phone.replace(" ", ""))


def _by_phone(client: Client) -> Client:
    """Taken down on the phone: two letters changed places, no address."""
    one, two, three, *rest = [*client.name, "", ""]
    return replace(client, name="".join([one, three, two, *rest]), email="")


def _by_form(client: Client) -> Client:
    """Filled in on the web: the address is right, the number somebody else's."""
    return replace(client, phone="")


def _by_memory(client: Client) -> Client:
    """What was left of a company in somebody's memory: its brand, and the number on the telephone's display."""
    brand = client.name.split()[0] if " " in client.name else client.name[2:6] or client.name
    name = brand if client.contact_id else client.name
    return replace(client, name=name, email="", city="", region="")


HANDS: tuple[Callable[[Client], Client], ...] = (_by_card, _by_memory, _by_phone, _by_form)
