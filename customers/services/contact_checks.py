"""What the night asks for: the owners of the dearest customers see to an address that mail comes back from, and to
contact data that nobody has confirmed for long; once for each cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm import audit
from crm.formats import date_text
from crm.ids import uuid7
from crm.models import Member, Tenant
from crm.people.selectors import language_of
from crm.tenancy.context import current_tenant_id
from crm.webhooks import events
from customers import classes
from customers.models import Contact, ContactCheck, Customer, FollowUp, MailBounce, UpkeepPolicy
from customers.models.upkeep import ContactCheckQuerySet
from customers.selectors.bounces import Bounced, bounced_of
from customers.selectors.owners import chief
from customers.selectors.upkeep import bouncing, is_stale, items_of, policy, stale_before
from customers.services.follow_ups import refresh_next_step

DEAREST = 1
# Old data is asked for a few customers at a time: an owner with hundreds is not to be buried.
MOST_STALE = 5
STALE_WITHIN = timedelta(days=7)
MORNING = time(10)
SATURDAY = 5


@dataclass(frozen=True)
class Cause:
    """Why the owner of a customer is asked; ``key`` tells it from every other."""

    customer: UUID
    key: str
    due_at: datetime
    bounced: Bounced | None = None
    known_on: str = ""


@transaction.atomic
def keep_checks(at: datetime) -> int:
    """Ask the owners for what needs them and has not been asked yet, as the company wants it; how many were asked.

    What was mended meanwhile is let go first. Run twice, or in two places at once, it asks once.
    """
    let_go(ContactCheck.objects.all(), at=at)
    rules = policy()
    dearest = [word.code for word in classes.words().values() if word.rank == DEAREST]
    if rules.follow_ups == UpkeepPolicy.FollowUps.NEVER or not dearest:
        return 0
    tenant = Tenant.objects.get(pk=current_tenant_id())
    rows = _unasked(dearest)
    made = _ask(list(_bouncing(rows, tenant, at)), tenant, at)
    if rules.follow_ups == UpkeepPolicy.FollowUps.ALL:
        made += _ask(list(_stale(_unasked(dearest), rules, tenant, at)), tenant, at)
    if made:
        audit.record("contact_checks.made", None, follow_ups=made)
    return made


@transaction.atomic
def let_go(checks: ContactCheckQuerySet, *, at: datetime | None = None) -> int:
    """Close those of the open follow-ups whose reason is gone: the address is another or works, the data is confirmed.

    Should the reason come back, it is asked for anew; what was closed at one moment ``ask_again`` opens.
    """
    at = at or timezone.now()
    stale = Customer.objects.filter(is_stale(policy(), at), pk=OuterRef("customer"))
    still = (Q(cause__startswith="bounce:") & _still_bounces()) | (
        Q(cause__startswith="stale:") & Q(Exists(stale))
    )
    waiting = checks.standing().filter(follow_up__isnull=False, follow_up__closed_at=None)
    idle = list(waiting.exclude(still).values_list("pk", "follow_up", "customer"))
    if not idle:
        return 0
    FollowUp.objects.filter(pk__in=[follow_up for _pk, follow_up, _customer in idle]).update(
        closed_at=at,
        outcome=FollowUp.Outcome.SKIPPED,
        result=_("The contact data was changed or confirmed."),
        version=F("version") + 1,
    )
    ContactCheck.objects.filter(pk__in=[pk for pk, _follow_up, _customer in idle]).update(dropped_at=at)
    refresh_next_step([customer for _pk, _follow_up, customer in idle])
    audit.record("contact_checks.dropped", None, follow_ups=len(idle))
    return len(idle)


@transaction.atomic
def ask_again(checks: ContactCheckQuerySet, *, dropped_at: datetime) -> int:
    """Open those follow-ups that ``let_go`` closed at that moment, unless the same was asked for anew meanwhile."""
    anew = ContactCheck.objects.standing().filter(customer=OuterRef("customer"), cause=OuterRef("cause"))
    gone = checks.filter(~Exists(anew.order_by()), dropped_at=dropped_at, follow_up__closed_at=dropped_at)
    back = list(gone.values_list("pk", "follow_up", "customer"))
    FollowUp.objects.filter(pk__in=[follow_up for _pk, follow_up, _customer in back]).update(
        closed_at=None, outcome="", result="", version=F("version") + 1
    )
    ContactCheck.objects.filter(pk__in=[pk for pk, _follow_up, _customer in back]).update(dropped_at=None)
    refresh_next_step([customer for _pk, _follow_up, customer in back])
    return len(back)


def _still_bounces() -> Q:
    """The address of the check is marked, and the customer or one of its contacts still has it."""
    same: dict[str, Any] = {"email_norm": OuterRef("bounce__email_norm")}
    own = Customer.objects.filter(pk=OuterRef("customer"), **same)
    people = Contact.objects.filter(customer=OuterRef("customer"), **same)
    marks = MailBounce.objects.standing().filter(**same)
    return Q(Exists(marks.order_by())) & (Q(Exists(own.order_by())) | Q(Exists(people.order_by())))


def _unasked(dearest: list[str]) -> Any:
    """Customers of the dearest classes, without those whose owner is being asked already, by whomever."""
    asked = FollowUp.objects.filter(
        customer=OuterRef("pk"), closed_at=None, origin=FollowUp.Origin.UPKEEP
    ).order_by()
    return Customer.objects.accepted().filter(~Exists(asked), stats__class_code__in=dearest).order_by()


def _bouncing(rows: Any, tenant: Tenant, at: datetime) -> Iterator[Cause]:
    """One cause for each customer whose own address, or that of its first contact, is marked."""
    ids = list(rows.filter(pk__in=bouncing()).values_list("pk", flat=True))
    known = set(ContactCheck.objects.standing().filter(customer__in=ids).values_list("customer", "cause"))
    due_at = _due_at(tenant, at)
    for pk, found in bounced_of(ids).items():
        first = [one for one in found if one.contact is None or one.contact.primary]
        causes = [Cause(pk, f"bounce:{one.bounce.pk}", due_at, bounced=one) for one in first]
        yield from [cause for cause in causes if (pk, cause.key) not in known][:1]


def _stale(rows: Any, rules: UpkeepPolicy, tenant: Tenant, at: datetime) -> Iterator[Cause]:
    """The dearest of each owner's customers with old data, as many as the owner has room for."""
    lately = ContactCheck.objects.standing().filter(
        customer=OuterRef("pk"), cause__startswith="stale:", made_at__gte=stale_before(rules, at)
    )
    old = rows.filter(is_stale(rules, at), ~Exists(lately), owner__active=True)
    place = Window(RowNumber(), partition_by=[F("owner")], order_by=[F("stats__spend").desc(), F("pk")])
    found = old.annotate(place=place).filter(place__lte=MOST_STALE).order_by("owner", "place")
    open_ones = ContactCheck.objects.standing().filter(
        cause__startswith="stale:", follow_up__isnull=False, follow_up__closed_at=None
    )
    held = Counter(open_ones.values_list("follow_up__owner", flat=True))
    chosen = []
    for pk, owner in found.values_list("pk", "owner"):
        if held[owner] < MOST_STALE:
            held[owner] += 1
            chosen.append(pk)
    due_at = _due_at(tenant, at + STALE_WITHIN)
    for item in items_of(chosen, at=at):
        yield Cause(item.pk, f"stale:{item.known_on}", due_at, known_on=date_text(item.known_on))


