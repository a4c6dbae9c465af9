"""Two people changed the same record: who changed what, and what is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import ForeignKey
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crm.answers import done, refuse, sheet
from crm.errors import DomainError, Stale
from crm.models import AuditEntry
from crm.people.selectors import company_currency
from customers.forms import Versioned
from customers.selectors.custom import field_by_key, names_of, told

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
    clashes: list[Clash] = []
    if form.is_bound and form.is_valid():
        values, clashes = merged(form, record)
        if clashes:
            form.stand_on(record.version)
        else:
            try:
                saved = save(version=record.version, **values)
                return saved if isinstance(saved, HttpResponse) else done(_("Saved"))
            except Stale:
                form.add_error(None, _("Somebody saved this record this very moment. Save once more."))
            except DomainError as error:
                refuse(form, error)
    submit = _("Keep mine") if clashes else submit or _("Save")
    look.setdefault("notice_template", "customers/_in_the_way.html")
    return sheet(request, form, title, submit=submit, clashes=clashes, **look)


def merged(form: Versioned, saved: Record) -> tuple[dict[str, Any], list[Clash]]:
    """What to save: all of the form where nobody saved meanwhile, else what ``merge`` makes of both."""
    return (form.values, []) if form.cleaned_data["version"] == saved.version else merge(form, saved)


def merge(form: Versioned, saved: Record) -> tuple[dict[str, Any], list[Clash]]:
    """What this form wants on top of the record as it is now, and where it would undo another's change.

    Custom fields stand beside the others as ``custom.<key>``.
    """
    before = _images_since(saved, form.cleaned_data["version"])
    values: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    clashes = []
    for name, mine in _flat(form.values).items():
        key = name.removeprefix(CUSTOM) if name.startswith(CUSTOM) else ""
        theirs = saved.custom.get(key) if key else getattr(saved, name)
        was = before.get(name, theirs) if key else _was(form, name, before, theirs)
        if mine == was:
            continue
        (custom if key else values)[key or name] = mine
        if theirs not in (was, mine):
            words = (
                _custom_words(form.custom_of, key, was, theirs, mine)
                if key
                else [form.told(name, value) for value in (was, theirs, mine)]
            )
            clashes.append(Clash(form.label_of(name), *words))
    return values | ({"custom": custom} if custom else {}), clashes


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in values.items() if name != "custom"}
    return plain | {f"{CUSTOM}{key}": value for key, value in values.get("custom", {}).items()}


def _custom_words(record: str, key: str, *values: Any) -> list[str]:
    field = field_by_key(record, key)
    assert field is not None
    names = names_of([field], [{key: value} for value in values])
    return [told(field, value, currency=company_currency(), names=names) for value in values]


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


def _was(form: Versioned, name: str, before: dict[str, Any], theirs: Any) -> Any:
    field = form.instance._meta.get_field(name)
    column = field.attname  # type: ignore[union-attr]
    if column not in before:
        return theirs
    if isinstance(field, ForeignKey):
        # Also who may be chosen no longer.
        return field.remote_field.model.objects.filter(pk=before[column]).first()
    value = field.to_python(before[column])  # type: ignore[union-attr]
    return "" if value is None and isinstance(theirs, str) else value
