"""API keys: made once, shown once, revoked for good."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm import audit
from crm.api.scopes import all_scopes
from crm.errors import DomainError, NotAllowed
from crm.models import ApiKey, Member, Tenant
from crm.people.selectors import language_of
from crm.services.notifications import notify
from crm.tenancy import tokens

PREFIX = "tnr"


class InvalidKey(DomainError):
    """The key asked for cannot be made."""

    code = "invalid_key"


@transaction.atomic
def create_key(*, name: str, member: Member, scopes: Iterable[str], actor: Member) -> tuple[ApiKey, str]:
    """A key that acts as ``member`` within ``scopes``, and its text, which is stored nowhere.

    A key for somebody else needs the right to set the company up.
    """
    if actor.pk != member.pk and not actor.can("settings.manage"):
        raise NotAllowed
    wanted = sorted(set(scopes))
    errors = _errors(name, member, wanted)
    if errors:
        raise InvalidKey(_("The key cannot be made."), errors=errors)
    token = tokens.make(member.tenant_id)
    key = ApiKey.objects.create(name=name.strip(), member=member, scopes=wanted, secret_hash=token.hash)
    if actor.pk != member.pk:
        _tell(key, actor)
    audit.record("api_key.created", key, actor=actor, name=key.name, scopes=wanted)
    return key, token.text(PREFIX)


def _tell(key: ApiKey, actor: Member) -> None:
    """Whoever a key acts as hears of it."""
    tenant = Tenant.objects.get(pk=key.tenant_id)
    with translation.override(language_of(key.member, tenant)):
        names = {"name": actor.display_name, "key": key.name}
        notify(
            member=key.member,
            kind="security.key",
            title=_("%(name)s made an API key that acts as you: %(key)s") % names,
            text=_("It may: %(scopes)s") % {"scopes": _(", ").join(key.scopes)},
            dedup_key=f"api_key:{key.pk}",
        )


def _errors(name: str, member: Member, scopes: list[str]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not 1 <= len(name.strip()) <= 100:
        errors["name"] = [_("Give the key a name of up to 100 characters.")]
    if not member.active:
        errors["member"] = [_("This member is not active.")]
    unknown = sorted(set(scopes) - set(all_scopes()))
    if unknown:
        errors["scopes"] = [_("There is no scope %(scope)s.") % {"scope": scope} for scope in unknown]
    return errors


@transaction.atomic
def revoke_key(*, key: ApiKey, actor: Member) -> ApiKey:
    """From now on the key opens nothing. Revoking it again changes nothing."""
    if actor.pk != key.member_id and not actor.can("settings.manage"):
        raise NotAllowed
    now = timezone.now()
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        key.revoked_at = now
        audit.record("api_key.revoked", key, actor=actor, name=key.name)
    return key