def _ask(causes: list[Cause], tenant: Tenant, at: datetime) -> int:
    """A follow-up for each cause that nobody asks for at this moment; whose customer has no owner, of the lead."""
    customers = Customer.objects.select_related("owner__user").in_bulk([cause.customer for cause in causes])
    otherwise = chief()
    promised: dict[UUID, FollowUp] = {}
    checks = []
    for cause in causes:
        customer = customers[cause.customer]
        owner = customer.owner if customer.owner and customer.owner.active else otherwise
        if owner is not None:
            one = _follow_up(cause, customer, owner, tenant, at)
            promised[one.pk] = one
            bounce = cause.bounced.bounce if cause.bounced else None
            checks.append(
                ContactCheck(customer=customer, cause=cause.key, bounce=bounce, follow_up=one, made_at=at)
            )
    ContactCheck.objects.bulk_create(checks, ignore_conflicts=True, batch_size=500)
    # Whoever was quicker holds the key: only what is tied to a check of ours is promised.
    ours = ContactCheck.objects.filter(follow_up__in=list(promised)).order_by()
    made = [promised[pk] for pk in ours.values_list("follow_up", flat=True)]
    FollowUp.objects.bulk_create(made, batch_size=500)
    refresh_next_step([one.customer_id for one in made])
    events.emit_many("follow_up.scheduled", [one.pk for one in made])
    return len(made)


def _follow_up(cause: Cause, customer: Customer, owner: Member, tenant: Tenant, at: datetime) -> FollowUp:
    with translation.override(language_of(owner, tenant)), timezone.override(tenant.zone):
        subject, reason = _words(cause, customer)
    return FollowUp(
        id=uuid7(),
        customer=customer,
        owner=owner,
        subject=subject[:200],
        reason=reason,
        due_at=cause.due_at,
        first_due_at=cause.due_at,
        origin=FollowUp.Origin.UPKEEP,
        created_at=at,
    )


def _words(cause: Cause, customer: Customer) -> tuple[str, str]:
    if cause.bounced is None:
        subject = _("Check the contact data of %(name)s") % {"name": customer.name}
        return subject, _("Nobody has confirmed it since %(day)s") % {"day": cause.known_on}
    person = cause.bounced.contact or customer
    subject = _("Check the e-mail address of %(name)s") % {"name": person.name}
    return subject, _("E-mail %(why)s") % {"why": cause.bounced.text}


def _due_at(tenant: Tenant, at: datetime) -> datetime:
    """Ten in the morning of the next working day."""
    day = tenant.today(at) + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, tenant.zone)
