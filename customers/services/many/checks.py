"""The values of a deed, read as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.models import Member
from customers.services.custom_values import WrongValues


def active_member(given: Any) -> Member:
    """The member of that id, or ``WrongValues``."""
    try:
        return Member.objects.active().get(pk=str(given))
    except (Member.DoesNotExist, ValidationError, ValueError) as error:
        raise WrongValues(errors={"owner": [_("There is no such record.")]}) from error


def text(values: Mapping[str, Any], name: str, longest: int, *, required: bool = False) -> str:
    """A text of at most so many characters."""
    given = values.get(name) or ""
    if not isinstance(given, str) or "\0" in given:
        raise WrongValues(errors={name: [_("Must be a text.")]})
    if required and not given.strip():
        raise WrongValues(errors={name: [_("This field is required.")]})
    return given.strip()[:longest]


def one_of(values: Mapping[str, Any], name: str, choices: list[str]) -> str:
    """One of the choices."""
    given = str(values.get(name, ""))
    if given not in choices:
        known = {"choices": ", ".join(choices)}
        raise WrongValues(errors={name: [_("Must be one of: %(choices)s.") % known]})
    return given
