"""What customers bought. Amounts are bigint minor units (pence, fen) with their currency."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.fields import OfPeople, TenantForeignKey, TenantModel


class Product(TenantModel):
    """A thing or service we sell."""

    code = models.CharField(_("code"), max_length=100, db_collation="C")
    name = models.CharField(_("name"), max_length=300)
    category = models.CharField(_("category"), max_length=100, blank=True)
    price = models.BigIntegerField(_("list price"), null=True, blank=True)
    active = models.BooleanField(_("sold today"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["code"]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="product_code_unique")]

    def __str__(self) -> str:
        return self.name


class Purchase(TenantModel):
    """An order or transaction. ``amount`` is in ``currency``; ``amount_home`` in the company's own.

    One with a negative amount is a return: it lowers what was spent and is no purchase. ``return_of`` names the
    purchase it takes back, where that is known, ``return_reason`` why.
    """

    of_people = OfPeople.FIGURES
    impersonal = ("currency",)

    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="purchases")
    order_no = models.CharField(_("order number"), max_length=100, blank=True, db_collation="C")
    purchased_at = models.DateTimeField(_("purchased"))
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    amount_home = models.BigIntegerField(_("amount in own currency"))
    return_of = TenantForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="returns",
        verbose_name=_("return of"),
    )
    # None rather than empty: imports that were brought in before it came compare with what was written then.
    return_reason = models.CharField(_("why it was returned"), max_length=300, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-purchased_at", "-id"]
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "order_no"], condition=~Q(order_no=""), name="purchase_order_no_unique"
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "customer", "-purchased_at"], name="purchase_customer"),
            models.Index(fields=["tenant", "-purchased_at", "-id"], name="purchase_newest"),
        ]

    def __str__(self) -> str:
        return self.order_no or str(self.pk)

    @property
    def is_return(self) -> bool:
        return self.amount < 0


class PurchaseLine(TenantModel):
    """A line of an order. ``unit_price`` is in major units and may hold a fraction of a penny."""

    of_people = OfPeople.FIGURES

    purchase = TenantForeignKey("customers.Purchase", models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    product = TenantForeignKey(
        "customers.Product", models.PROTECT, null=True, blank=True, related_name="lines"
    )
    description = models.CharField(_("description"), max_length=300, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=4)
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "purchase", "position"], name="purchase_line_position")
        ]
