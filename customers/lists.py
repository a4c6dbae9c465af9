"""Which of this app's lists can have saved views, and what those may ask for."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.filtering.catalogue import Catalogue
from crm.filtering.fields import checked
from crm.filtering.grammar import WrongFilter, parse
from crm.saved_views.lists import ListKind, register
from customers.models.custom import RecordType
from customers.selectors import contacts, contracts, lists_custom
from customers.selectors.asking import asker_of, field_named
from customers.selectors.columns import COLUMNS, MARK
from customers.selectors.custom import field_by_key
from customers.selectors.list_fields import CONTACT_FIELDS, CONTRACT_FIELDS
from customers.selectors.lists import FILTERS, SORTS

Check = Callable[[Mapping[str, str], str, Sequence[str]], dict[str, list[str]]]
_OTHERS = frozenset({"q", "deleted", "where"})


def _check(filters: Mapping[str, str], sort: str, columns: Sequence[str]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if "where" in filters:
        try:
            checked(parse(filters["where"]), field_named, asker_of(None))
        except WrongFilter as wrong:
            errors["where"] = [str(wrong)]
    for name in filters:
        known = name in FILTERS or name in _OTHERS or lists_custom.own_filters({name: "x"})
        if not known:
            errors[name] = [_("There is no such filter.")]
    order = sort.removeprefix("-")
    if order and order not in SORTS and not lists_custom.own_sort(order):
        errors["sort"] = [_("There is no such order.")]
    for key in columns:
        own = key.startswith(MARK) and field_by_key(RecordType.CUSTOMER, key.removeprefix(MARK))
        if key not in COLUMNS and not own:
            errors["columns"] = [_("There is no such column: %(key)s") % {"key": key}]
    return errors


LIST = register(ListKind("customers", gettext_lazy("Customers"), "customers:list", "customers", _check))


def plain_list(
    key: str,
    label: Any,
    url_name: str,
    area: str,
    *,
    filters: Container[str],
    sorts: Container[str],
    catalogue: Catalogue,
    columns: tuple[str, ...],
) -> ListKind:
    """A list that knows its filters, orders and columns by name, and a filter of its fields with groups."""

    def check(asked: Mapping[str, str], sort: str, chosen: Sequence[str]) -> dict[str, list[str]]:
        errors = {name: [_("There is no such filter.")] for name in asked if name not in filters}
        if "where" in asked and (wrong := catalogue.errors(asked["where"], asker_of(None))):
            errors["where"] = wrong
        if sort and sort.removeprefix("-") not in sorts:
            errors["sort"] = [_("There is no such order.")]
        if unknown := [name for name in chosen if name not in columns]:
            errors["columns"] = [_("There is no such column: %(key)s") % {"key": unknown[0]}]
        return errors

    return register(ListKind(key, label, url_name, area, check, catalogue, columns))


CONTRACTS = plain_list(
    "contracts",
    gettext_lazy("Contracts"),
    "customers:contracts",
    "customers",
    filters=contracts.FILTERS,
    sorts=contracts.SORTS,
    catalogue=CONTRACT_FIELDS,
    columns=("title", "customer", "status", "value", "ends_on", "notice_by", "owner"),
)
CONTACTS = plain_list(
    "contacts",
    gettext_lazy("Contacts"),
    "customers:contacts",
    "customers",
    filters=contacts.FILTERS,
    sorts=contacts.SORTS,
    catalogue=CONTACT_FIELDS,
    columns=("name", "role", "customer", "email", "phone", "owner", "added"),
)
