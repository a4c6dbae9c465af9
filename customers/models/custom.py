"""Fields a company adds to its records, and their values as typed rows for finding and sorting."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lines import NameLine
from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantQuerySet

KEY = r"[a-z][a-z0-9_]{0,39}"


class RecordType(models.TextChoices):
    """Records that can carry custom fields; each has a column ``custom`` and a table of values."""

    CUSTOMER = "customer", _("Customer")
    CONTACT = "contact", _("Contact")


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    LONG_TEXT = "long_text", _("Long text")
    NUMBER = "number", _("Number")
    MONEY = "money", _("Amount of money")
    DATE = "date", _("Date")
    MOMENT = "moment", _("Date and time")
    CHOICE = "choice", _("One of a list")
    MULTI_CHOICE = "multi_choice", _("Several of a list")
    YES_NO = "yes_no", _("Yes or no")
    LINK = "link", _("Web address")
    MEMBER = "member", _("Member")
    CUSTOMER = "customer", _("Customer")

    @property
    def has_choices(self) -> bool:
        return self in (FieldKind.CHOICE, FieldKind.MULTI_CHOICE)


class CustomFieldQuerySet(TenantQuerySet):
    def active(self) -> CustomFieldQuerySet:
        return self.filter(archived_at=None)

    def of(self, record: str) -> CustomFieldQuerySet:
        return self.filter(record=record)


class CustomField(TenantModel):
    """A field of the company's own. ``key`` and ``kind`` never change: values stand under them.

    What it holds where it is ``personal`` is masked for whoever may not see personal data.
    ``choices`` is a list of ``{"value", "label"}``; the label may change, the value is what records hold.
    """

    record = models.CharField(_("of"), max_length=10, choices=RecordType.choices, db_collation="C")
    key = models.CharField(
        _("key"), max_length=40, db_collation="C", validators=[RegexValidator(f"^{KEY}$")], editable=False
    )
    label = NameLine(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=FieldKind.choices, db_collation="C")
    help = models.CharField(_("help"), max_length=200, blank=True)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    required = models.BooleanField(_("required"), default=False)
    default = models.JSONField(_("default"), null=True, blank=True)
    personal = models.BooleanField(_("personal data"), default=False)
    position = models.PositiveIntegerField(_("order"), default=0)
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        ordering = ["record", "position", "id"]
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "record", "key"], name="custom_field_key_unique")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def type(self) -> FieldKind:
        return FieldKind(self.kind)

    @property
    def labels(self) -> dict[str, str]:
        """Each choice's value and what it is called."""
        return {one["value"]: one["label"] for one in self.choices}


class CustomValue(TenantModel):
    """One value of one record, typed, so that filters and sorts are ranges of an index under the policies.

    Triggers keep these rows equal to the record's ``custom``, however that is written. ``text`` is folded
    (choices are not); ``whole`` holds money in minor units, days since 1970, millionths of a number,
    and 0 or 1; several choices of one field are several rows.
    """

    audited = False
    unaudited_because = "kept by triggers from the record's own column, which has its history"

    field = TenantForeignKey("customers.CustomField", models.CASCADE, related_name="+")
    text = models.CharField(max_length=200, null=True, editable=False, db_collation="C")
    whole = models.BigIntegerField(null=True, editable=False)
    moment = models.DateTimeField(null=True, editable=False)
    ref = models.UUIDField(null=True, editable=False)

    class Meta:
        abstract = True


def _value_meta(name: str) -> dict[str, Any]:
    """Constraints and indexes of a table of values; the tie after each value is the record, as lists sort."""
    typed = ("text", "whole", "moment", "ref")
    return {
        "constraints": [
            models.UniqueConstraint(
                fields=["tenant", "record", "field", "text"], name=f"{name}_once", nulls_distinct=False
            )
        ],
        "indexes": [
            models.Index(fields=["tenant", "field", "record"], name=f"{name}_field"),
            *(
                models.Index(
                    fields=["tenant", "field", column, "record"],
                    condition=Q(**{f"{column}__isnull": False}),
                    name=f"{name}_{column}",
                )
                for column in typed
            ),
        ],
    }


class CustomerValue(CustomValue):
    record = TenantForeignKey("customers.Customer", models.CASCADE, related_name="custom_values")

    class Meta:
        constraints = _value_meta("customer_value")["constraints"]
        indexes = _value_meta("customer_value")["indexes"]


class ContactValue(CustomValue):
    record = TenantForeignKey("customers.Contact", models.CASCADE, related_name="custom_values")

    class Meta:
        constraints = _value_meta("contact_value")["constraints"]
        indexes = _value_meta("contact_value")["indexes"]


VALUES: dict[str, type[CustomValue]] = {
    RecordType.CUSTOMER.value: CustomerValue,
    RecordType.CONTACT.value: ContactValue,
}
