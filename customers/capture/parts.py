"""What was given, taken apart: the customer's, a person's there, and what tells whether they are known already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from customers.capture.fields import CONTACT, CUSTOM, MESSAGE

Values = Mapping[str, Any]
COMPARED = ("kind", "name", "email", "phone", "website", "address", "city", "postcode", "region", "gender")


def compared(values: Values) -> dict[str, Any]:
    """What tells whether somebody is known already: of a company also its person's address and number."""
    told = {name: values[name] for name in COMPARED if name in values}
    for name in ("email", "phone"):
        if name not in told and f"{CONTACT}{name}" in values:
            told[name] = values[f"{CONTACT}{name}"]
    if "name" not in told and f"{CONTACT}name" in values:
        told |= {"name": values[f"{CONTACT}name"], "kind": "person"}
    if "birthday" in values:
        told["birthday"] = date.fromisoformat(values["birthday"])
    return told


def customer_values(values: Values) -> dict[str, Any]:
    """The part that is the customer's own, as the services take it; ``custom`` apart, by key."""
    own: dict[str, Any] = {
        name: value for name, value in values.items() if name != MESSAGE and "." not in name
    }
    if "birthday" in own:
        own["birthday"] = date.fromisoformat(own["birthday"])
    custom = {name.removeprefix(CUSTOM): value for name, value in values.items() if name.startswith(CUSTOM)}
    return {**own, "custom": custom} if custom else own


def contact_values(values: Values) -> dict[str, Any]:
    """The part that is a person's at the customer."""
    return {name.removeprefix(CONTACT): value for name, value in values.items() if name.startswith(CONTACT)}
