"""What mail to customers' addresses must know and tell: which are marked, and which a server refused at once."""

from __future__ import annotations

from crm import mailing
from crm.models import Delivery
from customers.inbound.bounces import refusal
from customers.services import bounces


def _why_not(delivery: Delivery) -> str:
    """What readers may stop is sent of our own accord: not to an address that bounced."""
    return bounces.why_not(delivery.address) if delivery.payload.get("stop_url") else ""


def _refused(delivery: Delivery, code: int, words: str) -> None:
    bounces.take_refusal(refusal(delivery.address, code, words), delivery=delivery)


mailing.ask_first(_why_not)
mailing.tell_refusals(_refused)
