"""What people decide about a pair."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from crm import audit
from crm.models import Member
from customers.errors import AlreadyDecided
from customers.models import Duplicate


@transaction.atomic
def tell_apart(*, duplicate: Duplicate, actor: Member | None) -> Duplicate:
    """These two are not one: the pair is never proposed again."""
    status = Duplicate.Status.NOT_DUPLICATE
    _decide(duplicate, Duplicate.Status.OPEN, status=status, decided_at=timezone.now(), decided_by=actor)
    for side in (duplicate.left, duplicate.right):
        audit.record("duplicate.dismissed", side, actor=actor, pair=str(duplicate.pk))
    return duplicate


@transaction.atomic
def propose_again(*, duplicate: Duplicate, actor: Member | None) -> Duplicate:
    """Take back that two are not one."""
    _decide(
        duplicate,
        Duplicate.Status.NOT_DUPLICATE,
        status=Duplicate.Status.OPEN,
        decided_at=None,
        decided_by=None,
    )
    audit.record("duplicate.reopened", duplicate.left, actor=actor, pair=str(duplicate.pk))
    return duplicate


def _decide(duplicate: Duplicate, was: str, **changes: object) -> None:
    if not Duplicate.objects.filter(pk=duplicate.pk, status=was).update(**changes):
        raise AlreadyDecided
    for name, value in changes.items():
        setattr(duplicate, name, value)
