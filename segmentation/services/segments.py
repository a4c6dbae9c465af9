"""Saved rules: who is meant, counted live."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F

from crm.audit import services as audit
from crm.errors import Stale
from crm.models import Member
from segmentation import criteria
from segmentation.errors import NameTaken, RuleHidden
from segmentation.models import Segment


@transaction.atomic
def create_segment(*, name: str, given: Any, actor: Member | None, description: str = "") -> Segment:
    """Save a rule under a name of its own."""
    rule = criteria.to_keep(given)
    _require_free(name)
    segment = Segment.objects.create(
        name=name, description=description, criteria=rule.to_json(), created_by=actor
    )
    audit.record("segment.created", segment, actor=actor)
    return segment


@transaction.atomic
def save_segment(*, segment: Segment, version: int, actor: Member, **fields: Any) -> Segment:
    """Change name, description or criteria; whoever saves an older version, or is masked what it asks, is refused."""
    if "criteria" in fields:
        if segment.hidden:
            raise RuleHidden
        fields["criteria"] = criteria.to_keep(fields["criteria"], before=segment.rule).to_json()
    if "name" in fields:
        _require_free(fields["name"], but=segment)
    if not Segment.objects.filter(pk=segment.pk, version=version).update(**fields, version=F("version") + 1):
        raise Stale
    segment.refresh_from_db()
    audit.record("segment.changed", segment, actor=actor)
    return segment


@transaction.atomic
def delete_segment(*, segment: Segment, actor: Member) -> None:
    audit.record("segment.deleted", segment, actor=actor, name=segment.name)
    segment.delete()


def _require_free(name: str, but: Segment | None = None) -> None:
    taken = Segment.objects.filter(name=name)
    if (taken.exclude(pk=but.pk) if but else taken).exists():
        raise NameTaken(errors={"name": [str(NameTaken.message)]})
