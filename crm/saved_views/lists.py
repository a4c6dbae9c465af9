"""A socket: which lists can have saved views. An app names its own in ``lists.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from crm.errors import DomainError, NotFound
from crm.filtering.catalogue import Catalogue
from crm.people.roles import ALL_CAPABILITIES

# Names of an address that say where one is in a list, not what it shows.
_PLACE = frozenset({"cursor", "page", "view", "sort", "columns", "cols"})
# Names of an address that say which rows are chosen.
_CHOICE = frozenset({"ids", "all"})


class WrongView(DomainError):
    """The list does not know a filter, an order or a column; ``errors`` names them."""

    code = "invalid"
    message = _("The list knows no such view.")


@dataclass(frozen=True)
class ListKind:
    """A list at ``url_name``, seen with ``<area>.view``; who holds ``<area>.manage`` shares with everyone.

    ``check(filters, sort, columns)`` gives messages by name for what the list does not know. A list with a
    ``catalogue`` is asked ``where=`` of its fields; of its ``columns`` the first is always shown.
    """

    key: str
    label: str | Promise
    url_name: str
    area: str
    check: Callable[[Mapping[str, str], str, Sequence[str]], dict[str, list[str]]]
    catalogue: Catalogue | None = None
    columns: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    @property
    def capability(self) -> str:
        return f"{self.area}.view"

    @property
    def manage(self) -> str:
        return f"{self.area}.manage"


_lists: dict[str, ListKind] = {}


def register(kind: ListKind) -> ListKind:
    for capability in (kind.capability, kind.manage):
        if capability not in ALL_CAPABILITIES:
            raise LookupError(f"No such capability: {capability}")
    if _lists.setdefault(kind.key, kind) != kind:
        raise ValueError(f"list {kind.key!r} is registered twice")
    return kind


def list_of(key: str) -> ListKind:
    """The list of that name, or ``NotFound``."""
    if key not in _lists:
        raise NotFound
    return _lists[key]


def all_lists() -> list[ListKind]:
    return list(_lists.values())


def discover() -> None:
    autodiscover_modules("lists")


def asked(query: Mapping[str, str]) -> tuple[dict[str, str], str, list[str]]:
    """An address's filters, its order and its columns."""
    filters = {name: value for name, value in query.items() if name not in _PLACE and value}
    return filters, query.get("sort", ""), in_address(query)


def in_address(query: Mapping[str, str]) -> list[str]:
    """The columns that an address holds, in its order."""
    return [key for key in query.get("cols", "").split(".") if key]


def list_at(url_name: str) -> ListKind | None:
    """The list whose page is at ``url_name``."""
    return next((kind for kind in _lists.values() if kind.url_name == url_name), None)


def left_out(kind: ListKind, query: Mapping[str, str]) -> list[str]:
    """Names of an address that are no filters of the list, so that its page shows more than they ask for."""
    filters, _sort, _columns = asked(query)
    return [*kind.check({name: "" for name in filters if name != "where" and name not in _CHOICE}, "", ())]


def refuse_unknown(kind: ListKind, query: Mapping[str, str]) -> None:
    """Refuse a deed on all that match, or a file of it, where the address asks for what the list does not know: it
    would reach more records than somebody thinks.
    """
    filters, _sort, _columns = asked(query)
    errors = kind.check({name: value for name, value in filters.items() if name not in _CHOICE}, "", ())
    if errors:
        told = _("The list does not know what the address asks for (%(names)s). Nothing was done.")
        raise DomainError(told % {"names": ", ".join(errors)}, errors=errors)
