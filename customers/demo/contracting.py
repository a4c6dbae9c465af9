"""Yearly contracts of some customers: most go on by themselves, some end, of a few notice was given."""

from __future__ import annotations

from datetime import timedelta

from crm.demo import Scene
from customers.demo.people import identity
from customers.demo.words import Words
from customers.models import Contract
from customers.selectors.custom import field_by_key
from customers.services.bulk.tagging import tag

SHARE, MONTHS = 0.15, (12, 12, 24)
TAGGED = (("partner", 0.05), ("reference", 0.08), ("newsletter", 0.3), ("pays_late", 0.06))


def make_contracts(scene: Scene, words: Words) -> int:
    """Contracts with the customers' owners; they end at any time of the year to come."""
    rng = scene.generator("contracts")
    today = scene.at.date()
    made = []
    for client in scene.customers:
        if client.waiting or rng.random() > SHARE:
            continue
        name, _category, price = words.products[0]
        ends_on = today + timedelta(days=int(rng.integers(-40, 330)))
        starts_on = ends_on - timedelta(days=365 * int(rng.integers(1, 3)) - 1)
        gone = client.gone_at is not None and rng.random() < 0.6
        auto = rng.random() < 0.7 and ends_on >= today
        made.append(
            Contract(
                id=identity(rng, client.created_at),
                customer_id=client.id,
                number=f"V-{starts_on:%Y}-{client.number:05d}",
                title=name,
                starts_on=starts_on,
                ends_on=ends_on,
                renewal=Contract.Renewal.AUTO if auto else Contract.Renewal.FIXED,
                term_months=int(rng.choice(MONTHS)) if auto else None,
                notice=int(rng.choice((1, 2, 3))),
                value=price,
                value_home=price,
                currency=scene.tenant.currency,
                every=Contract.Every.YEAR,
                owner=client.owner,
                author=client.owner,
                created_at=max(client.created_at, scene.at - timedelta(days=(today - starts_on).days)),
                notice_given_on=min(today, ends_on) - timedelta(days=20) if gone else None,
                notice_from=Contract.From.CUSTOMER if gone else "",
            )
        )
    Contract.objects.bulk_create(made, batch_size=1_000)
    return len(made)


def tag_some(scene: Scene) -> None:
    """A few tags, where the company has the field for them."""
    field = field_by_key("customer", "tags")
    rng = scene.generator("tags")
    for value, share in TAGGED:
        chosen = [client.id for client in scene.customers if rng.random() < share]
        if field is not None and value in field.labels:
            tag(chosen, add={"tags": [value]}, remove={})
