"""What came from outside in the last days: web forms and the inbox, through the services that take it in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm.demo import Scene
from crm.people.roles import Role
from customers.demo.arrival_words import CHINESE, ENGLISH, Arrival, Arrivals
from customers.demo.people import Client, identity, pick
from customers.models import Capture, CaptureTemplate, Customer, Inlet
from customers.services.capture.inlets import save_inlet
from customers.services.capture.receiving import receive
from customers.services.capture.reviewing import merge, reject
from customers.services.capture.templates import save_template


def words_of(scene: Scene) -> Arrivals:
    return CHINESE if scene.chinese else ENGLISH


def let_arrive(scene: Scene) -> int:
    """Forms, inlets and an inbox with something of each kind; gives how many captures there are."""
    words, rng = words_of(scene), scene.generator("arrivals")
    actor = next((one for one in scene.members if one.role == Role.ADMIN), scene.members[0])
    made_at = scene.at - timedelta(days=200)
    forms = [
        save_template(
            template=CaptureTemplate(id=identity(rng, made_at), created_at=made_at), actor=actor, **form
        )
        for form in words.forms
    ]
    for inlet in words.inlets:
        save_inlet(inlet=Inlet(id=identity(rng, made_at), created_at=made_at), actor=actor, **inlet)
    companies = [client for client in scene.customers if client.contact_id and client.email]
    for one in words.arrivals:
        if not one.known:
            _arrive(scene, one, forms, None)
        elif companies:
            _arrive(scene, one, forms, pick(rng, companies))
    return len(Capture.objects.all())


def _arrive(scene: Scene, one: Arrival, forms: list[CaptureTemplate], client: Client | None) -> None:
    capture, _new = receive(
        channel=one.channel,
        template=forms[one.form] if one.form is not None else None,
        given={**_facts(one, client), **one.given},
        source=one.source,
        campaign=one.campaign,
        context=dict(one.context or {}),
        received_at=scene.at - timedelta(hours=one.hours),
        sender=(one.context or {}).get("sender", ""),
    )
    if not one.decided:
        return
    reviewer = pick(scene.generator("reviewer"), scene.members)
    if client is not None:
        merge(capture=capture, customer=Customer.objects.get(pk=client.id), actor=reviewer)
    else:
        reject(capture=capture, actor=reviewer, reason=one.decided)


def _facts(one: Arrival, client: Client | None) -> dict[str, Any]:
    if client is None:
        return {}
    facts = {
        "name": client.name,
        "phone": client.phone,
        "contact.name": client.contact,
        "contact.email": client.email,
        "contact.phone": client.phone,
    }
    return {name: facts[name] for name in one.known}
