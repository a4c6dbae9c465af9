"""What hangs on customers, with all an import knows: contacts, purchases with lines, interactions, contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from babel.numbers import get_currency_precision
from django.db.models import Count, Prefetch
from django.utils.translation import gettext_lazy as _

from crm.exports.listings import Ask, Column, Listing, register
from customers.exports import consents, custom
from customers.exports.customers import customers_asked
from customers.imports.fields import FIELDS
from customers.models import Contact, Contract, Import, Interaction, Product, Purchase, PurchaseLine
from customers.models.custom import RecordType

Readers = dict[str, Callable[[Any], Any]]


def _customer_key(record: Any) -> str:
    """How a file names the customer: by the external id, else by the record's own."""
    return record.customer.external_id or str(record.customer_id)


def _columns(kind: str, readers: Readers, *, without: tuple[str, ...] = ()) -> list[Column]:
    return [
        Column(field.name, field.name, readers.get(field.name) or attrgetter(field.name))
        for field in FIELDS[kind]
        if field.name not in without
    ]


# Contacts


def contact_columns(ask: Ask) -> list[Column]:
    readers: Readers = {"customer_id": _customer_key, "record_id": lambda row: row.known_by}
    built_in = _columns(Import.Kind.CONTACTS, readers)
    own = custom.whole_columns(RecordType.CONTACT, ask, attrgetter("custom"))
    return built_in + own + consents.columns(consents.of_contacts())


def _contact_ids(ask: Ask) -> Any:
    rows = Contact.objects.filter(customer__in=customers_asked(ask))
    return rows.order_by("customer_id", "id").values_list("pk", flat=True)


def load_contacts(ask: Ask, ids: Sequence[UUID]) -> list[Any]:
    rows = list(Contact.objects.filter(pk__in=ids).select_related("customer__owner"))
    custom.name_references(RecordType.CONTACT, ask, rows, attrgetter("custom"))
    if ask.whole:
        consents.note(rows, consents.of(ids, contacts=True), attrgetter("pk"))
        _tell_namesakes_apart(rows)
    return rows


def _tell_namesakes_apart(rows: Sequence[Any]) -> None:
    """Give each row ``known_by``: its id where the customer has two people of that name, else nothing."""
    people = Contact.objects.filter(customer__in={row.customer_id for row in rows}).order_by()
    named = people.values_list("customer_id", "name_norm").annotate(many=Count("pk")).filter(many__gt=1)
    shared = {(customer, name) for customer, name, _many in named}
    for row in rows:
        row.known_by = str(row.pk) if (row.customer_id, row.name_norm) in shared else ""


# Interactions


def _interaction_columns(ask: Ask) -> list[Column]:
    readers: Readers = {
        "customer_id": _customer_key,
        "author": lambda row: row.author.email if row.author else None,
    }
    return _columns(Import.Kind.INTERACTIONS, readers)


def _interaction_ids(ask: Ask) -> Any:
    rows = Interaction.objects.filter(customer__in=customers_asked(ask))
    return rows.order_by("happened_at", "id").values_list("pk", flat=True)


def _load_interactions(ask: Ask, ids: Sequence[UUID]) -> Iterable[Any]:
    return Interaction.objects.filter(pk__in=ids).select_related("customer", "author")


# Purchases: a row for each line; one without lines is a row of its own.


class Line(NamedTuple):
    purchase: Purchase
    line: PurchaseLine | None
    first: bool


def _lines(purchase: Any) -> Iterable[Line]:
    lines = list(purchase.lines.all())
    return [Line(purchase, line, at == 0) for at, line in enumerate(lines)] or [Line(purchase, None, True)]


