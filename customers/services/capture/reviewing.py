"""Deciding about what came from outside: accept, merge, reject, and taking each back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from crm import audit
from crm.errors import DomainError
from crm.models import AuditEntry, Member
from crm.tenancy.context import current
from customers import normalize
from customers.capture.fields import MESSAGE
from customers.capture.parts import contact_values, customer_values
from customers.errors import AlreadyReviewed, AlreadyUndone, CustomerGone, NotDecided, WorkedOn
from customers.models import Capture, Consent, Contact, Customer, Interaction
from customers.models.interactions import Channel
from customers.selectors.captures import differences, value_of
from customers.services import contacts, stats
from customers.services import customers as customer_services
from customers.services.consents import record_consent
from customers.services.interactions import log_interaction

State = Capture.State
CHANNELS = {
    Capture.Channel.FORM: Channel.WEB,
    Capture.Channel.API: Channel.OTHER,
    Capture.Channel.WECHAT: Channel.WECHAT,
    Capture.Channel.MAIL: Channel.EMAIL,
}


@transaction.atomic
def accept(*, capture: Capture, actor: Member, owner: Member | None = None) -> Capture:
    """Make a customer of it, with its person and its message; one that was undone is brought back.

    It belongs to ``owner``, else to whom the capture was meant for, else to whoever accepts it.
    """
    found = _waiting(capture)
    customer = _brought_back(found, actor) or _made(found, actor, owner or found.owner or actor)
    return _decide(found, State.ACCEPTED, actor, customer)


@transaction.atomic
def merge(*, capture: Capture, customer: Customer, actor: Member, take: Iterable[str] = ()) -> Capture:
    """Let it be one with a customer: what is blank there is filled, and of ``take`` what was given replaces.

    Its person is added unless known there, its message goes onto the timeline.
    """
    found = _waiting(capture)
    customer = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    if customer.deleted_at is not None:
        raise CustomerGone
    changes = _changes(found, customer, frozenset(take))
    before = {name: _json(value_of(customer, name)) for name in changes}
    found.journal = {"before": before, "after": {name: _json(value) for name, value in changes.items()}}
    if changes:
        customer_services.update_customer(customer=customer, actor=actor, **_as_fields(changes))
    _add_the_rest(found, customer, actor)
    return _decide(found, State.MERGED, actor, customer)


@transaction.atomic
def reject(*, capture: Capture, actor: Member, reason: str = "") -> Capture:
    """Put it aside, with the reason; nothing is made of it."""
    found = _waiting(capture)
    found.reason = reason.strip()[:300]
    return _decide(found, State.REJECTED, actor, found.customer)


@transaction.atomic
def undo(*, capture: Capture, actor: Member) -> Capture:
    """Let it wait again. What a merge changed is as before, but for what was changed since: ``journal["kept"]``."""
    found = Capture.objects.select_for_update(of=("self",)).get(pk=capture.pk)
    if found.state == State.WAITING:
        raise NotDecided
    customer = None
    if found.customer_id is not None:
        customer = Customer.objects.select_for_update(of=("self",)).filter(pk=found.customer_id).first()
    if customer is not None and found.state == State.ACCEPTED:
        _take_away(found, customer, actor)
    if customer is not None and found.state == State.MERGED:
        _take_apart(found, customer, actor)
    was = found.state
    found.state, found.reason = State.WAITING, ""
    found.decided_at = found.decided_by = found.decided_in = None
    found.contact, found.customer = None, customer if was == State.MERGED else None
    found.save()
    audit.record("capture.reopened", found, actor=actor, was=was)
    return found


def each(
    captures: Iterable[Capture], deed: Callable[[Capture], Capture]
) -> tuple[list[Capture], list[tuple[Capture, DomainError]]]:
    """Do it to each by itself: those that are done, and those that were refused, with why."""
    done: list[Capture] = []
    refused: list[tuple[Capture, DomainError]] = []
    for capture in captures:
        try:
            with transaction.atomic():
                done.append(deed(capture))
        except DomainError as error:
            refused.append((capture, error))
    return done, refused


def decided_in(request_id: UUID) -> Any:
    """What was decided by one request."""
    return Capture.objects.filter(decided_in=request_id)


def refuse_second(request_id: UUID, actor: Member) -> None:
    """Refuse what this member decided in one request once none of it is decided any more."""
    deeds = [f"capture.{state}" for state in State if state != State.WAITING]
    done = AuditEntry.objects.filter(request_id=request_id, member_id=actor.pk, deed__in=deeds)
    if not decided_in(request_id).exists() and done.exists():
        raise AlreadyUndone


def _waiting(capture: Capture) -> Capture:
    found = Capture.objects.select_for_update(of=("self",)).get(pk=capture.pk)
    if found.state != State.WAITING:
        raise AlreadyReviewed
    return found


def _decide(found: Capture, state: State, actor: Member, customer: Customer | None) -> Capture:
    found.state, found.decided_at, found.decided_by = state, timezone.now(), actor
    found.decided_in, found.customer = current().request_id, customer
    found.save()
    facts = {"customer": str(customer.pk)} if customer else {}
    audit.record(f"capture.{state}", found, actor=actor, **facts)
    return found


def _made(found: Capture, actor: Member, owner: Member) -> Customer:
    values = customer_values(found.values)
    person = contact_values(found.values)
    if "kind" not in values:
        values["kind"] = Customer.Kind.COMPANY if person and "name" in values else Customer.Kind.PERSON
    values.setdefault("name", found.title)
    if "name" not in person:  # nobody to hang them on
        for name in {"email", "phone"} & person.keys():
            values.setdefault(name, person[name])
    # The reviewer is not asked for the company's own fields, so none of them is required here.
    custom = values.pop("custom", None)
    customer = customer_services.create_customer(actor=actor, owner=owner, source=found.source, **values)
    if custom:
        customer = customer_services.update_customer(customer=customer, actor=actor, custom=custom)
    found.journal = {}
    _add_the_rest(found, customer, actor)
    found.journal |= {"customer": str(customer.pk), "version": customer.version}
    return customer


def _brought_back(found: Capture, actor: Member) -> Customer | None:
    made = found.journal.get("customer")
    customer = Customer.objects.deleted().filter(pk=made).first() if made else None
    if customer is not None:
        customer_services.restore_customer(customer=customer, actor=actor)
        customer.refresh_from_db()
        found.journal["version"] = customer.version
    return customer


def _add_the_rest(found: Capture, customer: Customer, actor: Member) -> None:
    """The person and the message; what is made is written down in the journal."""
    person = contact_values(found.values)
    known = _known_person(customer, person)
    if known is None and person.get("name"):
        known = contacts.create_contact(customer=customer, actor=actor, **person)
        found.journal["contact"] = str(known.pk)
    found.contact = known
    _keep_consent(found, customer, actor)
    if text := found.values.get(MESSAGE):
        logged = log_interaction(
            customer=customer,
            actor=None,
            kind=Interaction.Kind.EMAIL if found.channel == "mail" else Interaction.Kind.MESSAGE,
            channel=CHANNELS[Capture.Channel(found.channel)],
            direction=Interaction.Direction.IN,
            happened_at=found.received_at,
            contact=known,
            text=text,
        )
        found.journal["interaction"] = str(logged.pk)


def _keep_consent(found: Capture, customer: Customer, actor: Member) -> None:
    """What was ticked counts from when it was sent; its words are the proof."""
    told = found.context
    if told.get("consent") and told.get("consent_channel"):
        given = record_consent(
            customer=customer,
            contact=found.contact,
            channel=told["consent_channel"],
            purpose=told["consent_purpose"],
            given=True,
            at=found.received_at,
            source=Consent.Source.FORM,
            proof=told["consent"],
            actor=actor,
        )
        found.journal["consent"] = str(given.pk)


def _known_person(customer: Customer, person: dict[str, Any]) -> Contact | None:
    for column, value in (
        ("email_norm", normalize.email_norm(person.get("email", ""))),
        ("phone_norm", normalize.phone_norm(person.get("phone", ""))),
        ("name_norm", normalize.name_norm(person.get("name", ""))),
    ):
        if value and (known := Contact.objects.filter(customer=customer, **{column: value}).first()):
            return known
    return None


def _changes(found: Capture, customer: Customer, take: frozenset[str]) -> dict[str, Any]:
    """By field (``custom.<key>`` for the company's own) what the customer gets."""
    return {one.name: one.given for one in differences(found, customer) if one.fills or one.name in take}


def _as_fields(changes: dict[str, Any]) -> dict[str, Any]:
    own = {
        name.removeprefix("custom."): value for name, value in changes.items() if name.startswith("custom.")
    }
    fields = {name: value for name, value in changes.items() if not name.startswith("custom.")}
    return {**fields, "custom": own} if own else fields


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _from_json(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == "birthday" and value else value


def _take_away(found: Capture, customer: Customer, actor: Member) -> None:
    """The accepted customer goes to the deleted ones, unless somebody has worked on it since."""
    if customer.deleted_at is not None:
        return
    made = (str(customer.pk), customer.version)
    if made != (found.journal.get("customer"), found.journal.get("version")) or _is_used(found, customer):
        raise WorkedOn
    customer_services.delete_customer(customer=customer, actor=actor)


def _is_used(found: Capture, customer: Customer) -> bool:
    said = customer.interactions.exclude(pk=found.journal.get("interaction"))
    return bool(said.exists() or customer.follow_ups.exists() or customer.purchases.exists())


def _take_apart(found: Capture, customer: Customer, actor: Member) -> None:
    before, after = found.journal.get("before", {}), found.journal.get("after", {})
    back = {name: before[name] for name in after if _json(value_of(customer, name)) == after[name]}
    if back:
        values = {name: _from_json(name, value) for name, value in back.items()}
        customer_services.update_customer(
            customer=customer, actor=actor, confirms=False, **_as_fields(values)
        )
    if "consent" in found.journal:
        Consent.objects.filter(pk=found.journal["consent"]).delete()
    if "interaction" in found.journal:
        Interaction.objects.filter(pk=found.journal["interaction"]).delete()
    if "contact" in found.journal:
        person = Contact.objects.filter(pk=found.journal["contact"], version=1).first()
        if person is not None and not person.interactions.exists():
            contacts.delete_contact(contact=person, actor=actor)
    found.journal = {"kept": sorted(set(after) - set(back))}
    stats.refresh([customer.pk])
