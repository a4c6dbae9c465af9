"""Making, changing and deleting the people at a customer."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F

from crm import audit
from crm.errors import Stale
from crm.models import Member
from crm.texts import clean
from customers.errors import Nameless
from customers.models import Contact, Customer
from customers.models.custom import RecordType
from customers.normalize import email_norm, name_norm, phone_norm, pinyin_of
from customers.services.custom_values import Merged, check_values, first_values
from customers.services.upkeep import note_change

EDITABLE = frozenset(["name", "job_title", "role", "email", "phone", "birthday", "language", "primary"])
SEARCHED = ("name_norm", "pinyin", "initials", "email_norm", "phone_norm")


@transaction.atomic
def create_contact(*, customer: Customer, actor: Member | None, **fields: Any) -> Contact:
    """Add a person; the first one of a customer is its first contact. ``custom`` as in ``create_customer``."""
    custom = first_values(RecordType.CONTACT, fields.pop("custom", None), actor=actor)
    contact = Contact(customer=customer, **_checked(fields), custom=custom)
    if not contact.name:
        raise Nameless
    contact.primary = contact.primary or not Contact.objects.filter(customer=customer).exists()
    normalize(contact)
    _give_way(contact)
    contact.save(force_insert=True)
    note_change(customer.pk, {name for name, value in fields.items() if value}, actor=actor)
    audit.record("contact.created", contact, actor=actor, customer=str(customer.pk))
    return contact


@transaction.atomic
def update_contact(
    *, contact: Contact, actor: Member | None, version: int | None = None, **fields: Any
) -> Contact:
    """Change some fields of a person, of ``custom`` those that it names; with ``version``, only as it was read."""
    if version is not None and version != contact.version:
        raise Stale
    given = fields.pop("custom", None) or {}
    changed = {name: value for name, value in _checked(fields).items() if getattr(contact, name) != value}
    if values := check_values(RecordType.CONTACT, given, actor=actor, before=contact.custom):
        changed["custom"] = Merged(values)
    if not changed:
        return contact
    for name, value in changed.items():
        setattr(contact, name, value)
    if not contact.name:
        raise Nameless
    normalize(contact)
    _give_way(contact)
    columns = {name: getattr(contact, name) for name in (*changed, *SEARCHED)}
    same = Contact.objects.filter(pk=contact.pk, version=contact.version)
    if not same.update(**columns, version=F("version") + 1):
        raise Stale
    contact.refresh_from_db(fields=["custom", "version"])
    note_change(contact.customer_id, changed, actor=actor)
    audit.record("contact.updated", contact, actor=actor, fields=sorted(changed))
    return contact


@transaction.atomic
def delete_contact(*, contact: Contact, actor: Member | None) -> None:
    """Remove a person; what was said with them stays on the timeline."""
    audit.record("contact.deleted", contact, actor=actor, customer=str(contact.customer_id))
    Contact.objects.filter(pk=contact.pk).delete()


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"Not fields of a contact that can be set: {', '.join(sorted(unknown))}")
    return {name: clean(value) if isinstance(value, str) else value for name, value in fields.items()}


def normalize(contact: Contact) -> None:
    """Write down the forms in which the person is looked for."""
    contact.name_norm = name_norm(contact.name)
    contact.pinyin, contact.initials = pinyin_of(contact.name)
    contact.email_norm = email_norm(contact.email)
    contact.phone_norm = phone_norm(contact.phone)


def _give_way(contact: Contact) -> None:
    """Whoever was the first contact is so no longer, before another becomes it."""
    if contact.primary:
        others = Contact.objects.filter(customer=contact.customer_id, primary=True)
        others.exclude(pk=contact.pk).update(primary=False, version=F("version") + 1)
