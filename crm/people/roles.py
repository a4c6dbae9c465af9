"""Roles as one capability table: what each may do, read in one place.

A capability is ``<area>.<verb>``: ``view`` reads, ``change`` writes, ``manage`` sets up. Every view,
API action and menu entry names one.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADMIN = "admin", _("Administrator")
    LEAD = "lead", _("Team lead")
    MANAGER = "manager", _("Account manager")
    ANALYST = "analyst", _("Analyst")
    AFTER_SALES = "after_sales", _("After-sales specialist")
    MARKETING = "marketing", _("Marketing")
    READER = "reader", _("Reader")


class Visibility(models.TextChoices):
    OWN = "own", _("Own")
    TEAM = "team", _("Own team's")
    ALL = "all", _("All")


AREAS = ("customers", "segments", "maintenance", "feedback", "retention", "insight", "plans")

_VIEW_ALL = frozenset(f"{area}.view" for area in AREAS)
# Follow-ups, the daily work of maintenance, are the customers': who may change customers may change them.
_CHANGE_ALL = frozenset(
    f"{area}.change" for area in ("customers", "segments", "feedback", "retention", "plans")
)
_MANAGE_ALL = frozenset(
    f"{area}.manage" for area in ("customers", "segments", "maintenance", "feedback", "retention")
)
_BASE = frozenset({"today.view", "profile.change"})
_WORK = frozenset({"customers.change", "feedback.change", "retention.change"})

CAPABILITIES: dict[str, frozenset[str]] = {
    Role.ADMIN: _BASE
    | _VIEW_ALL
    | _CHANGE_ALL
    | _MANAGE_ALL
    | {
        "customers.import",
        "customers.delete",
        "customers.merge",
        "customers.export",
        "customers.erase",
        "customers.personal",
        "people.manage",
        "settings.manage",
        "audit.view",
    },
    Role.LEAD: _BASE
    | _VIEW_ALL
    | _CHANGE_ALL
    | _MANAGE_ALL
    | {
        "customers.import",
        "customers.delete",
        "customers.merge",
        "customers.export",
        "customers.personal",
        "audit.view",
    },
    Role.MANAGER: _BASE
    | _VIEW_ALL
    | _WORK
    | {"customers.export", "customers.delete", "customers.merge", "customers.personal"},
    Role.ANALYST: _BASE
    | _VIEW_ALL
    | {
        "customers.export",
        "segments.change",
        "segments.manage",
        "plans.change",
        "retention.manage",
        "audit.view",
    },
    Role.AFTER_SALES: _BASE | _VIEW_ALL | {"customers.change", "customers.personal", "feedback.change"},
    Role.MARKETING: _BASE
    | _VIEW_ALL
    | {
        "customers.change",
        "customers.import",
        "customers.export",
        "customers.personal",
        "feedback.manage",
        "feedback.change",
    },
    Role.READER: _BASE | _VIEW_ALL,
}

ALL_CAPABILITIES = frozenset().union(*CAPABILITIES.values())


def may(role: str, capability: str) -> bool:
    """Whether a role holds a capability; an unknown capability is a bug, not a no."""
    if capability not in ALL_CAPABILITIES:
        raise LookupError(f"No such capability: {capability}")
    return capability in CAPABILITIES.get(role, frozenset())
