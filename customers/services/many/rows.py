"""A socket: the records to which something can be done together. An app names its own in ``jobs.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from django.db import models

from crm.errors import NotAllowed, NotFound
from crm.models import AuditEntry, Member
from customers.services.many.passing import Passing, tell_given, tell_taken


@dataclass(frozen=True)
class Deed:
    """What is done, by its name, and with what; values are as JSON holds them."""

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def params(self) -> dict[str, Any]:
        """As a job keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class Rows:
    """Records of one kind.

    ``seen`` are those a member may act on, ``asked`` those of them that an address asks for. ``check`` gives a
    deed with its values as they are kept, or refuses it; ``apply`` does it to some records and gives how many changed.
    ``told`` says that so many changed, ``words`` has that of some deeds. An undoing puts ``columns`` back; then
    ``mend`` makes right what hangs on the records. Who may do the deeds of ``rights`` needs more than ``capability``.
    Records that a deed deletes are brought back by ``revive``, which gives those that live again. ``passes``
    says how whoever gets them is told.
    """

    name: str
    model: type[models.Model]
    capability: str
    columns: tuple[str, ...]
    seen: Callable[[Member], Any]
    asked: Callable[[Mapping[str, str], Member], Any]
    check: Callable[[Deed], Deed]
    apply: Callable[[Deed, Sequence[UUID], Member], int]
    told: Callable[[int], str]
    mend: Callable[[Sequence[AuditEntry]], None]
    rights: Mapping[str, str] = field(default_factory=dict)
    revive: Callable[[Sequence[AuditEntry]], set[UUID]] | None = None
    words: Mapping[str, Callable[[int], str]] = field(default_factory=dict)
    passes: Passing | None = None

    def tell(self, kind: str, count: int) -> str:
        """That a deed of that kind was done to so many."""
        return self.words.get(kind, self.told)(count)

    def allow(self, deed: Deed, actor: Member) -> None:
        """Refuse a deed that the actor may not do."""
        if not actor.can(self.rights.get(deed.kind, self.capability)):
            raise NotAllowed

    @property
    def change_job(self) -> str:
        return f"change_{self.name}"

    @property
    def undo_job(self) -> str:
        return f"undo_change_{self.name}"

    def notify(self, deed: Deed, actor: Member | None) -> None:
        """Tell whom it concerns, once all of a deed is done."""
        if self.passes is not None and deed.kind == self.passes.deed and deed.values["owner"]:
            tell_given(self.passes, owner=Member.objects.filter(pk=deed.values["owner"]).first(), actor=actor)

    def notify_undone(self, done: UUID, actor: Member) -> None:
        """Tell whom it concerns, once all that a request or job did is taken back."""
        if self.passes is not None:
            tell_taken(self.passes, done=done, actor=actor)


_known: dict[str, Rows] = {}


def register(rows: Rows) -> Rows:
    if _known.setdefault(rows.name, rows) != rows:
        raise ValueError(f"rows {rows.name!r} are registered twice")
    return rows


def rows_named(name: str) -> Rows:
    """The records of that name, or ``NotFound``."""
    if name not in _known:
        raise NotFound
    return _known[name]
