"""Refusals. Everything else that goes wrong is a bug."""

from typing import Any

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A business rule said no. ``code`` is stable; the message is for people.

    ``errors`` maps a field's name to its messages, where the refusal is about fields; ``more`` is what
    a program needs besides, as further members of the API's answer.
    """

    code = "invalid"
    status = 400
    message = _("That is not possible.")

    def __init__(
        self,
        message: object = None,
        *,
        errors: dict[str, list[str]] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message if message is not None else self.message)
        self.errors = errors or {}
        self.more = more or {}


class NotAllowed(DomainError):
    """The member lacks the capability, or may not see the record."""

    code = "not_allowed"
    status = 403
    message = _("You do not have the right to do this. Ask an administrator of your company.")


class NotFound(DomainError):
    """There is no such record for this member: absent, foreign and hidden look the same."""

    code = "not_found"
    status = 404
    message = _("There is no such record.")


class Conflict(DomainError):
    """The record is no longer in the state this action needs."""

    code = "conflict"
    status = 409
    message = _("The record has changed in the meantime. Reload it and try again.")


class Stale(Conflict):
    """Somebody else saved the record since it was read."""

    code = "stale"
    status = 412
