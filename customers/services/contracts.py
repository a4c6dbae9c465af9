"""Making, changing, ending, deleting and restoring contracts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import audit
from crm.errors import DomainError, Stale
from crm.models import Member, Tenant
from crm.tenancy.context import current_tenant_id
from crm.texts import clean
from customers.errors import (
    ContractGone,
    ContractLives,
    EndNeeded,
    EndsTooSoon,
    ForeignValue,
    NoNotice,
    NoticeGiven,
    NumberTaken,
)
from customers.models import Contract, Customer
from customers.services import renewals

EDITABLE = frozenset(
    {
        *(
            "customer",
            "number",
            "title",
            "starts_on",
            "ends_on",
            "renewal",
            "term_months",
            "notice",
            "notice_unit",
        ),
        *("remind_days", "value", "currency", "value_home", "every", "owner", "notes"),
    }
)
TERM_MONTHS = 12


@transaction.atomic
def create_contract(*, customer: Customer, actor: Member | None, **fields: Any) -> Contract:
    """Write down what was agreed. Amounts are in minor units; the owner is the customer's unless named."""
    given = {"owner": customer.owner} | _known(fields)
    contract = Contract(customer=customer, author=actor, **given)
    _settle(contract, set(given))
    with _one_number():
        contract.save(force_insert=True)
    audit.record("contract.created", contract, actor=actor, customer=str(customer.pk))
    renewals.keep_reminders([contract.pk])
    return contract


@transaction.atomic
def update_contract(
    *, contract: Contract, actor: Member | None, version: int | None = None, **fields: Any
) -> Contract:
    """Change some fields; with ``version``, ``Stale`` when someone saved it since it was read."""
    if version is not None and version != contract.version:
        raise Stale
    before = {name: getattr(contract, name) for name in EDITABLE}
    for name, value in _known(fields).items():
        setattr(contract, name, value)
    _settle(contract, set(fields))
    changed = {name: getattr(contract, name) for name in EDITABLE if getattr(contract, name) != before[name]}
    if changed:
        _write(contract, changed)
        audit.record("contract.updated", contract, actor=actor, fields=sorted(changed))
        renewals.keep_reminders([contract.pk])
    return contract


@transaction.atomic
def delete_contract(*, contract: Contract, actor: Member | None) -> Contract:
    """Take a contract out of every list; it waits for ``restore_contract``."""
    if contract.deleted_at is not None:
        raise ContractGone
    _write(contract, {"deleted_at": timezone.now()})
    audit.record("contract.deleted", contract, actor=actor, customer=str(contract.customer_id))
    renewals.keep_reminders([contract.pk])
    return contract


@transaction.atomic
def restore_contract(*, contract: Contract, actor: Member | None) -> Contract:
    """Bring a deleted contract back as it was."""
    if contract.deleted_at is None:
        raise ContractLives
    _write(contract, {"deleted_at": None})
    audit.record("contract.restored", contract, actor=actor, customer=str(contract.customer_id))
    renewals.keep_reminders([contract.pk])
    return contract


@transaction.atomic
def give_notice(
    *,
    contract: Contract,
    actor: Member | None,
    notice_from: str,
    ends_on: date | None = None,
    given_on: date | None = None,
    because: str = "",
    version: int | None = None,
) -> Contract:
    """End a contract: on ``ends_on``, else with the term that runs."""
    if version is not None and version != contract.version:
        raise Stale
    if contract.notice_given_on is not None:
        raise NoticeGiven
    last = ends_on or contract.ends_on
    if last is None:
        raise EndNeeded(errors={"ends_on": [_("On which day does it end?")]})
    if last < contract.starts_on:
        raise EndsTooSoon(errors={"ends_on": [str(EndsTooSoon.message)]})
    said = {"notice_given_on": given_on or _today(), "notice_from": notice_from}
    _write(contract, {**said, "ends_on": last, "ended_because": clean(because)})
    audit.record(
        "contract.notice_given", contract, actor=actor, customer=str(contract.customer_id), ends_on=str(last)
    )
    renewals.keep_reminders([contract.pk])
    return contract


@transaction.atomic
def take_notice_back(*, contract: Contract, actor: Member | None) -> Contract:
    """Let the contract go on as if no notice had been given; an open one has no end again."""
    if contract.notice_given_on is None:
        raise NoNotice
    ends_on = None if contract.renewal == Contract.Renewal.OPEN else contract.ends_on
    _write(contract, {"notice_given_on": None, "notice_from": "", "ended_because": "", "ends_on": ends_on})
    audit.record("contract.notice_withdrawn", contract, actor=actor, customer=str(contract.customer_id))
    renewals.keep_reminders([contract.pk])
    return contract


def _write(contract: Contract, columns: dict[str, Any]) -> None:
    """One conditional update; whoever read an older version is told."""
    rows = Contract.objects.filter(pk=contract.pk, version=contract.version)
    with _one_number():
        if not rows.update(**columns, version=F("version") + 1, updated_at=timezone.now()):
            raise Stale
    contract.refresh_from_db()


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"Not fields of a contract that can be set: {', '.join(sorted(unknown))}")
    return {name: clean(value) if isinstance(value, str) else value for name, value in fields.items()}


def _settle(contract: Contract, given: set[str]) -> None:
    """What follows from the rest, and what cannot be."""
    if not contract.title:
        raise DomainError(errors={"title": [_("A title is needed.")]})
    if contract.renewal == Contract.Renewal.AUTO:
        contract.term_months = contract.term_months or TERM_MONTHS
    if contract.ends_on is None and contract.renewal != Contract.Renewal.OPEN:
        raise EndNeeded(errors={"ends_on": [str(EndNeeded.message)]})
    if contract.ends_on and contract.ends_on < contract.starts_on:
        raise EndsTooSoon(errors={"ends_on": [str(EndsTooSoon.message)]})
    home = Tenant.objects.get(pk=current_tenant_id()).currency
    contract.currency = (contract.currency or home).upper()
    if contract.currency == home or contract.value is None:
        contract.value_home = contract.value
    elif contract.value_home is None or ("value" in given and "value_home" not in given):
        raise ForeignValue(errors={"value_home": [str(ForeignValue.message)]})


def _today() -> date:
    return Tenant.objects.get(pk=current_tenant_id()).today()


@contextmanager
def _one_number() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "contract_number_unique" not in str(error):
            raise
        raise NumberTaken(errors={"number": [str(NumberTaken.message)]}) from error
