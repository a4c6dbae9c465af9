"""Taking in what somebody outside sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from crm import audit
from crm.models import Member
from customers.capture.fields import Field, fields, read_values, title_of
from customers.capture.parts import Values, compared
from customers.capture.templates import asked_by
from customers.errors import NothingCaptured, WrongCapture
from customers.models import Capture, CaptureTemplate
from customers.selectors.duplicates import Candidate, candidates


@transaction.atomic
def receive(
    *,
    channel: str,
    given: Values,
    actor: Member | None = None,
    source: str = "",
    campaign: str = "",
    context: Values | None = None,
    external_id: str = "",
    owner: Member | None = None,
    received_at: datetime | None = None,
    template: CaptureTemplate | None = None,
    sender: str = "",
) -> tuple[Capture, bool]:
    """Keep what was given for a reviewer; tells whether it is new.

    What comes again under the same ``external_id`` of a channel is the capture that is there already. Wrong
    values are refused by name, and so is what says nothing at all. A ``template`` says which fields there are and
    which are needed, and gives what is not said otherwise.
    """
    values, errors = read_values(given, *_wanted(template))
    if errors:
        raise WrongCapture(errors={f"values.{name}": told for name, told in errors.items()})
    if not title_of(values):
        raise NothingCaptured
    found = candidates(None, **compared(values))
    sure = [one for one in found if one.level == "certain"]
    if template is not None:
        source, campaign = source or template.source, campaign or template.campaign
        owner = owner or template.owner
    capture = Capture(
        channel=channel,
        template=template,
        external_id=external_id,
        sender=sender,
        source=source.strip()[:100],
        campaign=campaign.strip()[:100],
        title=title_of(values),
        values=values,
        context=dict(context or {}),
        candidates=[_kept(one) for one in found],
        customer=sure[0].customer if len(sure) == 1 else None,
        owner=owner,
        received_at=received_at or timezone.now(),
    )
    try:
        with transaction.atomic():
            capture.save(force_insert=True)
    except IntegrityError as error:
        if "capture_external_id_once" not in str(error):
            raise
        return Capture.objects.get(channel=channel, external_id=external_id), False
    audit.record("capture.received", capture, actor=actor)
    return capture, True


def _wanted(template: CaptureTemplate | None) -> tuple[dict[str, Field], dict[str, bool]]:
    if template is None:
        return fields(), {}
    asked = asked_by(template)
    return {one.name: one.field for one in asked}, {one.name: one.required for one in asked}


def _kept(one: Candidate) -> dict[str, Any]:
    return {
        "customer": str(one.customer.pk),
        "probability": one.probability,
        "level": one.level,
        "reasons": one.reasons,
        "contact": one.contact,
    }