def _purchase_columns(ask: Ask) -> list[Column]:
    def amount(row: Line) -> Decimal:
        whole = row.line.amount if row.line else row.purchase.amount
        return Decimal(whole).scaleb(-get_currency_precision(row.purchase.currency))

    def home(row: Line) -> Decimal | None:
        """The whole stands on the first line: what an import adds up."""
        if row.purchase.currency == ask.tenant.currency:
            return None
        digits = get_currency_precision(ask.tenant.currency)
        return Decimal(row.purchase.amount_home if row.first else 0).scaleb(-digits)

    def of_line(read: Callable[[PurchaseLine], Any]) -> Callable[[Line], Any]:
        return lambda row: read(row.line) if row.line else None

    readers: Readers = {
        "customer_id": lambda row: _customer_key(row.purchase),
        "order_no": attrgetter("purchase.order_no"),
        "purchased_at": attrgetter("purchase.purchased_at"),
        "amount": amount,
        "currency": attrgetter("purchase.currency"),
        "amount_home": home,
        "product": of_line(lambda line: line.product.code if line.product else None),
        "description": of_line(lambda line: line.description or (line.product and line.product.name)),
        "quantity": of_line(attrgetter("quantity")),
        "unit_price": of_line(attrgetter("unit_price")),
        "return_of": lambda row: row.purchase.return_of.order_no if row.purchase.return_of else None,
    }
    return _columns(Import.Kind.PURCHASES, readers, without=("customer_name", "region"))


def _purchase_ids(ask: Ask) -> Any:
    rows = Purchase.objects.filter(customer__in=customers_asked(ask))
    return rows.order_by("purchased_at", "id").values_list("pk", flat=True)


def _load_purchases(ask: Ask, ids: Sequence[UUID]) -> Iterable[Any]:
    lines = PurchaseLine.objects.select_related("product").order_by("position")
    rows = Purchase.objects.filter(pk__in=ids).select_related("customer", "return_of")
    return rows.prefetch_related(Prefetch("lines", lines))


# Contracts


def _contract_columns(ask: Ask) -> list[Column]:
    own_digits = get_currency_precision(ask.tenant.currency)

    def value(row: Any) -> Decimal | None:
        digits = get_currency_precision(row.currency or ask.tenant.currency)
        return None if row.value is None else Decimal(row.value).scaleb(-digits)

    def at_home(row: Any) -> Decimal | None:
        foreign = row.value_home is not None and row.currency != ask.tenant.currency
        return Decimal(row.value_home).scaleb(-own_digits) if foreign else None

    readers: Readers = {
        "customer_id": _customer_key,
        "value": value,
        "value_home": at_home,
        "owner": lambda row: row.owner.email if row.owner else None,
        "author": lambda row: row.author.email if row.author else None,
    }
    return _columns(Import.Kind.CONTRACTS, readers)


def _contract_ids(ask: Ask) -> Any:
    rows = Contract.objects.living().filter(customer__in=customers_asked(ask))
    return rows.order_by("starts_on", "id").values_list("pk", flat=True)


def _load_contracts(ask: Ask, ids: Sequence[UUID]) -> Iterable[Any]:
    return Contract.objects.filter(pk__in=ids).select_related("customer", "owner", "author")


# Products


def _product_columns(ask: Ask) -> list[Column]:
    digits = get_currency_precision(ask.tenant.currency)
    price: Readers = {"price": lambda row: None if row.price is None else Decimal(row.price).scaleb(-digits)}
    return _columns(Import.Kind.PRODUCTS, price)


def _product_ids(ask: Ask) -> Any:
    return Product.objects.order_by("code", "id").values_list("pk", flat=True)


def _load_products(ask: Ask, ids: Sequence[UUID]) -> Iterable[Any]:
    return Product.objects.filter(pk__in=ids)


def _register(name: str, title: Any, columns: Any, ids: Any, load: Any, **more: Any) -> None:
    register(
        Listing(
            name, title, "customers.view", columns, ids, load, of="customers", back="customers:list",
            shown=False, whole=True, **more,
        )
    )  # fmt: skip


_register("contacts", _("Their contacts"), contact_columns, _contact_ids, load_contacts)
_register(
    "purchases", _("Their purchases"), _purchase_columns, _purchase_ids, _load_purchases, several=_lines
)
_register("interactions", _("Their interactions"), _interaction_columns, _interaction_ids, _load_interactions)
_register("contracts", _("Their contracts"), _contract_columns, _contract_ids, _load_contracts)
_register("products", _("All products"), _product_columns, _product_ids, _load_products)
