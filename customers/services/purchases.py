"""Recording what customers bought, one order at a time; files come in through ``customers.services.imports``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django.db import IntegrityError, transaction
from django.db.models import Sum

from crm import audit
from crm.models import Member, Tenant
from crm.tenancy.context import current_tenant_id
from crm.texts import clean
from customers.errors import CodeTaken, ForeignAmount, OrderNumberTaken, ReturnTooLarge, WrongReturn
from customers.models import Customer, Product, Purchase, PurchaseLine
from customers.services import stats

PRODUCT_FIELDS = frozenset({"code", "name", "category", "price", "active"})


@transaction.atomic
def record_purchase(
    *,
    customer: Customer,
    actor: Member | None,
    purchased_at: datetime,
    amount: int | None = None,
    currency: str = "",
    amount_home: int | None = None,
    order_no: str = "",
    lines: Iterable[Mapping[str, Any]] = (),
    return_of: Purchase | None = None,
    return_reason: str | None = None,
) -> Purchase:
    """Record an order with its lines; without ``amount`` it is the lines' sum.

    Amounts are in minor units; a negative one is a return, of ``return_of`` where that is known. In another currency
    than the company's, ``amount_home`` says what it is in that.
    """
    home = Tenant.objects.get(pk=current_tenant_id()).currency
    currency = (currency or home).upper()
    drawn = [_line(position, line, currency) for position, line in enumerate(lines, 1)]
    total = amount if amount is not None else sum(line.amount for line in drawn)
    if amount_home is None and currency != home:
        raise ForeignAmount
    purchase = Purchase(
        customer=customer,
        purchased_at=purchased_at,
        amount=total,
        currency=currency,
        amount_home=total if amount_home is None else amount_home,
        order_no=clean(order_no),
        return_of=return_of,
        return_reason=return_reason,
    )
    if return_of is not None and (return_of.customer_id != customer.pk or total >= 0):
        raise WrongReturn(errors={"return_of": [str(WrongReturn.message)]})
    try:
        with transaction.atomic():
            purchase.save(force_insert=True)
    except IntegrityError as error:
        if "purchase_order_no_unique" not in str(error):
            raise
        raise OrderNumberTaken from error
    for line in drawn:
        line.purchase = purchase
    PurchaseLine.objects.bulk_create(drawn)
    stats.refresh([customer.pk])
    audit.record("purchase.recorded", purchase, actor=actor, customer=str(customer.pk))
    return purchase


@transaction.atomic
def record_return(
    *,
    purchase: Purchase,
    actor: Member | None,
    returned_at: datetime,
    amount: int | None = None,
    reason: str = "",
    order_no: str = "",
) -> Purchase:
    """Take (part of) an order back: ``amount`` of it in minor units, else all that was not returned before.

    The return is a purchase with a negative amount, which no count of purchases counts.
    """
    held = Purchase.objects.select_for_update().get(pk=purchase.pk)
    before = Purchase.objects.filter(return_of=held).aggregate(minor=Sum("amount"), home=Sum("amount_home"))
    left = held.amount + (before["minor"] or 0)
    taken = left if amount is None else amount
    if held.is_return or not 0 < taken <= left:
        raise ReturnTooLarge(errors={"amount": [str(ReturnTooLarge.message)]})
    home_left = held.amount_home + (before["home"] or 0)
    share = (Decimal(held.amount_home) * taken / held.amount).quantize(Decimal(1), ROUND_HALF_UP)
    home = home_left if taken == left else min(home_left, int(share))
    made = record_purchase(
        customer=held.customer,
        actor=actor,
        purchased_at=returned_at,
        amount=-taken,
        currency=held.currency,
        amount_home=-home,
        order_no=order_no,
        return_of=held,
        return_reason=reason.strip() or None,
    )
    audit.record(
        "purchase.returned", held, actor=actor, customer=str(held.customer_id), amount=taken, of=str(made.pk)
    )
    return made


@transaction.atomic
def delete_purchase(*, purchase: Purchase, actor: Member | None) -> None:
    """Take an order out, with its lines."""
    audit.record("purchase.deleted", purchase, actor=actor, customer=str(purchase.customer_id))
    PurchaseLine.objects.filter(purchase=purchase).delete()
    Purchase.objects.filter(pk=purchase.pk).delete()
    stats.refresh([purchase.customer_id])


@transaction.atomic
def save_product(*, product: Product | None, actor: Member | None, **fields: Any) -> Product:
    """Make a product, or change one; its code is its own."""
    unknown = set(fields) - PRODUCT_FIELDS
    if unknown:
        raise TypeError(f"Not fields of a product: {', '.join(sorted(unknown))}")
    made = product is None
    product = product or Product()
    for name, value in fields.items():
        setattr(product, name, value)
    try:
        with transaction.atomic():
            product.save(force_insert=made, force_update=not made)
    except IntegrityError as error:
        if "product_code_unique" not in str(error):
            raise
        raise CodeTaken(errors={"code": [str(CodeTaken.message)]}) from error
    audit.record("product.created" if made else "product.updated", product, actor=actor)
    return product


def _line(position: int, given: Mapping[str, Any], currency: str) -> PurchaseLine:
    quantity, price = Decimal(given.get("quantity", 1)), Decimal(given.get("unit_price", 0))
    amount = given.get("amount")
    if amount is None:
        exact = (quantity * price).scaleb(get_currency_precision(currency))
        amount = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    return PurchaseLine(
        position=position,
        product=given.get("product"),
        description=given.get("description", ""),
        quantity=quantity,
        unit_price=price,
        amount=amount,
    )
