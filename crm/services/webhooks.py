"""Webhook endpoints: making, changing, rotating their secret, trying, replaying, and ending them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import audit
from crm.errors import Conflict, DomainError
from crm.models import Delivery, Member, Tenant, WebhookEndpoint, WebhookEvent
from crm.people.roles import Role
from crm.people.selectors import language_of
from crm.services import deliveries
from crm.services.notifications import Note, notify_many
from crm.tenancy.context import current_tenant_id
from crm.webhooks import events, outbound, types

PING = "ping"
MOST = 50
OVERLAP = timedelta(days=1)
EDITABLE = frozenset({"url", "description", "event_types", "payload", "active"})


class InvalidWebhook(DomainError):
    """The endpoint asked for cannot be made."""

    code = "invalid_webhook"
    message = gettext_lazy("This webhook cannot be saved.")


class TooManyWebhooks(Conflict):
    """A company has enough of them."""

    code = "too_many_webhooks"


@transaction.atomic
def create_webhook(*, actor: Member, **fields: Any) -> WebhookEndpoint:
    """A new endpoint, listening at once."""
    if WebhookEndpoint.objects.count() >= MOST:
        raise TooManyWebhooks(_("A company can have %(most)s webhooks.") % {"most": MOST})
    endpoint = WebhookEndpoint(created_by=actor, **_checked(fields))
    endpoint.save(force_insert=True)
    events.forget_endpoints()
    audit.record("webhook.created", endpoint, actor=actor, url=endpoint.url)
    return endpoint


@transaction.atomic
def change_webhook(*, endpoint: WebhookEndpoint, actor: Member, **fields: Any) -> WebhookEndpoint:
    """Change an endpoint; switched on again it starts with a clean record."""
    changes = _checked(fields)
    if changes.get("active") and not endpoint.active:
        changes |= {"disabled_at": None, "disabled_because": "", "failing_since": None}
    for name, value in changes.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=list(changes))
    events.forget_endpoints()
    audit.record("webhook.changed", endpoint, actor=actor, fields=sorted(fields))
    return endpoint


@transaction.atomic
def delete_webhook(*, endpoint: WebhookEndpoint, actor: Member) -> None:
    """Tell this address nothing any more; what still waits for it is given up."""
    deliveries.give_up(deliveries_of(endpoint), _("The endpoint was removed."))
    audit.record("webhook.deleted", endpoint, actor=actor, url=endpoint.url)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).delete()
    events.forget_endpoints()


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint, actor: Member) -> WebhookEndpoint:
    """A new secret; for a day both sign, so that the receiver can change over without losing anything."""
    endpoint.secret_no += 1
    endpoint.previous_until = timezone.now() + OVERLAP
    endpoint.save(update_fields=["secret_no", "previous_until"])
    audit.record("webhook.secret_rotated", endpoint, actor=actor)
    return endpoint


@transaction.atomic
def ping(*, endpoint: WebhookEndpoint, actor: Member) -> WebhookEvent:
    """Send an event that says nothing, also to an endpoint that is switched off."""
    event = WebhookEvent.objects.create(
        type=PING, subject_id=endpoint.pk, body={"data": {"id": str(endpoint.pk)}}
    )
    events.send(event, [endpoint.pk])
    audit.record("webhook.tested", endpoint, actor=actor)
    return event


@transaction.atomic
def replay(
    *,
    endpoint: WebhookEndpoint,
    actor: Member,
    events_chosen: Iterable[UUID] | None = None,
    since: datetime | None = None,
) -> int:
    """Send events again under their own ids: those chosen, or all since a moment. How many are on their way.

    Events of that time which the endpoint was not told of, since it was off or did not want them, are not made up.
    """
    found = deliveries_of(endpoint)
    if events_chosen is not None:
        found = found.filter(dedup_key__in=[f"{events.KIND}:{pk}:{endpoint.pk}" for pk in events_chosen])
        if not found.exists():
            told = _("This webhook was sent none of these events. The log names each event it was sent.")
            raise DomainError(told, errors={"events": [told]})
    if since is not None:
        found = found.filter(created_at__gte=since)
    if not endpoint.active:
        raise Conflict(_("Switch the webhook on first."))
    count = deliveries.send_again(found)
    audit.record("webhook.replayed", endpoint, actor=actor, deliveries=count)
    return count


def deliveries_of(endpoint: WebhookEndpoint) -> Any:
    """Everything that was or is to be sent to an endpoint."""
    return Delivery.objects.filter(kind=events.KIND, lane=str(endpoint.pk))


def recovered(endpoint: WebhookEndpoint) -> None:
    """It took something: whatever went wrong before is forgiven."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(failing_since=None).update(failing_since=None)


def failed(endpoint: WebhookEndpoint) -> None:
    """It did not take something. When nothing else has been heard of it for long enough, it ends."""
    now = timezone.now()
    if WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=now):
        return
    patience = timedelta(hours=settings.WEBHOOK_PATIENCE)
    worn_out = WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since__lte=now - patience)
    if worn_out.exists():
        disable(endpoint=endpoint, because=WebhookEndpoint.Disabled.FAILING)


@transaction.atomic
def disable(*, endpoint: WebhookEndpoint, because: str) -> None:
    """Switch an endpoint off and tell the administrators; what still waits for it is given up."""
    now = timezone.now()
    still_on = WebhookEndpoint.objects.listening().filter(pk=endpoint.pk)
    if not still_on.update(active=False, disabled_at=now, disabled_because=because):
        return
    deliveries.give_up(deliveries_of(endpoint), _("The endpoint was switched off."))
    events.forget_endpoints()
    audit.record("webhook.disabled", endpoint, because=str(because))
    tenant = Tenant.objects.get(pk=current_tenant_id())
    admins = Member.objects.active().filter(role=Role.ADMIN).select_related("user")
    notify_many(_note(endpoint, because, admin, tenant, now) for admin in admins)


def _note(endpoint: WebhookEndpoint, because: str, admin: Member, tenant: Tenant, at: datetime) -> Note:
    with translation.override(language_of(admin, tenant)):
        return Note(
            member=admin,
            kind="webhook.disabled",
            title=_("A webhook was switched off: %(name)s") % {"name": endpoint},
            text=str(WebhookEndpoint.Disabled(because).label),
            url=reverse("webhook", args=[endpoint.pk]),
            dedup_key=f"webhook:{endpoint.pk}:disabled:{at.timestamp():.0f}",
        )


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"Not fields of a webhook that can be set: {', '.join(sorted(unknown))}")
    errors: dict[str, list[str]] = {}
    if "url" in fields:
        fields = fields | {"url": fields["url"].strip()}
        try:
            outbound.check(fields["url"])
        except outbound.Forbidden as refusal:
            errors["url"] = [str(refusal)]
    wrong = [name for name in fields.get("event_types", ()) if types.get(name) is None]
    if wrong:
        errors["event_types"] = [_("There is no event %(name)s.") % {"name": name} for name in wrong]
    if errors:
        raise InvalidWebhook(errors=errors)
    if "event_types" in fields:
        fields = fields | {"event_types": sorted(set(fields["event_types"]))}
    return fields
