"""Finding customers and contacts by whatever one remembers of them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from phonenumbers import country_code_for_region

from crm.api.lookups import as_array, place_among
from crm.finding import DEEPER, Seen
from crm.models import Member
from crm.people.roles import Visibility
from crm.personal import is_masked
from customers.models import Contact, Customer
from customers.models.customers import CustomerQuerySet
from customers.normalize import home_region, name_norm, phone_norm


def customer_hits(words: str, *, most: int) -> list[UUID]:
    """Ids of the company's customers that match, best first; callers narrow them to what may be seen."""
    return _hits("search_customers", words, most)


def contact_hits(words: str, *, most: int) -> list[UUID]:
    """The same of the people at customers."""
    return _hits("search_contacts", words, most)


def matching_customers(words: str, *, most: int) -> CustomerQuerySet:
    """Customers that match themselves or by one of their contacts, as a set to filter and sort further."""
    found = customer_hits(words, most=most)
    by_contact = Contact.objects.filter(pk__in=contact_hits(words, most=most))
    ids = {*found, *by_contact.values_list("customer", flat=True)}
    return Customer.objects.filter(pk__in=ids)


def find_customers(words: str, member: Member, *, most: int) -> list[Customer]:
    """The best hits this member may see, living ones only."""
    return living_customers(customer_hits(words, most=depth(member, most)), member, most)


def living_customers(ids: list[UUID], member: Member, most: int) -> list[Customer]:
    """Of the customers found, in their order, those the member may see."""
    return _seen_customers(most)(as_array(ids), member) if ids else []


def living_contacts(ids: list[UUID], member: Member, most: int) -> list[Contact]:
    """Of the people found, in their order, those at customers the member may see."""
    return _seen_contacts(most)(as_array(ids), member) if ids else []


@lru_cache(maxsize=16)
def _seen_customers(most: int) -> Seen:
    def found(ids: Any, member: Member) -> Any:
        customers = Customer.objects.living().visible_to(member).filter(pk__among=ids)
        return customers.order_by(place_among(ids))[:most]

    return Seen(found)


@lru_cache(maxsize=16)
def _seen_contacts(most: int) -> Seen:
    def found(ids: Any, member: Member) -> Any:
        seen = Customer.objects.living().visible_to(member).filter(contacts__pk__among=ids).order_by()
        people = Contact.objects.filter(pk__among=ids, customer__in=seen).select_related("customer")
        return people.order_by(place_among(ids))[:most]

    return Seen(found)


def _hits(function: str, words: str, most: int) -> list[UUID]:
    return list(ranked(function, words, most))


def ranked(function: str, words: str, most: int) -> dict[UUID, int]:
    """What a search function finds, best first, with its rank: 0 the thing itself, higher for weaker hits."""
    words = bare(words)
    folded = name_norm(words)
    if not folded:
        return {}
    with connection.cursor() as cursor:
        # By the beginnings of a number, whoever may not see it would find out its digits one by one.
        arguments = [folded, most, words.strip(), as_number(words), is_masked()]
        cursor.callproc(function, arguments)
        return dict(cursor.fetchall())


def bare(words: str) -> str:
    """An address or a number without what a copied link puts before it."""
    return re.sub(r"^(?:mailto|tel):", "", words.strip(), flags=re.IGNORECASE)


def as_number(words: str) -> str:
    """What a stored number begins with, when what was typed can be one in any writing; else blank."""
    if not re.fullmatch(r"[+＋(（]?[\d\s()（）./+-]{3,}", words.strip()):
        return ""
    number, typed = phone_norm(words), re.sub(r"\D", "", name_norm(words))
    code = country_code_for_region(home_region())
    # Too short to be a number yet: the beginning of one of this country.
    return (
        f"{code}{typed.lstrip('0')}"
        if number == typed and code and not typed.startswith(str(code))
        else number
    )


def depth(member: Member, most: int) -> int:
    """How many hits to ask for, so that ``most`` are left of what the member may see."""
    return most if member.visibility == Visibility.ALL else most * DEEPER
