"""Pairs that may be one customer, as people read them, and who is like somebody who is just being entered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.formats import number_text
from crm.models import AuditEntry, Job, Member
from customers.duplicates.engine import compare_with, level_of
from customers.duplicates.records import Given
from customers.models import Contact, Customer, Duplicate, Import
from customers.models.customers import CustomerQuerySet
from customers.normalize import email_norm, name_norm, phone_norm, pinyin_of
from customers.selectors.search import customer_hits

SIZE = 25
COUNTED = 1_000
SEARCH = "find_duplicates"
"""The kind of the jobs that search."""
MOST_SHARING = 100  # one name, address or number: of more, none is likely
_FIELDS = {
    "name": gettext_lazy("Name"),
    "given": gettext_lazy("Given name"),
    "family": gettext_lazy("Family name"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "site": gettext_lazy("Website"),
    "birthday": gettext_lazy("Birthday"),
    "gender": gettext_lazy("Gender"),
    "address": gettext_lazy("Address"),
    "number": gettext_lazy("House number"),
    "place": gettext_lazy("Place"),
}
_LEVELS = {
    "same": gettext_lazy("the same"),
    "sounds": gettext_lazy("sounds the same"),
    "close": gettext_lazy("almost the same"),
    "near": gettext_lazy("similar"),
    "like": gettext_lazy("hardly alike"),
    "short": gettext_lazy("short for it"),
    "initials": gettext_lazy("its initials"),
    "brand": gettext_lazy("same brand, another place or trade"),
    "local": gettext_lazy("same before the @"),
    "domain": gettext_lazy("same domain"),
    "end": gettext_lazy("same but for the country's code"),
    "swapped": gettext_lazy("day and month swapped"),
    "slip": gettext_lazy("one slip away"),
    "part": gettext_lazy("one holds the other"),
    "both": gettext_lazy("the same"),
    "city": gettext_lazy("same city"),
    "city_near_code": gettext_lazy("same city"),
    "postcode": gettext_lazy("same postcode"),
    "region": gettext_lazy("same region"),
    "other": gettext_lazy("differs"),
}


@dataclass(frozen=True)
class Reason:
    """How one field agrees. ``tone`` is good (speaks for one customer), bad (against) or plain."""

    text: str
    tone: str


def reasons_of(reasons: Any) -> list[Reason]:
    """In words; what speaks for it first."""
    if not isinstance(reasons, Mapping):
        return []
    found = [
        Reason(
            _("%(field)s: %(level)s")
            % {"field": _FIELDS.get(field, field), "level": _LEVELS.get(level, level)},
            "bad" if level == "other" else "plain" if level in ("like", "region", "brand") else "good",
        )
        for field, level in reasons.items()
    ]
    return sorted(found, key=lambda reason: ("good", "plain", "bad").index(reason.tone))


@dataclass(frozen=True)
class Pair:
    """A pair with the two side by side. ``rows`` are (label, left, right, whether they agree)."""

    duplicate: Duplicate
    reasons: list[Reason]
    rows: list[tuple[str, str, str, bool]]


_SHOWN = ("email", "phone", "birthday", "address", "city", "website", "external_id", "owner")


def pairs_of(duplicates: Iterable[Duplicate]) -> list[Pair]:
    return [Pair(one, reasons_of(one.reasons), _rows(one.left, one.right)) for one in duplicates]


def _rows(left: Customer, right: Customer) -> list[tuple[str, str, str, bool]]:
    found = []
    for name in _SHOWN:
        label = str(Customer._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        one, two = (str(getattr(side, name) or "") for side in (left, right))
        if one or two:
            found.append((label[:1].upper() + label[1:], one, two, _plain(left, name) == _plain(right, name)))
    return found


def _plain(side: Customer, name: str) -> str:
    """A value without what is only its writing: two ways to write one number are no difference."""
    return str(getattr(side, f"{name}_norm", "") or getattr(side, name) or "")


def _open_rows(member: Member, brought_by: Import | None) -> Any:
    rows = Duplicate.objects.open().visible_to(member)
    if brought_by is None:
        return rows
    made = AuditEntry.objects.filter(request_id=brought_by.pk, kind=AuditEntry.Kind.INSERT)
    return rows.filter(Q(left__in=made.values("subject_id")) | Q(right__in=made.values("subject_id")))


def open_pairs(
    member: Member, *, level: str = "", after: str = "", brought_by: Import | None = None
) -> tuple[list[Duplicate], str]:
    """A page of undecided pairs, the most probable first, and where the next page begins; of an import only those
    with a customer it made."""
    rows = _open_rows(member, brought_by)
    if level in Duplicate.Level.values:
        rows = rows.filter(level=level)
    probability, _comma, pk = after.partition(",")
    with suppress(ValueError):
        last = float(probability)
        rows = rows.filter(Q(probability__lt=last) | Q(probability=last, pk__gt=UUID(pk)))
    sides = ("left__owner", "right__owner")
    found = list(rows.select_related(*sides).order_by("-probability", "pk")[: SIZE + 1])
    page = found[:SIZE]
    return page, f"{page[-1].probability!r},{page[-1].pk}" if len(found) > SIZE else ""


def open_counts(member: Member, *, brought_by: Import | None = None) -> dict[str, int]:
    """How many undecided pairs there are of each level, counted no further than one above ``COUNTED``."""
    rows = _open_rows(member, brought_by)
    return {level: rows.filter(level=level).at_most(COUNTED + 1) for level in Duplicate.Level.values}


def last_search() -> Job | None:
    """The newest search that came to its end."""
    return Job.objects.filter(kind=SEARCH, state=Job.State.DONE).order_by("-created_at").first()


def told_pairs(job: Job) -> str:
    """What a search found, in a sentence."""
    pairs, new = job.result.get("pairs", 0), job.result.get("new")
    text = ngettext("%(count)s pair may be one customer.", "%(count)s pairs may be one customer.", pairs)
    text %= {"count": number_text(pairs)}
    if pairs and new is not None:
        words = ngettext("%(count)s of them is new.", "%(count)s of them are new.", new)
        words = words % {"count": number_text(new)} if new else _("None of them is new.")
        text = f"{text} {words}"
    return text


def duplicates_of(customer: Customer, member: Member) -> list[tuple[Duplicate, Customer]]:
    """Whom this customer may be, the most probable first."""
    rows = Duplicate.objects.open().about(customer).visible_to(member).select_related("left", "right")
    return [(one, one.right if one.left_id == customer.pk else one.left) for one in rows[:5]]


@dataclass(frozen=True)
class Candidate:
    """A customer that may be the one who is being entered; ``contact`` names the person there it is known by.

    ``same`` where its own name, address or number is the very one.
    """

    customer: Customer
    probability: float
    level: str
    reasons: dict[str, str]
    contact: str = ""
    same: bool = False

    @property
    def told(self) -> list[Reason]:
        return [reason for reason in reasons_of(self.reasons) if reason.tone == "good"]


def candidates(
    member: Member | None, *, exclude: UUID | None = None, most: int = 5, **entered: Any
) -> list[Candidate]:
    """Living customers like what is being entered, the most probable first: by one indexed query per key.

    Of those the member may see; ``None`` stands for nobody in particular, for whom all are looked at.
    Same address, number or name is always told; what the search finds else, where it is probable.
    """
    email, phone = email_norm(entered.get("email") or ""), phone_norm(entered.get("phone") or "")
    name = name_norm(entered.get("name") or "")
    living = Customer.objects.living().exclude(pk=exclude).select_related("owner")
    living = living.visible_to(member) if member else living
    found, shared = _having({"email": email, "phone": phone, "name": name}, living, most)
    if name and (pinyin := pinyin_of(name)[0]):
        found |= {one.pk: one for one in living.filter(pinyin=pinyin).order_by("pk")[:most]}
    exact = set(found)
    if len(name) > 1 and (hits := customer_hits(name, most=2 * most)):
        found |= {one.pk: one for one in living.filter(pk__in=hits)}
    contacts = _contacts(living, email, phone, most)
    found |= {contact.customer_id: contact.customer for contact in contacts}
    met = {contact.customer_id: contact.name for contact in contacts}
    judged = _judged(entered | {"phone": phone}, list(found.values()), met, shared)
    told = [one for one in judged if one.customer.pk in exact | set(met) or _is_worth_telling(one)]
    kept = sorted(told, key=lambda one: (not one.same, -one.probability))[:most]
    return sorted(kept, key=lambda one: -one.probability)


def _is_worth_telling(one: Candidate) -> bool:
    """Probable, or called almost the same: whoever types a name wrong wants to hear of it."""
    names = [one.reasons[name] for name in ("name", "given", "family") if name in one.reasons]
    return one.probability >= 0.5 or (bool(names) and set(names) <= {"same", "sounds", "short", "close"})


def _having(
    entered: Mapping[str, str], living: CustomerQuerySet, most: int
) -> tuple[dict[UUID, Customer], dict[UUID, dict[str, int]]]:
    """Who has one of these values exactly, and of each: which, and how many have it."""
    found: dict[UUID, Customer] = {}
    shared: dict[UUID, dict[str, int]] = {}
    for key, value in entered.items():
        if value:
            having = living.filter(**{f"{key}_norm": value})
            some = {one.pk: one for one in having.order_by("pk")[:most]}
            count = len(some) if len(some) < most else having.at_most(MOST_SHARING)
            found |= some
            shared |= {pk: shared.get(pk, {}) | {key: count} for pk in some}
    return found, shared


def _contacts(living: Any, email: str, phone: str, most: int) -> list[Contact]:
    found: list[Contact] = []
    for column, value in (("email_norm", email), ("phone_norm", phone)):
        if value:
            rows = Contact.objects.filter(**{column: value}, customer__in=living.order_by().values("pk"))
            found += list(rows.select_related("customer")[:most])
    return found


def _judged(
    entered: Mapping[str, Any],
    found: list[Customer],
    met: Mapping[UUID, str],
    shared: Mapping[UUID, dict[str, int]],
) -> list[Candidate]:
    if not found:
        return []
    birthday = entered.get("birthday")
    new = Given(
        **{
            name: entered.get(name) or ""
            for name in (
                "name",
                "email",
                "phone",
                "website",
                "address",
                "city",
                "postcode",
                "region",
                "gender",
            )
        },
        birthday=_digits(birthday if isinstance(birthday, date) else None),
    )
    personal = entered.get("kind") == Customer.Kind.PERSON or bool(new.birthday) or bool(new.gender)
    judged = compare_with(
        personal, new, [_given(one) for one in found], [shared.get(one.pk, {}) for one in found]
    )
    return [
        Candidate(one, round(chance, 3), level_of(chance), reasons, met.get(one.pk, ""), one.pk in shared)
        for one, (chance, reasons) in zip(found, judged, strict=True)
    ]


def _given(one: Customer) -> Given:
    return Given(
        one.name, one.email, one.phone_norm, one.website, one.address, one.city, one.postcode, one.region,
        _digits(one.birthday), one.gender,
    )  # fmt: skip


def _digits(birthday: date | None) -> int:
    return birthday.year * 10_000 + birthday.month * 100 + birthday.day if birthday else 0
