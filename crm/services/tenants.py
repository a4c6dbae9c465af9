"""Companies: opening one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from crm import audit, defaults
from crm.api.scopes import all_scopes
from crm.errors import Conflict, DomainError
from crm.models import Member, Tenant, User
from crm.models.people import Locale
from crm.people.roles import Role
from crm.services import keys
from crm.tenancy.context import tenant_context

Check = tuple[str, Callable[[], object]]


class SlugTaken(Conflict):
    code = "slug_taken"


@transaction.atomic
def create_tenant(
    *,
    name: str,
    slug: str,
    locale: str = Locale.ENGLISH,
    timezone: str = "UTC",
    currency: str = "USD",
    admin_email: str,
    password: str,
    admin_name: str = "",
) -> tuple[Tenant, str]:
    """Open a company with its first administrator, its defaults and an API key of all scopes.

    A person who signs in already keeps their password. The key's text is given here only.
    """
    known = User.objects.filter(email__iexact=admin_email).first()
    checks = _checks(name, slug, admin_email) + (
        [] if known else _password(password, admin_email, admin_name)
    )
    _check(checks, slug, locale, timezone, currency)
    tenant = Tenant.objects.create(name=name, slug=slug, locale=locale, timezone=timezone, currency=currency)
    user = known or User.objects.create_user(admin_email, password, name=admin_name, language=locale)
    with tenant_context(tenant.pk), translation.override(locale):
        admin = Member.objects.create(
            user=user,
            display_name=admin_name or user.name or _("Administrator"),
            email=user.email,
            role=Role.ADMIN,
        )
        defaults.furnish(admin)
        _key, text = keys.create_key(name=_("First key"), member=admin, scopes=all_scopes(), actor=admin)
        audit.record("company.created", tenant, actor=admin, name=name)
    return tenant, text


def _checks(name: str, slug: str, email: str) -> list[Check]:
    """What is typed, with what refuses it: the lengths are those of the table."""
    column: Callable[[str], Any] = Tenant._meta.get_field
    return [
        ("name", lambda: column("name").clean(name.strip(), None)),
        ("slug", lambda: column("slug").clean(slug, None)),
        ("email", lambda: validate_email(email)),
    ]


def _password(password: str, email: str, name: str) -> list[Check]:
    return [("password", lambda: validate_password(password, User(email=email, name=name)))]


def _check(checks: list[Check], slug: str, locale: str, timezone: str, currency: str) -> None:
    errors: dict[str, list[str]] = {}
    for field, validate in checks:
        try:
            validate()
        except ValidationError as refusal:
            errors[field] = [f"{field}: {message}" for message in refusal.messages]
    if locale not in Locale.values:
        errors["locale"] = [_("Choose one of %(choices)s.") % {"choices": ", ".join(Locale.values)}]
    if timezone not in available_timezones():
        errors["timezone"] = [_("There is no time zone %(name)s.") % {"name": timezone}]
    if currency not in list_currencies():
        errors["currency"] = [_("There is no currency %(name)s.") % {"name": currency}]
    if errors:
        raise DomainError(
            " ".join(message for messages in errors.values() for message in messages), errors=errors
        )
    if Tenant.objects.filter(slug=slug).exists():
        raise SlugTaken(_("There is a company %(slug)s already.") % {"slug": slug})
