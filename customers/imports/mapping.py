"""Which column is which field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from crm.models import Member
from customers.duplicates.writing import fold
from customers.imports.beside import CONTACT_PREFIX, headings_beside
from customers.imports.errors import MappingRefused
from customers.imports.fields import FIELDS, field_of, fields_for
from customers.imports.reading import Row
from customers.models import Customer

# The fields by which a file's rows may be known, beside the ids that our own exports write down.
KEYS = {
    "customers": ("external_id", "email", "phone", "name"),
    "contacts": ("name", "email"),
    "products": ("code",),
    "purchases": ("order_no",),
    "interactions": ("external_id", "happened_at"),
    "visits": ("happened_at",),
    "contracts": ("number", "title"),
}


def guess(kind: str, header: list[str]) -> dict[str, str]:
    """``{column: field}`` for the columns whose heading names a field; each field at most once."""
    meaning = _meaning(kind)
    if "contact_name" in {meaning.get(_bare(column)) for column in header}:
        meaning |= {_bare(heading): name for heading, name in headings_beside(kind)}
    found: dict[str, str] = {}
    for column in header:
        field_name = meaning.get(_bare(column), "")
        if field_name and field_name not in found.values() and column not in found:
            found[column] = field_name
    return found


def _meaning(kind: str) -> dict[str, str]:
    """By bare heading the field it means; a person's ways are the customer's own where no contact is named."""
    beside = {name for _heading, name in headings_beside(kind)}
    fields = [field for field in fields_for(kind) if field.name not in beside]
    known = [(name, field.name) for field in fields for name in (field.name, str(field.label))]
    known += [(name, field.name) for field in fields for name in field.names]
    meaning: dict[str, str] = {}
    for name, field_name in known:
        meaning.setdefault(_bare(name), field_name)
    return meaning


def head_of(kind: str, first: Sequence[Row]) -> int:
    """The line that names the columns, among a file's first rows: titles and notes may stand above it.

    The row in which the most headings mean a field; where fewer than two do, the first row, or below a lone title
    the first that is filled about as widely as the rest.
    """
    if not first:
        return 0
    known = {line: len(guess(kind, [cell.strip() for cell in row])) for line, row in first}
    filled = {line: sum(bool(cell.strip()) for cell in row) for line, row in first}
    best = max(known, key=lambda line: (known[line], -line))
    top, widest = first[0][0], max(filled.values())
    if known[best] >= 2 and known[best] > known[top]:
        return best
    if filled[top] == 1 and widest > 2:
        return next(line for line in filled if 2 * filled[line] >= widest)
    return top


def resolve(kind: str, header: list[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The guess, overruled by ``wanted`` (``{column: field}``; an empty field leaves a column out)."""
    for column, name in wanted.items():
        if column not in header:
            raise MappingRefused(_("The file has no column “%(column)s”.") % {"column": column})
        if name and field_of(kind, name) is None:
            known = ", ".join(field.name for field in fields_for(kind))
            raise MappingRefused(
                _("There is no field “%(field)s”. There are: %(known)s.") % {"field": name, "known": known}
            )
    taken = {name for name in wanted.values() if name}
    guessed = {c: name for c, name in guess(kind, header).items() if c not in wanted and name not in taken}
    mapping = {**guessed, **{column: name for column, name in wanted.items() if name}}
    _refuse_doubles(mapping)
    _refuse_missing(kind, mapping.values())
    return mapping


def refuse_key(kind: str, key: str, names: Iterable[str]) -> None:
    """A key that rows of this kind cannot be known by, or that the file lacks, would make every row a new record."""
    known = (*KEYS[kind], "record_id")
    if key and key not in known:
        given = {"field": key, "known": ", ".join(known)}
        message = _("Records cannot be known by “%(field)s”. Choose one of: %(known)s.") % given
        raise MappingRefused(message, errors={"key": [message]})
    if key and key not in set(names):
        message = _("Records are to be known by “%(field)s”, but no column is mapped to it.") % {"field": key}
        raise MappingRefused(message, errors={"key": [message]})


def _refuse_doubles(mapping: Mapping[str, str]) -> None:
    fields = list(mapping.values())
    for name in fields:
        if fields.count(name) > 1:
            raise MappingRefused(_("Two columns are mapped to “%(field)s”.") % {"field": name})


def _refuse_missing(kind: str, names: Iterable[str]) -> None:
    missing = [field for field in FIELDS[kind] if field.required and field.name not in set(names)]
    if kind == "customers" and {"external_id", "email", "phone"} & set(names):
        missing = []  # an update of known customers needs no name
    if kind == "customers" and "contact_name" not in set(names):
        missing += [f for f in fields_for(kind) if f.name == "contact_name" and _of_contact(names)]
    if kind == "products" and "code" in set(names):
        missing = []
    if missing:
        raise MappingRefused(
            _("No column is mapped to %(fields)s. Map one with COLUMN=FIELD.")
            % {"fields": ", ".join(f"“{field.name}”" for field in missing)},
            errors={field.name: [_("Choose a column.")] for field in missing},
        )
    if kind == "purchases" and not {"amount", "unit_price"} & set(names):
        raise MappingRefused(_("A purchase needs an amount, or a quantity and a unit price."))


def _of_contact(names: Iterable[str]) -> bool:
    return any(name.startswith(CONTACT_PREFIX) for name in names)


def template_of(kind: str, member: Member) -> tuple[list[str], list[str]]:
    """The header of a file of this kind, and an example row that can be brought in as it is: what names a member names
    ``member``, what speaks of a customer the first whom they see and who has an external id."""
    fields = [field for field in fields_for(kind) if field.offered]
    examples = {"member": member.email}
    if any(field.refers == "customer" for field in fields):
        seen = (
            Customer.objects.living().visible_to(member).exclude(external_id="").order_by("created_at", "pk")
        )
        examples["customer"] = seen.values_list("external_id", flat=True).first() or ""
    return [field.name for field in fields], [
        field.example or examples.get(field.refers or field.reads, "") for field in fields
    ]


def _bare(name: str) -> str:
    """A heading in one way of writing, simplified or traditional; of signs alone nothing is left."""
    return fold(name).replace(" ", "")
