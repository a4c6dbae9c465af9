"""Two people changed the same record: who changed what, and what is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crm.answers import done, refuse, sheet
from crm.errors import DomainError, Stale
from crm.models import AuditEntry
from crm.versioned import Versioned

# Any record with a ``version`` that each saving raises.
Record = Any
CUSTOM = "custom."


@dataclass(frozen=True)
class Clash:
    """A field both changed: as it was, as the other saved it, as it was typed here."""

    label: str
    before: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Attempt:
    """Whether a form was saved, with what saving gave; else the clashes that keep it from that, if there are any."""

    saved: bool = False
    answer: Any = None
    clashes: Sequence[Clash] = ()


def edited(
    request: HttpRequest,
    form: Versioned,
    record: Record,
    title: str,
    save: Callable[..., Any],
    *,
    submit: object = "",
    **look: Any,
) -> HttpResponse:
    """The sheet that changes a record. ``save(version=…, **values)`` is asked to once nothing stands against it;
    it may give the answer itself.
    """
    attempt = attempted(form, record, save)
    if attempt.saved:
        return attempt.answer if isinstance(attempt.answer, HttpResponse) else done(_("Saved"))
    clashes = attempt.clashes
    submit = _("Keep mine") if clashes else submit or _("Save")
    look.setdefault("notice_template", "ui/clashes.html")
    return sheet(request, form, title, submit=submit, clashes=clashes, **look)


def attempted(form: Versioned, record: Record, save: Callable[..., Any]) -> Attempt:
    """Save what was sent, if it was sent, is right and undoes nobody's change; what is refused stands in the form."""
    if not (form.is_bound and form.is_valid()):
        return Attempt()
    values, clashes = merged(form, record)
    if clashes:
        form.stand_on(record.version)
        return Attempt(clashes=clashes)
    try:
        return Attempt(saved=True, answer=save(version=record.version, **values))
    except Stale:
        form.add_error(None, _("Somebody saved this record this very moment. Save once more."))
    except DomainError as error:
        refuse(form, error)
    return Attempt()


def merged(form: Versioned, saved: Record) -> tuple[dict[str, Any], list[Clash]]:
    """What to save: all of the form where nobody saved meanwhile, else what ``merge`` makes of both.

    ``Stale`` where the form stands on a version that the record never had: nobody can say what was changed since.
    """
    opened, decided = form.readings
    if not 0 < opened <= decided <= saved.version:
        raise Stale
    return (form.values, []) if opened == saved.version else merge(form, saved)


def merge(form: Versioned, saved: Record) -> tuple[dict[str, Any], list[Clash]]:
    """What this form wants on top of the record as it is now, and where it would undo another's change.

    What it undoes of a version it was decided over it undoes on purpose. Custom fields stand beside the others as
    ``custom.<key>``.
    """
    (opened, since_opened), (decided, since_decided) = (
        (version, _images_since(saved, version)) for version in form.readings
    )
    values: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    clashes = []
    for name, mine in _flat(form.values).items():
        key = _key_of(name)
        if mine == form.then(name, since_opened, opened):
            continue
        (custom if key else values)[key or name] = mine
        was, theirs = form.then(name, since_decided, decided), form.now(name)
        if theirs not in (was, mine):
            words = [form.told(name, value) for value in (was, theirs, mine)]
            clashes.append(Clash(form.label_of(name), *words))
    return values | ({"custom": custom} if custom else {}), clashes


def _key_of(name: str) -> str:
    return name.removeprefix(CUSTOM) if name.startswith(CUSTOM) else ""


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in values.items() if name != "custom"}
    return plain | {f"{CUSTOM}{key}": value for key, value in values.get("custom", {}).items()}


def _images_since(saved: Record, version: int) -> dict[str, Any]:
    """The columns changed since ``version``, as they were then; each saving raised the version by one.

    Where the history keeps versions they tell how far to go back: what changes beside a saving (an escalation, a
    clock) is an entry of its own there.
    """
    counted = "version" in type(saved).audit_hidden
    images: dict[str, Any] = {}
    left = saved.version - version
    changes = AuditEntry.objects.about(saved).filter(kind=AuditEntry.Kind.UPDATE)
    for change in changes.iterator(chunk_size=20) if left > 0 else ():
        before = change.before or {}
        images |= before
        left = left - 1 if counted else before.get("version", version + left) - version
        if left <= 0:
            break
    return images
