"""Valid rows from only what the test wants to say. Import as ``make``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from crm.ids import uuid7
from crm.models import Delivery, Member, Team, Tenant, User
from crm.people.roles import Role
from crm.services import deliveries
from customers.models import (
    Contact,
    Customer,
    CustomerRisk,
    CustomerStats,
    FollowUp,
    Interaction,
    Product,
    Purchase,
)
from maintenance.models import MaintenancePlan
from segmentation.models import ClassMembership, CustomerClass, Segment

PASSWORD = "correct horse battery"


class TenantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Tenant

    name = factory.Sequence(lambda n: f"Company {n}")
    slug = factory.Sequence(lambda n: f"company-{n}")


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    password = factory.django.Password(PASSWORD)


class TeamFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Team

    name = factory.Sequence(lambda n: f"Team {n}")


class MemberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Member

    user = factory.SubFactory(UserFactory)
    display_name = factory.Sequence(lambda n: f"Member {n}")
    email = factory.SelfAttribute("user.email")
    role = Role.MANAGER


_RISK = {field.name for field in CustomerRisk._meta.local_fields} - {"customer", "tenant"}


class CustomerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Customer
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Customer {n}")
    name_norm = factory.LazyAttribute(lambda c: c.name.lower())

    @factory.post_generation
    def stats(self, create: bool, extracted: Any, **figures: Any) -> None:
        risk = {name: figures.pop(name) for name in _RISK & figures.keys()}
        CustomerStats.objects.create(customer=self, **figures)
        if risk:
            CustomerRisk.objects.create(customer=self, **risk)


class ContactFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Contact

    customer = factory.SubFactory(CustomerFactory)
    name = factory.Sequence(lambda n: f"Contact {n}")


class FollowUpFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FollowUp

    customer = factory.SubFactory(CustomerFactory)
    subject = "Call about the renewal"
    due_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=1))
    first_due_at = factory.SelfAttribute("due_at")


class InteractionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Interaction

    customer = factory.SubFactory(CustomerFactory)
    kind = Interaction.Kind.CALL
    text = "Spoke about the delivery."


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product

    code = factory.Sequence(lambda n: f"P{n}")
    name = factory.Sequence(lambda n: f"Product {n}")


class PurchaseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Purchase

    customer = factory.SubFactory(CustomerFactory)
    order_no = factory.Sequence(lambda n: f"O{n}")
    purchased_at = factory.LazyFunction(timezone.now)
    amount = 10_000
    currency = "USD"
    amount_home = factory.SelfAttribute("amount")


tenant, user, team, member = TenantFactory, UserFactory, TeamFactory, MemberFactory
customer, contact, interaction = CustomerFactory, ContactFactory, InteractionFactory
product, purchase = ProductFactory, PurchaseFactory


def follow_up(owner: Member, **fields: Any) -> FollowUp:
    return FollowUpFactory(owner=owner, **fields)


def unique() -> str:
    return uuid7().hex


def delivery(address: str) -> Delivery:
    """A message that goes to this address."""
    key = unique()
    deliveries.enqueue(kind="email", dedup_key=key, payload={}, address=address)
    return Delivery.objects.get(dedup_key=key)


def customer_class(code: str, criteria: list[Any], priority: int, **fields: Any) -> CustomerClass:
    fields = {"name": code.title(), "rank": priority} | fields
    return CustomerClass.objects.create(code=code, criteria=criteria, priority=priority, **fields)


def segment(name: str = "Segment", criteria: list[Any] | None = None, **fields: Any) -> Segment:
    return Segment.objects.create(name=name, criteria=criteria or [], **fields)


def classified(customer_class: CustomerClass, **fields: Any) -> Customer:
    """A customer who is in ``customer_class``."""
    made = CustomerFactory(**fields)
    ClassMembership.objects.create(customer=made, customer_class=customer_class)
    return made


class AnyClassFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CustomerClass

    code = factory.Sequence(lambda n: f"class{n}")
    name = factory.Sequence(lambda n: f"Class {n}")
    priority = factory.Sequence(lambda n: n + 1)


class MaintenancePlanFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MaintenancePlan

    name = factory.Sequence(lambda n: f"Plan {n}")
    customer_class = factory.SubFactory(AnyClassFactory)
    every = MaintenancePlan.Every.QUARTER
    channel = "phone"
    subject = "Call"


any_class, maintenance_plan = AnyClassFactory, MaintenancePlanFactory


def ticket(**fields: Any) -> Any:
    from feedback.services import tickets

    given = {
        "customer": fields.pop("customer", None) or customer(),
        "subject": "Late",
        "actor": None,
        **fields,
    }
    return tickets.open_ticket(**given)


def survey(**fields: Any) -> Any:
    """A survey to everyone with a CSAT, an NPS and a text question."""
    from feedback.services import surveys

    questions = [
        surveys.Question("csat", "How content?", "overall", True),
        surveys.Question("nps", "Recommend?"),
        surveys.Question("text", "What else?"),
    ]
    segment = Segment.objects.create(name=f"Everyone {unique()}", criteria=[])
    given = {
        "name": "Satisfaction",
        "title": "How are we doing?",
        "segment": segment,
        "actor": None,
        **fields,
    }
    return surveys.save_survey(survey=None, questions=questions, **given)


def custom_field(kind: str = "text", key: str = "", *, record: str = "customer", **fields: Any) -> Any:
    """A custom field; of choices a, b and c where its kind needs some."""
    from customers.services.custom_fields import create_field

    key = key or f"f{unique()[-12:]}"
    if kind in ("choice", "multi_choice"):
        fields.setdefault("choices", ["a", "b", "c"])
    given = {"label": key.replace("_", " ").capitalize(), **fields}
    return create_field(record=record, kind=kind, key=key, actor=None, **given)
