"""What customers say: entered by us, or written by them on a public form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm import audit
from crm.errors import NotFound, Stale
from crm.models import Member, Tenant
from crm.people.selectors import language_of
from crm.services.notifications import notify
from crm.tenancy import tokens
from crm.tenancy.context import current_tenant_id
from customers import normalize
from customers.models import Contact, Customer
from feedback.models import Feedback, FeedbackForm
from feedback.services import tickets

MOST_TOLD = 300


@transaction.atomic
def record_feedback(
    *,
    text: str,
    actor: Member | None,
    customer: Customer | None = None,
    type: str = Feedback.Type.PROBLEM,
    open_ticket: bool = False,
    received_at: datetime | None = None,
    **fields: Any,
) -> Feedback:
    """Keep what was said; ``open_ticket`` makes somebody solve it. Assigned to the customer's owner unless said."""
    if customer is not None:
        fields.setdefault("assigned_to", customer.owner)
    feedback = Feedback.objects.create(
        customer=customer,
        type=type,
        text=text,
        entered_by=actor,
        received_at=received_at or timezone.now(),
        **fields,
    )
    audit.record("feedback.received", feedback, actor=actor)
    _tell_owner(feedback, actor)
    if open_ticket and customer is not None:
        subject = fields.get("topic") or text.strip().splitlines()[0][:80]
        tickets.open_ticket(
            customer=customer,
            subject=subject,
            description=text,
            owner=feedback.assigned_to,
            feedback=feedback,
            actor=actor,
            opened_at=feedback.received_at,
        )
    return feedback


@transaction.atomic
def change_feedback(
    *, feedback: Feedback, actor: Member, version: int | None = None, **fields: Any
) -> Feedback:
    """Sort it: customer, type, topic, sentiment, who handles it."""
    found = Feedback.objects.filter(pk=feedback.pk)
    if version is not None:
        found = found.filter(version=version)
    if not found.update(version=F("version") + 1, **fields):
        raise Stale
    feedback.refresh_from_db()
    audit.record("feedback.changed", feedback, actor=actor)
    if "customer" in fields:
        _tell_owner(feedback, actor)
    return feedback


def _tell_owner(feedback: Feedback, actor: Member | None) -> None:
    """The customer's owner hears of it once, unless it was the owner who wrote it down."""
    owner = feedback.customer.owner if feedback.customer else None
    if feedback.customer is None or owner is None or owner == actor or not owner.active:
        return
    with translation.override(language_of(owner, Tenant.objects.get(pk=current_tenant_id()))):
        told = {"customer": feedback.customer.name, "kind": feedback.get_type_display()}
        notify(
            member=owner,
            kind="feedback.new",
            title=_("%(customer)s says something: %(kind)s") % told,
            text=feedback.text[:MOST_TOLD],
            url=reverse("customers:record", args=[feedback.customer_id]),
            dedup_key=f"feedback:{feedback.pk}",
        )


@transaction.atomic
def handle_feedback(*, feedback: Feedback, actor: Member, handled: bool = True) -> Feedback:
    """Mark it dealt with, or take that back."""
    feedback.handled_at = timezone.now() if handled else None
    Feedback.objects.filter(pk=feedback.pk).update(handled_at=feedback.handled_at, version=F("version") + 1)
    audit.record("feedback.handled" if handled else "feedback.reopened", feedback, actor=actor)
    return feedback


def _purpose(form: FeedbackForm) -> str:
    return f"feedback-form:{form.pk}"


@transaction.atomic
def save_form(*, form: FeedbackForm | None, actor: Member, **fields: Any) -> FeedbackForm:
    """Make or change a public form."""
    form = form or FeedbackForm()
    for name, value in fields.items():
        setattr(form, name, value)
    form.secret_hash = tokens.derive(current_tenant_id(), _purpose(form)).hash
    form.save()
    audit.record("feedback_form.saved", form, actor=actor)
    return form


def path_of(form: FeedbackForm) -> str:
    """The address customers open; the same each time."""
    return f"/f/{tokens.derive(form.tenant_id, _purpose(form)).text('')}/"


def form_of(token: tokens.Token) -> FeedbackForm:
    """The open form behind a link, inside its company's context."""
    form = FeedbackForm.objects.filter(secret_hash=token.hash, active=True).first()
    if form is None:
        raise NotFound
    return form


@transaction.atomic
def submit_form(*, form: FeedbackForm, text: str, type: str, name: str, email: str, phone: str) -> Feedback:
    """What a customer wrote. Known by e-mail or phone, a problem becomes a ticket at once."""
    customer = _customer_of(email, phone)
    return record_feedback(
        text=text,
        type=type,
        actor=None,
        customer=customer,
        channel="web",
        form=form,
        sender_name=name,
        sender_email=email,
        sender_phone=phone,
        sentiment=Feedback.Sentiment.NEGATIVE
        if type == Feedback.Type.PROBLEM
        else Feedback.Sentiment.NEUTRAL,
        open_ticket=type == Feedback.Type.PROBLEM,
    )


def _customer_of(email: str, phone: str) -> Customer | None:
    """The one customer with this address or number, its own or a contact's; more than one is nobody."""
    found: set[Any] = set()
    for column, value in (
        ("email_norm", normalize.email_norm(email)),
        ("phone_norm", normalize.phone_norm(phone)),
    ):
        if value:
            found |= set(Customer.objects.living().filter(**{column: value}).values_list("pk", flat=True)[:2])
            contacts = Contact.objects.filter(customer__deleted_at=None, **{column: value})
            found |= set(contacts.values_list("customer_id", flat=True)[:2])
    return Customer.objects.select_related("owner").get(pk=found.pop()) if len(found) == 1 else None
