"""What WeChat and mail bring: onto the timeline of who is known, else into the inbox."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import audit
from crm.errors import NotFound
from crm.models import Member
from crm.tenancy import tokens
from crm.tenancy.context import current_tenant_id
from customers import normalize
from customers.capture.fields import fields, read_values
from customers.inbound.mail import Mail
from customers.models import Capture, Contact, Customer, Inlet, Interaction
from customers.models.interactions import Channel
from customers.services.capture.receiving import receive
from customers.services.interactions import log_interaction

DECIDED = (Capture.State.ACCEPTED, Capture.State.MERGED)
MOST_WORDS = 9_500


def _purpose(inlet: Inlet, what: str) -> str:
    return f"inlet-{what}:{inlet.pk}"


@transaction.atomic
def save_inlet(*, inlet: Inlet | None, actor: Member | None, **fields: Any) -> Inlet:
    """Open an address for a WeChat account or a mail server, or change it."""
    inlet = inlet or Inlet()
    for name, value in fields.items():
        setattr(inlet, name, value)
    inlet.secret_hash = tokens.derive(current_tenant_id(), _purpose(inlet, "address")).hash
    inlet.save()
    audit.record("inlet.saved", inlet, actor=actor)
    return inlet


def path_of(inlet: Inlet) -> str:
    """Where it is delivered to; the same each time."""
    return f"/hooks/{inlet.kind}/{tokens.derive(inlet.tenant_id, _purpose(inlet, 'address')).text('')}/"


def wechat_token(inlet: Inlet) -> str:
    """The Token that is entered at WeChat, with which it signs its calls."""
    return tokens.derive(inlet.tenant_id, _purpose(inlet, "token")).secret[:32]


def wechat_key(inlet: Inlet) -> str:
    """The EncodingAESKey that is entered at WeChat: 43 characters for 256 bits."""
    secret = tokens.derive(inlet.tenant_id, _purpose(inlet, "key")).secret
    # 43 characters hold 258 bits: WeChat takes letters and digits alone.
    digest = hashlib.sha256(secret.encode()).digest()
    return base64.b64encode(digest, altchars=b"Zz").decode().rstrip("=")[:43]


def inlet_of(token: tokens.Token, kind: str) -> Inlet:
    """The open inlet behind an address, inside its company's context."""
    found = (
        Inlet.objects.filter(secret_hash=token.hash, kind=kind, active=True).select_related("owner").first()
    )
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def take_wechat(*, inlet: Inlet, message: dict[str, str]) -> Interaction | Capture | None:
    """A message or an event of the account; one that comes again is the one that is there, other events are nothing."""
    sender, text = message.get("FromUserName", ""), _said(message)
    if not sender or not text:
        return None
    once = f"wechat:{message.get('MsgId') or sender + message.get('CreateTime', '')}"[:100]
    at = _moment(message.get("CreateTime", ""))
    if (known := _decided_before(sender)) is not None:
        return _said_by(known, Interaction.Kind.MESSAGE, Channel.WECHAT, text, at=at, once=once)
    if (waiting := Capture.objects.waiting().filter(channel="wechat", sender=sender).first()) is not None:
        return _said_more(waiting, text, once)
    campaign = message.get("EventKey", "").removeprefix("qrscene_") or inlet.campaign
    capture, _new = receive(
        channel=Capture.Channel.WECHAT,
        given={"message": text},
        source=inlet.source or inlet.name,
        campaign=campaign,
        context={"sender": sender, "heard": [once]},
        external_id=once,
        owner=inlet.owner,
        received_at=at,
        sender=sender,
    )
    return capture


def _said(message: dict[str, str]) -> str:
    """What a message says, in words; "" for what says nothing."""
    kind = message.get("MsgType", "")
    if kind == "text":
        return message.get("Content", "")[:MOST_WORDS]
    if kind == "voice":
        return message.get("Recognition", "") or _("A voice message")
    if kind == "event":
        return _("Follows the account now") if message.get("Event", "").lower() == "subscribe" else ""
    words = {
        "image": _("A picture"),
        "video": _("A video"),
        "shortvideo": _("A video"),
        "location": message.get("Label", "") or _("A place"),
    }
    return words.get(kind, "") or " ".join(filter(None, (message.get("Title"), message.get("Url"))))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _decided_before(sender: str) -> Customer | None:
    """The customer that something of this sender's was accepted as."""
    rows = Capture.objects.filter(sender=sender, state__in=DECIDED, customer__deleted_at=None)
    last = rows.exclude(customer=None).select_related("customer").order_by("-received_at").first()
    return last.customer if last else None


def _said_more(capture: Capture, text: str, once: str) -> Capture:
    """What somebody who waits already says besides."""
    held = Capture.objects.select_for_update(of=("self",)).get(pk=capture.pk)
    heard = held.context.get("heard", [])
    if once in heard:
        return held
    held.values["message"] = f"{held.values.get('message', '')}\n{text}"[:MOST_WORDS]
    held.context["heard"] = [*heard, once][-200:]
    held.save(update_fields=["values", "context"])
    return held


@transaction.atomic
def take_mail(*, inlet: Inlet | None, mail: Mail) -> Interaction | Capture | None:
    """Onto the timeline of the one customer with this address, else into the inbox; what programs send is nothing."""
    if mail.by_program:
        return None
    customer, contact = _with_address(mail.address)
    once = f"mail:{hashlib.sha256(mail.message_id.encode()).hexdigest()}" if mail.message_id else ""
    if customer is not None:
        return _said_by(
            customer,
            Interaction.Kind.EMAIL,
            Channel.EMAIL,
            mail.words,
            at=mail.sent_at,
            once=once,
            contact=contact,
        )
    given = {"name": mail.name, "email": mail.address, "message": mail.words}
    if read_values(given, fields())[1]:  # an address nobody could answer to is kept as words
        given = {"message": f"{mail.name} <{mail.address}>\n\n{mail.words}"}
    capture, _new = receive(
        channel=Capture.Channel.MAIL,
        given=given,
        source=(inlet.source or inlet.name) if inlet else _("Mail"),
        campaign=inlet.campaign if inlet else "",
        context={"subject": mail.subject, "sender": mail.address},
        external_id=once,
        owner=inlet.owner if inlet else None,
        received_at=mail.sent_at,
        sender=normalize.email_norm(mail.address),
    )
    return capture


def _with_address(address: str) -> tuple[Customer | None, Contact | None]:
    """The one customer with this address, its own or a contact's; of more than one nobody is meant."""
    norm = normalize.email_norm(address)
    contacts = list(
        Contact.objects.filter(email_norm=norm, customer__deleted_at=None).select_related("customer")[:2]
    )
    found = {one.customer_id: one.customer for one in contacts}
    found |= {one.pk: one for one in Customer.objects.living().filter(email_norm=norm)[:2]}
    if len(found) != 1:
        return None, None
    (customer,) = found.values()
    return customer, contacts[0] if len(contacts) == 1 else None


def _said_by(
    customer: Customer,
    kind: str,
    channel: str,
    text: str,
    *,
    at: datetime | None,
    once: str,
    contact: Contact | None = None,
) -> Interaction:
    """On the timeline, once."""
    there = Interaction.objects.filter(external_id=once).first() if once else None
    if there is not None:
        return there
    said = log_interaction(
        customer=customer,
        actor=None,
        kind=kind,
        channel=channel,
        direction=Interaction.Direction.IN,
        happened_at=at,
        contact=contact,
        text=text,
    )
    if once:
        Interaction.objects.filter(pk=said.pk).update(external_id=once)
    return said
