"""What the mail of a survey must know when it leaves, perhaps long after it was written."""

from __future__ import annotations

from uuid import UUID

from crm import mailing
from crm.models import Delivery
from feedback.services import surveys


def _why_not(delivery: Delivery) -> str:
    invitation = delivery.payload.get("invitation")
    return surveys.why_not_mailed(UUID(invitation)) if invitation else ""


mailing.ask_first(_why_not)
