"""Demo companies: seeding one with two years of customers, and the two that a first run starts with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from crm import audit, demo
from crm.errors import Conflict, DomainError
from crm.models import AuditEntry, Member, Team, Tenant, User
from crm.people.roles import Role, Visibility
from crm.services.tenants import create_tenant
from crm.tenancy.context import tenant_context

PASSWORD = "tenure demo 2026"
CUSTOMERS = 400


@dataclass(frozen=True)
class Person:
    name: str
    login: str
    role: str
    team: int | None = None
    visibility: str = Visibility.ALL


@dataclass(frozen=True)
class Company:
    """A demo company. The first person is its administrator; the first lead of a team leads it."""

    name: str
    slug: str
    locale: str
    timezone: str
    currency: str
    seed: int
    teams: tuple[str, ...]
    people: tuple[Person, ...]

    def email(self, person: Person) -> str:
        return f"{person.login}@{self.slug}.example"


COMPANIES = (
    Company(
        "Harbour Services", "harbour", "en", "Europe/London", "GBP", 11, ("Coast", "Inland"),
        (
            Person("Ada Marsh", "ada", Role.ADMIN),
            Person("Leo Hart", "leo", Role.LEAD, 0),
            Person("Nadia Quinn", "nadia", Role.LEAD, 1),
            Person("Grace Webb", "grace", Role.MANAGER, 0),
            Person("Owen Doyle", "owen", Role.MANAGER, 0, Visibility.TEAM),
            Person("Priya Shah", "priya", Role.MANAGER, 1),
            Person("Tom Fraser", "tom", Role.MANAGER, 1, Visibility.OWN),
            Person("Ruth Lloyd", "ruth", Role.ANALYST),
            Person("Callum Stone", "callum", Role.AFTER_SALES),
        ),
    ),
    Company(
        "远山服务", "yuanshan", "zh-hans", "Asia/Shanghai", "CNY", 12, ("华东组", "华南组"),
        (
            Person("李婉", "liwan", Role.ADMIN),
            Person("周立", "zhouli", Role.LEAD, 0),
            Person("陈静", "chenjing", Role.LEAD, 1),
            Person("王磊", "wanglei", Role.MANAGER, 0),
            Person("赵敏", "zhaomin", Role.MANAGER, 0, Visibility.TEAM),
            Person("孙洋", "sunyang", Role.MANAGER, 1),
            Person("吴杰", "wujie", Role.MANAGER, 1, Visibility.OWN),
            Person("林思远", "linsiyuan", Role.ANALYST),
            Person("何欣怡", "hexinyi", Role.AFTER_SALES),
        ),
    ),
)  # fmt: skip
OPS = "ops@tenure.example"
SEEDED = "demo.seeded"


@transaction.atomic
def seed(*, tenant: Tenant, size: int, seed: int, at: datetime, locale: str = "") -> dict[str, int]:
    """Give the open context's company ``size`` customers with two years of history up to ``at``.

    The same seed, size, moment and language give the same data in companies with as many members. A company is
    seeded once: its products and numbers would stand there twice.
    """
    if size < 1:
        raise DomainError(_("A demo has at least one customer."))
    if AuditEntry.objects.filter(deed=SEEDED).exists():
        raise Conflict(_("The company has its demo data already."))
    members = list(Member.objects.active().order_by("email"))
    scene = demo.Scene(tenant, size, seed, at, locale or tenant.locale, members)
    with translation.override(scene.locale):
        made = demo.play(scene)
    audit.record(SEEDED, tenant, seed=seed, made=made)
    return made


@transaction.atomic
def open_company(company: Company) -> tuple[Tenant, str]:
    """One demo company with its people, in a transaction of its own; gives the key's text too."""
    admin, *others = company.people
    tenant, key = create_tenant(
        name=company.name,
        slug=company.slug,
        locale=company.locale,
        timezone=company.timezone,
        currency=company.currency,
        admin_email=company.email(admin),
        admin_name=admin.name,
        password=PASSWORD,
    )
    with tenant_context(tenant.pk):
        teams = [Team.objects.create(name=name) for name in company.teams]
        for person in others:
            _join(company, person, teams)
    return tenant, key


def _join(company: Company, person: Person, teams: list[Team]) -> Member:
    email = company.email(person)
    user = User.objects.filter(email=email).first() or User.objects.create_user(
        email, PASSWORD, name=person.name, language=company.locale
    )
    team = teams[person.team] if person.team is not None else None
    member = Member.objects.create(
        user=user,
        display_name=person.name,
        email=email,
        role=person.role,
        visibility=person.visibility,
        team=team,
    )
    if team and person.role == Role.LEAD:
        team.lead = member
        team.save(update_fields=["lead"])
    return member


def sign_ins(company: Company) -> list[dict[str, Any]]:
    return [
        {
            "email": company.email(person),
            "password": PASSWORD,
            "role": str(person.role),
            "tenant": company.slug,
        }
        for person in company.people
    ]


def open_operations() -> dict[str, Any]:
    """The person who runs the installation: enters the admin, belongs to no company."""
    if not User.objects.filter(email=OPS).exists():
        User.objects.create_superuser(OPS, PASSWORD, name="Operations")
    return {"email": OPS, "password": PASSWORD, "role": "ops", "tenant": ""}
