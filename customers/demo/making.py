"""The rows of a demo company's customers, poured in a few statements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np

from crm.demo import Scene
from crm.models import Member
from crm.people.roles import Role
from crm.tenancy.bulk import pour
from customers import normalize
from customers.demo import agreeing, arriving, bouncing, contracting, returning, talking, twice, working
from customers.demo.buying import history
from customers.demo.people import (
    SIZES,
    Addresses,
    Client,
    company_name,
    identity,
    person_name,
    phone_number,
    pick,
)
from customers.demo.words import CHINESE, ENGLISH, Words
from customers.imports import columns as cells
from customers.models import Contact, Customer, Product, Purchase, PurchaseLine
from customers.services import stats

YEARS = 730
TRIES = 4  # for a name that nobody has yet; in a large company there are namesakes
HEAVY = (0.35, 0.3, 0.25, 0.1)  # how sizes are spread


def make_customers(scene: Scene) -> dict[str, int]:
    """Customers with all that hangs on them, then their figures; and what came in and what members keep."""
    words = CHINESE if scene.chinese else ENGLISH
    addresses = Addresses()
    scene.customers = list(_clients(scene, words, addresses))
    twice.enter_again(scene)
    made = {"customers": _pour_customers(scene), "contacts": _pour_contacts(scene, words, addresses)}
    made |= _pour_purchases(scene, words)
    made |= talking.pour_talks(scene, words)
    made["contracts"] = contracting.make_contracts(scene, words)
    contracting.tag_some(scene)
    agreed = agreeing.agree(scene)
    stats.refresh(at=scene.at)
    made["bounces"] = bouncing.bounce(scene)
    made |= {"captures": arriving.let_arrive(scene), "views": working.keep_views(scene)}
    working.start_work(scene, agreed)
    return made


def _clients(scene: Scene, words: Words, addresses: Addresses) -> Iterator[Client]:
    rng = scene.generator("clients")
    owners = _owners(scene)
    # More customers come in the second year; a fifth were there before the story begins.
    ages = np.where(rng.random(scene.size) < 0.2, YEARS, YEARS * (1 - rng.random(scene.size) ** 0.8)) + 1
    taken: set[str] = set()
    for number, age in enumerate(ages, start=1):
        created_at = scene.at - timedelta(days=float(age))
        for _try in range(TRIES):
            client = _client(rng, scene, words, number, created_at, pick(rng, owners))
            if client.name not in taken:
                break
        taken.add(client.name)
        client.host = addresses.host(client.name) if client.contact_id else "post"
        client.email = addresses.email("office" if client.contact_id else client.name, client.host)
        yield client


def _owners(scene: Scene) -> list[Member]:
    """Whom customers are given to by chance: an administrator looks after half as many as an account manager."""
    busy = [member for member in scene.members if member.role in (Role.MANAGER, Role.LEAD)]
    some = [member for member in scene.members if member.role == Role.ADMIN]
    return [*busy, *busy, *some] or scene.members


def _client(
    rng: np.random.Generator, scene: Scene, words: Words, number: int, created_at: datetime, owner: Member
) -> Client:
    """A customer who has no address yet."""
    city, region = pick(rng, words.places)
    industry, trades = pick(rng, words.industries)
    person = person_name(rng, words, chinese=scene.chinese)
    is_company = rng.random() < 0.8
    name = company_name(rng, words, city, pick(rng, trades), chinese=scene.chinese) if is_company else person
    recent = (scene.at - created_at).days < 45
    return Client(
        id=identity(rng, created_at),
        number=number,
        kind="company" if is_company else "person",
        name=name,
        host="",
        email="",
        phone=phone_number(number, chinese=scene.chinese),
        contact=person,
        contact_id=identity(rng, created_at) if is_company else None,
        owner=owner,
        city=city,
        region=region,
        industry=industry if is_company else "",
        size=str(rng.choice(SIZES, p=HEAVY)) if is_company else "",
        source=pick(rng, words.sources),
        language=scene.locale,
        waiting=bool(recent and rng.random() < 0.3),
        created_at=created_at,
        mood=float(rng.beta(5, 2)),
    )


def _pour_customers(scene: Scene) -> int:
    names = [client.name for client in scene.customers]
    norms, spelled = cells.name_norms(names), cells.pinyins(names)
    phones = cells.phone_norms([client.phone for client in scene.customers], normalize.home_region())
    columns = (
        "id", "kind", "external_id", "name", "email", "phone", "industry", "size", "region", "city", "language",
        "source", "owner_id", "review", "created_at", "updated_at", "name_norm", "pinyin", "initials",
        "email_norm", "phone_norm",
    )  # fmt: skip
    rows = (
        (c.id, c.kind, f"K{c.number:06d}", c.name, c.email, c.phone, c.industry, c.size, c.region, c.city, c.language,
         c.source, c.owner.pk, "waiting" if c.waiting else "accepted", c.created_at, c.created_at, norm, *pinyin,
         c.email, phone)
        for c, norm, pinyin, phone in zip(scene.customers, norms, spelled, phones, strict=True)
    )  # fmt: skip
    return pour(Customer, columns, rows)


def _pour_contacts(scene: Scene, words: Words, addresses: Addresses) -> int:
    rng = scene.generator("contacts")
    companies = [client for client in scene.customers if client.contact_id]
    region = normalize.home_region()
    columns = (
        "id", "customer_id", "name", "job_title", "role", "email", "phone", "primary", "created_at", "name_norm",
        "pinyin", "initials", "email_norm", "phone_norm",
    )  # fmt: skip

    def rows() -> Iterator[tuple[Any, ...]]:
        number = scene.size
        for client in companies:
            people = [(client.contact_id, client.contact, "decides", True)]
            if rng.random() < 0.45:
                other = person_name(rng, words, chinese=scene.chinese)
                people.append(
                    (
                        identity(rng, client.created_at),
                        other,
                        pick(rng, ("uses", "pays", "influences")),
                        False,
                    )
                )
            for pk, name, role, primary in people:
                number += 1
                email = addresses.of(name, client.host)
                phone = phone_number(number, chinese=scene.chinese)
                yield (
                    pk, client.id, name, pick(rng, words.job_titles), role, email, phone, primary, client.created_at,
                    normalize.name_norm(name), *normalize.pinyin_of(name), email, normalize.phone_norm(phone, region),
                )  # fmt: skip

    return pour(Contact, columns, rows())


def _pour_purchases(scene: Scene, words: Words) -> dict[str, int]:
    rng = scene.generator("purchases")
    made_at = scene.at - timedelta(days=YEARS + 30)
    products = [(identity(rng, made_at), name, category, price) for name, category, price in words.products]
    pour(
        Product,
        ("id", "code", "name", "category", "price", "created_at"),
        (
            (pk, f"S-{at:03d}", name, category, price, made_at)
            for at, (pk, name, category, price) in enumerate(products, 101)
        ),
    )
    days = [scene.at - timedelta(days=day) for day in range(YEARS + 2)]
    known = np.array([(scene.at - client.created_at).total_seconds() / 86_400 for client in scene.customers])
    accepted = np.array([not client.waiting for client in scene.customers])
    bought = history(rng, known, accepted, np.array([day.month - 1 for day in days]))
    for client, stopped in zip(scene.customers, bought.stopped_days_ago, strict=True):
        client.gone_at = scene.at - timedelta(days=float(stopped)) if stopped > 0 else None
    purchases, lines = _baskets(rng, scene, bought, products)
    columns = (
        "id",
        "customer_id",
        "order_no",
        "purchased_at",
        "amount",
        "currency",
        "amount_home",
        "created_at",
    )
    line_columns = ("id", "purchase_id", "position", "product_id", "quantity", "unit_price", "amount")
    bought_rows = pour(Purchase, columns, purchases)
    return {
        "products": len(products),
        "purchases": bought_rows,
        "lines": pour(PurchaseLine, line_columns, lines),
        "returns": returning.take_back(scene, purchases),
    }


def _baskets(
    rng: np.random.Generator, scene: Scene, bought: Any, products: list[Any]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Purchases and their lines. Each customer has a favourite or two and buys in amounts of its size."""
    weights = 1 / (1 + np.array([price for *_names, price in products]) / 30_000)
    weights /= weights.sum()
    chosen = rng.choice(len(products), size=int(bought.lines.sum()), p=weights)
    quantities = 1 + rng.poisson(0.8, len(chosen))
    purchases, lines, at = [], [], 0
    currency = scene.tenant.currency
    for number, (index, days_ago, count) in enumerate(
        zip(bought.customer.tolist(), bought.days_ago.tolist(), bought.lines.tolist(), strict=True), start=1
    ):
        client = scene.customers[index]
        moment = _office_hours(scene, scene.at - timedelta(days=days_ago), at)
        pk, total = identity(rng, moment), 0
        for position in range(1, count + 1):
            product_id, _name, _category, price = products[chosen[at]]
            quantity = int(quantities[at]) * (3 if client.size == "250+" else 1)
            lines.append(
                (
                    identity(rng, moment),
                    pk,
                    position,
                    product_id,
                    quantity,
                    f"{price / 100:.2f}",
                    price * quantity,
                )
            )
            total, at = total + price * quantity, at + 1
        client.last_purchase_at = moment
        purchases.append((pk, client.id, f"{moment:%Y}-{number:06d}", moment, total, currency, total, moment))
    return purchases, lines


def _office_hours(scene: Scene, moment: datetime, salt: int) -> datetime:
    """The same day between nine and five by the company's clock, never after the story's end."""
    day = moment.astimezone(scene.tenant.zone).date()
    local = datetime.combine(day, time(9 + salt % 8, (salt * 7) % 60), scene.tenant.zone)
    return min(local, scene.at)
