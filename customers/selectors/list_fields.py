"""What one can ask of the lists beside the customers' in a filter."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filtering.catalogue import Catalogue
from crm.filtering.columns import column
from crm.filtering.fields import FilterField, Kind
from customers.models import Contact, Contract
from customers.normalize import email_norm, name_norm, phone_norm
from customers.selectors.asking import class_choices, members

CUSTOMER = _("Customer")


def owner_at(path: str, label: Any = "", key: str = "owner") -> FilterField:
    return column(key, label or _("Owner"), Kind.MEMBER, path, choices=members)


def of_customer(path: str = "customer") -> list[FilterField]:
    """The customer a record belongs to, and what is often asked of it."""
    return [
        column("customer", _("Customer"), Kind.RECORD, f"{path}_id", section=CUSTOMER),
        column(
            "class",
            _("Class"),
            Kind.CHOICE,
            f"{path}__stats__class_code",
            choices=class_choices,
            section=CUSTOMER,
        ),
        column("industry", _("Industry"), Kind.TEXT, f"{path}__industry", section=CUSTOMER),
        column("region", _("Region"), Kind.TEXT, f"{path}__region", section=CUSTOMER),
        column("city", _("City"), Kind.TEXT, f"{path}__city", section=CUSTOMER),
    ]


CONTACT_FIELDS = Catalogue(
    [
        column("name", _("Name"), Kind.TEXT, "name_norm", norm=name_norm),
        column("job_title", _("Job title")),
        column("role", _("Role"), Kind.CHOICE, choices=lambda: Contact.Role.choices),
        column("primary", _("First contact"), Kind.YES_NO),
        column("email", _("E-mail"), Kind.TEXT, "email_norm", norm=email_norm),
        column("phone", _("Phone"), Kind.TEXT, "phone_norm", norm=phone_norm),
        column("birthday", _("Birthday"), Kind.DATE),
        column("language", _("Language")),
        column("created", pgettext_lazy("date", "Created"), Kind.MOMENT, "created_at"),
        owner_at("customer__owner"),
        *of_customer(),
    ]
)
CONTRACT_FIELDS = Catalogue(
    [
        column("title", _("Title")),
        column("number", _("Number")),
        column("renewal", _("Renewal"), Kind.CHOICE, choices=lambda: Contract.Renewal.choices),
        column("value", _("Amount"), Kind.MONEY),
        column("currency", _("Currency")),
        column("begins", _("Begins"), Kind.DATE, "starts_on"),
        column("until", _("Ends"), Kind.DATE, "ends_on"),
        column("notice_by", _("Notice by"), Kind.DATE),
        column("notice_given", _("Notice given"), Kind.DATE, "notice_given_on"),
        owner_at("owner"),
        *of_customer(),
    ]
)
