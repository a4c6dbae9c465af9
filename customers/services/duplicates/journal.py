"""The journal of a merge: every cell that changed, with what stood there before, and the way back.

Which tables hang on a customer is read from the models, so that a new table is covered by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models
from django.db.models import Exists, Max, OuterRef, Q

from crm.tenancy.context import current_tenant_id
from customers.models import Customer, CustomerValue, Duplicate, Merge, MergeStep

Image = dict[str, Any]
AT_ONCE = 5_000
# The column of custom fields, each of which is a cell of its own.
OWN = "custom"
# Decided by the merge itself, or kept by triggers from a column that it writes.
_OWN = (Duplicate, Merge, MergeStep, CustomerValue)


def relations() -> Iterator[models.ForeignKey]:
    """Every reference to a customer that follows it into a merge; what is keyed by the customer stays behind."""
    for model in apps.get_models(include_auto_created=True):
        if model in _OWN or model._meta.proxy:
            continue
        for reference in model._meta.local_fields:
            if not isinstance(reference, models.ForeignKey) or reference.primary_key:
                continue
            if reference.related_model is Customer:
                yield reference


def image(model: type[models.Model], pk: Any, columns: Iterable[str]) -> Image:
    """What stands in some columns of a row, as JSON."""
    names = list(columns)
    pairs = ", ".join(f"'{name}', {_quoted(name)}" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT jsonb_build_object({pairs})::text FROM {_quoted(model._meta.db_table)} "
            f"WHERE tenant_id = %s::uuid AND {_key(model)} = %s::uuid",
            [str(current_tenant_id()), str(pk)],
        )
        row = cursor.fetchone()
    return dict(json.loads(row[0])) if row else {}


def columns_of(model: type[models.Model]) -> list[str]:
    return [
        str(field.column)
        for field in model._meta.local_fields
        if not field.primary_key and field.name != "tenant" and not field.generated
    ]


@dataclass
class Journal:
    """Writes down what a merge changes, in order; ``written`` steps stand already."""

    merge: Merge
    written: int = 0
    steps: list[MergeStep] = field(default_factory=list)

    def note(self, model: type[models.Model], rows: Sequence[Any], before: Image, after: Image) -> None:
        """Cells that changed, the same in all ``rows``."""
        changed = [name for name in before if before[name] != after.get(name)]
        if rows and changed:
            self.steps.append(
                MergeStep(
                    merge=self.merge,
                    position=self.written + len(self.steps) + 1,
                    model=model._meta.label_lower,
                    rows=[str(pk) for pk in rows],
                    before={name: before[name] for name in changed},
                    after={name: after[name] for name in changed},
                )
            )

    def watch(self, rows: Iterable[models.Model]) -> Watched:
        """Remember the rows as they stand; leaving the block notes what became of them."""
        return Watched(self, [(type(row), row.pk) for row in rows])

    def move(self, reference: models.ForeignKey, source: UUID, target: UUID) -> int:
        """Point the rows of one customer at another. What the other has already, and may have once, stays."""
        rows = reference.model._base_manager.filter(**{reference.name: source})
        flags = [flag for flag, clashing in _clashes(reference, rows, target) if flag and clashing.exists()]
        stays = Q()
        for flag, clashing in _clashes(reference, rows, target):
            stays |= Q() if flag else Q(pk__in=list(clashing.values_list("pk", flat=True)))
        moving = rows.exclude(stays) if stays else rows
        count = 0
        for flag in flags:
            count += self._set(reference, moving.filter(**{flag: True}), source, target, flag)
        return count + self._set(reference, moving, source, target)

    def _set(
        self, reference: models.ForeignKey, rows: Any, source: UUID, target: UUID, flag: str = ""
    ) -> int:
        column = reference.column
        before: dict[str, Any] = {column: str(source)}
        after: dict[str, Any] = {column: str(target)}
        changes: dict[str, Any] = {reference.attname: target}
        if flag:
            before, after, changes = before | {flag: True}, after | {flag: False}, changes | {flag: False}
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            reference.model._base_manager.filter(pk__in=some).update(**changes)
            self.note(reference.model, some, before, after)
        return len(ids)

    def write(self) -> None:
        MergeStep.objects.bulk_create(self.steps, batch_size=500)


@dataclass
class Watched:
    journal: Journal
    rows: list[tuple[type[models.Model], Any]]

    def __enter__(self) -> None:
        self._before = [image(model, pk, columns_of(model)) for model, pk in self.rows]

    def __exit__(self, failed: object, *_rest: object) -> None:
        if failed is None:
            for (model, pk), before in zip(self.rows, self._before, strict=True):
                self.journal.note(model, [pk], before, image(model, pk, before))


def follow(merge: Merge, source: UUID) -> None:
    """What came to hang on ``source`` after it was merged away goes where the merge led, and back with it."""
    last = merge.steps.aggregate(last=Max("position"))["last"] or 0
    journal = Journal(merge, written=last)
    for reference in relations():
        journal.move(reference, source, merge.survivor_id)
    journal.write()


def _clashes(reference: models.ForeignKey, rows: Any, target: UUID) -> Iterator[tuple[str, Any]]:
    """For each uniqueness the reference is part of, the rows that the target has a counterpart of.

    Where it means "one of them bears the flag", the flag's name comes with them: such a row moves without it.
    """
    for rule in reference.model._meta.constraints:
        if not isinstance(rule, models.UniqueConstraint) or reference.name not in rule.fields:
            continue
        others = [name for name in rule.fields if name not in ("tenant", reference.name)]
        condition = rule.condition or Q()
        there = reference.model._base_manager.filter(condition, **{reference.name: target})
        there = there.filter(**{name: OuterRef(name) for name in others})
        yield _flag(rule) if not others else "", rows.filter(condition).filter(Exists(there))


def _flag(rule: models.UniqueConstraint) -> str:
    children = rule.condition.children if rule.condition else []
    if len(children) == 1 and isinstance(children[0], tuple) and children[0][1] is True:
        return str(children[0][0])
    return ""


def take_back(step: MergeStep) -> list[dict[str, Any]]:
    """Put back what stands as the merge left it; gives the cells that were changed or removed since."""
    model = apps.get_model(step.model)
    columns = list(step.before)
    if not columns:
        return []
    left = set(step.rows) - _restore(model, step.rows, columns, step.before, step.after)
    kept = []
    for pk in sorted(left):
        changed = [name for name in columns if not _restore(model, [pk], [name], step.before, step.after)]
        if OWN in changed:
            changed.remove(OWN)
            changed += _own_changed(step, model, pk)
        rest = [name for name in changed if not _rebase(step, pk, name)]
        if rest:
            kept.append({"model": step.model, "id": pk, "columns": rest})
    return kept


def _own_changed(step: MergeStep, model: type[models.Model], pk: str) -> list[str]:
    """Put back each custom field that stands as the merge left it; gives those that do not, as ``custom.<key>``."""
    now = image(model, pk, [OWN]).get(OWN, {})
    before, after = step.before[OWN], step.after[OWN]
    written = sorted(key for key in before | after if before.get(key) != after.get(key))
    back = {key: before.get(key) for key in written if now.get(key) == after.get(key)}
    fresh = {key: value for key, value in (now | back).items() if value is not None}
    if back:
        _restore(model, [pk], [OWN], {OWN: fresh}, {OWN: now})
    return [f"{OWN}.{key}" for key in written if key not in back]


def _restore(
    model: type[models.Model], rows: Sequence[str], columns: Sequence[str], before: Image, after: Image
) -> set[str]:
    """Set the columns back in those rows in which all of them stand as the merge left them."""
    table, key = _quoted(model._meta.db_table), f"t.{_key(model)}"
    parts = {name: f"{_quoted(name)} = old.{_quoted(name)}" for name in columns}
    same = " AND ".join(f"t.{_quoted(name)} IS NOT DISTINCT FROM new.{_quoted(name)}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {', '.join(parts.values())} "
            f"FROM jsonb_populate_record(NULL::{table}, %s::jsonb) old, "
            f"jsonb_populate_record(NULL::{table}, %s::jsonb) new "
            f"WHERE t.tenant_id = %s::uuid AND {key} = ANY (%s::uuid[]) AND {same} RETURNING {key}::text",
            [json.dumps(before), json.dumps(after), str(current_tenant_id()), list(rows)],
        )
        return {row[0] for row in cursor.fetchall()}


def _rebase(step: MergeStep, pk: str, name: str) -> bool:
    """Where a later merge wrote over the cell, let that one lead back to what stood before this one."""
    later = MergeStep.objects.filter(
        merge__undone_at=None, merge__merged_at__gt=step.merge.merged_at, model=step.model, rows=[pk]
    ).order_by("merge__merged_at", "position")
    for other in later:
        held = _cell(other.before, name)
        if held == _cell(step.after, name) and held != _cell(other.after, name):
            _put(other.before, name, _cell(step.before, name))
            other.save(update_fields=["before"])
            return True
    return False


def _cell(image_: Image, name: str) -> Any:
    """A column's value in an image, or a custom field's by ``custom.<key>``."""
    column, _dot, key = name.partition(".")
    return image_.get(column, {}).get(key) if key else image_.get(column)


def _put(image_: Image, name: str, value: Any) -> None:
    column, _dot, key = name.partition(".")
    if key:
        given = image_[column] | {key: value}
        image_[column] = {key: value for key, value in given.items() if value is not None}
    else:
        image_[column] = value


def _key(model: type[models.Model]) -> str:
    return _quoted(str(model._meta.pk.column))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def cells(kept: Iterable[Mapping[str, Any]]) -> int:
    """How many cells were left alone."""
    return sum(len(one["columns"]) for one in kept)
