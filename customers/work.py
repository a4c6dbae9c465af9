"""On time: each night the figures of every customer, since a day that passed moves the twelve months; the terms of
contracts and the promises to decide on them; the owners asked to see to contact data; the search for duplicates
where anything changed."""

from __future__ import annotations

from datetime import datetime

from crm.work import Outcome, Work, register
from customers.services import contact_checks, renewals, stats
from customers.services.duplicates import scanning
from customers.services.privacy import retention


def _refresh(at: datetime) -> Outcome:
    return Outcome(stats.refresh(at=at) or 0)


register(Work("customer_stats", 10, _refresh, nightly=True))


def _find_duplicates(at: datetime) -> Outcome:
    return Outcome(int(scanning.start_scan_if_due() is not None))


register(Work("duplicates", 80, _find_duplicates, nightly=True))


def _contracts(at: datetime) -> Outcome:
    return Outcome(renewals.renew_due(at) + renewals.keep_reminders(at=at))


def _keep_periods(at: datetime) -> Outcome:
    return Outcome(retention.keep_periods(at))


register(Work("retention_periods", 85, _keep_periods, nightly=True))
register(Work("contracts", 35, _contracts, nightly=True))


def _check_contacts(at: datetime) -> Outcome:
    return Outcome(contact_checks.keep_checks(at))


register(Work("contact_checks", 45, _check_contacts, nightly=True))
