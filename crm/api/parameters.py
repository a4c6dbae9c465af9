"""The query's names: each known, each once."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm.api.filters import names_to_ask
from crm.api.problems import UnknownName
from crm.errors import DomainError

PAGE = ("limit", "cursor", "count", "ordering")
LONGEST_SEARCH = 200


class BadParameter(DomainError):
    """A parameter whose value makes no sense."""

    code = "bad_parameter"

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message, errors={name: [message]})


def allowed(view: Any) -> set[str]:
    """Every name this action knows."""
    names = set(view.parameters.get(view.action, ()))
    if view.action == "bulk" and view.natural_key:
        names.add("by")
    if view.action in view.record_actions:
        names.add("fields")
    if view.action in view.list_actions:
        names |= {*PAGE, "fields", *names_to_ask(view.filterset()), *view.own_names()}
        if view.search is not None:
            names.add("search")
    return names


def joined(query: Any) -> Any:
    """The query with lists written as ``a=1&a=2`` as they stand elsewhere: ``a=1,2``."""
    lists = [name for name, values in query.lists() if len(values) > 1 and _is_list(name)]
    if not lists:
        return query
    query = query.copy()
    for name in lists:
        query[name] = ",".join(query.getlist(name))
    return query


def _is_list(name: str) -> bool:
    return name in ("fields", "ordering") or name.endswith("__in")


def check(view: Any, query: Any) -> None:
    """Refuse the first unknown or repeated name, and text no column can hold."""
    known = allowed(view)
    unknown = sorted(set(query) - known)
    if unknown:
        errors = {name: [_("There is no such parameter.")] for name in unknown}
        raise UnknownName(_("Unknown parameter: %(names)s") % {"names": ", ".join(unknown)}, errors=errors)
    for name, values in query.lists():
        if len(values) > 1:
            raise BadParameter(name, _("Give this parameter once."))
        if "\x00" in values[0]:
            raise BadParameter(name, _("Zero characters are not allowed."))
    if len(query.get("search", "")) > LONGEST_SEARCH:
        raise BadParameter("search", _("At most %(most)s characters.") % {"most": LONGEST_SEARCH})


def flag(query: Any, name: str) -> bool:
    """``true`` or ``false``, absent means false."""
    text = query.get(name, "false")
    if text not in ("true", "false"):
        raise BadParameter(name, _("Must be true or false."))
    return text == "true"


def keep_only(serializer: Any, names: str | None) -> None:
    """Leave the fields of ``?fields=``, refusing names that are none."""
    if names is None:
        return
    wanted = set(names.split(","))
    unknown = sorted(wanted - set(serializer.fields))
    if unknown:
        message = _("There is no such field: %(names)s") % {"names": ", ".join(unknown)}
        raise UnknownName(message, errors={"fields": [message]})
    for name in set(serializer.fields) - wanted:
        serializer.fields.pop(name)
