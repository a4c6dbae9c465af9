"""Two people changed the same record: who changed what, and what is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm.models import AuditEntry
from customers.forms import ContactForm, CustomerForm
from customers.models import Contact, Customer

Form = CustomerForm | ContactForm
Record = Customer | Contact


@dataclass(frozen=True)
class Clash:
    """A field both changed: as it was, as the other saved it, as it was typed here."""

    label: str
    before: str
    theirs: str
    mine: str


def merged(form: Form, saved: Record) -> tuple[dict[str, Any], list[Clash]]:
    """What to save: all of the form where nobody saved meanwhile, else what ``merge`` makes of both."""
    given = form.cleaned_data["version"] or saved.version
    return (form.values, []) if given == saved.version else merge(form, saved)


def merge(form: Form, saved: Record) -> tuple[dict[str, Any], list[Clash]]:
    """What this form wants on top of the record as it is now, and where it would undo another's change."""
    before = _images_since(saved, form.cleaned_data["version"])
    values: dict[str, Any] = {}
    clashes = []
    for name, mine in form.values.items():
        theirs = getattr(saved, name)
        was = _was(form, name, before, theirs)
        if mine == was:
            continue
        values[name] = mine
        if theirs not in (was, mine):
            clashes.append(
                Clash(
                    str(form.fields[name].label),
                    _words(saved, name, was),
                    _words(saved, name, theirs),
                    _words(saved, name, mine),
                )
            )
    return values, clashes


def _images_since(saved: Record, version: int) -> dict[str, Any]:
    """The columns changed since ``version``, as they were then; each saving raised the version by one."""
    changes = AuditEntry.objects.about(saved).filter(kind=AuditEntry.Kind.UPDATE)[
        : max(0, saved.version - version)
    ]
    images: dict[str, Any] = {}
    for change in changes:
        images |= change.before or {}
    return images


def _was(form: Form, name: str, before: dict[str, Any], theirs: Any) -> Any:
    column = "owner_id" if name == "owner" else name
    if column not in before:
        return theirs
    value = form.fields[name].to_python(before[column])
    return "" if value is None and isinstance(theirs, str) else value


def _words(saved: Record, name: str, value: Any) -> str:
    choices = getattr(saved._meta.get_field(name), "choices", None)
    return str(dict(choices).get(value, value)) if choices else "" if value is None else str(value)
