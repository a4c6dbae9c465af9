"""Companies: opening one."""

from __future__ import annotations

from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
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
    _check(slug, locale, timezone, currency, admin_email)
    tenant = Tenant.objects.create(name=name, slug=slug, locale=locale, timezone=timezone, currency=currency)
    user = User.objects.filter(email__iexact=admin_email).first() or User.objects.create_user(
        admin_email, password, name=admin_name, language=locale
    )
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


def _check(slug: str, locale: str, timezone: str, currency: str, email: str) -> None:
    errors: dict[str, list[str]] = {}
    for field, value, validate in (("slug", slug, validate_slug), ("email", email, validate_email)):
        try:
            validate(value)
        except ValidationError as refusal:
            errors[field] = list(refusal.messages)
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
