"""What can be an e-mail address: one rule for forms, the API, files and what comes from outside."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 254


def is_address(text: str) -> bool:
    """A name, one ``@`` and a domain with a dot; whether anybody reads it, a mail that comes back will tell."""
    name, _at, domain = text.rpartition("@")
    spaced = any(map(str.isspace, text))
    dotted = "." in domain.strip(".") and domain == domain.strip(".")
    return bool(name) and "@" not in name and not spaced and dotted and len(text) <= LONGEST


def check_address(text: str) -> None:
    """A validator of fields: refuses what cannot be an address."""
    if not is_address(text):
        raise ValidationError(_("Not an e-mail address. Write one like name@example.com."), code="email")
