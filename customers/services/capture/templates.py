"""Making and changing what is to be collected, and what visitors send by it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import audit
from crm.errors import NotFound
from crm.models import Member
from crm.tenancy import tokens
from crm.tenancy.context import current_tenant_id
from customers.models import Capture, CaptureTemplate
from customers.services.capture.receiving import receive

PREFIX = "c"
BEGINNING = ("name", "email", "phone", "message")


def _purpose(template: CaptureTemplate) -> str:
    return f"capture-template:{template.pk}"


@transaction.atomic
def save_template(
    *, template: CaptureTemplate | None, actor: Member | None, **fields: Any
) -> CaptureTemplate:
    """Make a template or change it."""
    template = template or CaptureTemplate(fields=[{"name": name} for name in BEGINNING])
    for name, value in fields.items():
        setattr(template, name, value)
    template.secret_hash = tokens.derive(current_tenant_id(), _purpose(template)).hash
    template.save()
    audit.record("capture_template.saved", template, actor=actor)
    return template


@transaction.atomic
def delete_template(*, template: CaptureTemplate, actor: Member | None) -> None:
    """Take it away with its page and its hook; what came by it stays, and so does the way back."""
    rows = CaptureTemplate.objects.living().filter(pk=template.pk)
    if not rows.update(deleted_at=timezone.now()):
        raise NotFound
    audit.record("capture_template.deleted", template, actor=actor)


@transaction.atomic
def restore_template(*, template: CaptureTemplate, actor: Member | None) -> CaptureTemplate:
    """Bring it back under the same address."""
    if not CaptureTemplate.objects.deleted().filter(pk=template.pk).update(deleted_at=None):
        raise NotFound
    template.refresh_from_db()
    audit.record("capture_template.restored", template, actor=actor)
    return template


def path_of(template: CaptureTemplate) -> str:
    """The address visitors open; the same each time."""
    return f"/f/{tokens.derive(template.tenant_id, _purpose(template)).text(PREFIX)}/"


def template_of(token: tokens.Token) -> CaptureTemplate:
    """The open template behind a link, inside its company's context."""
    found = (
        CaptureTemplate.objects.living()
        .filter(secret_hash=token.hash, active=True)
        .select_related("owner")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def _hook(template: CaptureTemplate) -> tokens.Token:
    """Apart from the page's: who may post without the page must have been told this one."""
    return tokens.derive(template.tenant_id, f"capture-hook:{template.pk}")


def hook_path_of(template: CaptureTemplate) -> str:
    """Where a program, such as the form of another maker, posts what was filled in."""
    return f"/hooks/form/{_hook(template).text('')}/"


def hooked(token: tokens.Token) -> CaptureTemplate:
    """The open template that a program posts to, inside its company's context."""
    for template in CaptureTemplate.objects.living().filter(active=True).select_related("owner"):
        if hmac.compare_digest(_hook(template).hash, token.hash):
            return template
    raise NotFound


def submit(
    *, template: CaptureTemplate, given: Mapping[str, Any], context: Mapping[str, str], once: str
) -> Capture:
    """What a visitor filled in; the same form sent twice is one capture (``once`` names it).

    Marks of the campaign in ``context`` (utm_source, utm_campaign) say where it came from, where the template does not.
    """
    capture, _new = receive(
        channel=Capture.Channel.FORM,
        template=template,
        given=given,
        source=template.source or context.get("utm_source", ""),
        campaign=context.get("utm_campaign", ""),
        context={name: value for name, value in context.items() if value},
        external_id=once,
    )
    return capture
