"""Lines of a file that look like an earlier one: told, and made contacts of its customer where that is asked."""

from __future__ import annotations

from customers.imports.beside import CONTACT_PREFIX
from customers.models import Import
from customers.services.imports.work import ALIKE, Counts, Work

SHOWN = 20
# Whoever gives a line an id says that it is another company; two people may share a name.
_MEANT = (
    "(r.fate IS NULL OR r.fate = 'repeat') AND r.name IS NOT NULL AND r.external_id IS NULL AND r.record_id IS NULL "
    "AND coalesce(r.kind, 'company') = 'company' AND r.gender IS NULL AND r.birthday IS NULL"
)
_OTHER = {
    way: f"r.{way}_norm IS DISTINCT FROM h.{way}_norm AND r.{way} IS NOT NULL" for way in ("email", "phone")
}
_ALSO = {
    "email": "r.email_norm = h.email_norm",
    "phone": "r.phone_norm = h.phone_norm",
    "website": "lower(r.website) = lower(h.website)",
    "address": "lower(r.address) = lower(h.address)",
}


def settle(work: Work, counts: Counts) -> None:
    """Find the lines without an id that share a company's name with another, their head; tell of the first in
    ``counts``. Where the import asks for one customer of each name, they join it as contacts."""
    _find(work)
    counts.alike = work.ask(f"SELECT count(*) FROM {ALIKE}")[0][0]
    if not counts.alike:
        return
    also = ", ".join(f"CASE WHEN {same} THEN '{name}' END" for name, same in _ALSO.items())
    counts.first_alike = [
        {"line": line, "like": like, "name": name, "same": same}
        for line, like, name, same in work.ask(f"""
            SELECT r.line, h.line, r.name, array_remove(ARRAY[{also}], NULL) FROM {ALIKE} a
            JOIN import_row r ON r.line = a.line JOIN import_row h ON h.line = a.head ORDER BY r.line LIMIT {SHOWN}""")
    ]
    if work.import_.alike == Import.Alike.ONE:
        _join(work)


def _find(work: Work) -> None:
    """Of the lines of one name the first that is known is the head, else the first."""
    other = " OR ".join(f"({test})" for test in _OTHER.values())
    work.run(f"""
        CREATE TEMPORARY TABLE {ALIKE} ON COMMIT DROP AS
        SELECT r.line, h.line AS head FROM (
            SELECT (array_agg(r.line ORDER BY r.fate IS NOT NULL, r.target_id IS NULL, r.line))[1] AS line
            FROM import_row r WHERE {_MEANT} GROUP BY r.name_norm HAVING count(*) > 1
        ) g JOIN import_row h ON h.line = g.line AND h.fate IS NULL
        JOIN import_row r ON r.name_norm = h.name_norm AND r.line <> h.line AND {_MEANT}
        WHERE r.target_id IS NULL AND (r.fate IS NULL OR {other})""")


def _join(work: Work) -> None:
    """The ways to reach a line's company that are not the head's become a contact's, named by them where the line
    names nobody; a line that says nothing more is one too many."""
    own = {way: f"CASE WHEN {other} THEN r.{way} END" for way, other in _OTHER.items()}
    norm = {way: f"CASE WHEN {other} THEN r.{way}_norm END" for way, other in _OTHER.items()}
    to = {
        "name": f"coalesce(r.{CONTACT_PREFIX}name, {own['email']}, {own['phone']})",
        "name_norm": f"coalesce(r.{CONTACT_PREFIX}name_norm, {norm['email']}, lower({own['phone']}))",
        **{way: f"coalesce(r.{CONTACT_PREFIX}{way}, {own[way]})" for way in own},
        **{f"{way}_norm": f"coalesce(r.{CONTACT_PREFIX}{way}_norm, {norm[way]})" for way in own},
    }
    sets = ", ".join(f"{CONTACT_PREFIX}{name} = {sql}" for name, sql in to.items())
    work.run(f"""
        UPDATE import_row r SET head = h.line, {sets},
            fate = CASE WHEN {to["name"]} IS NULL THEN 'repeat' ELSE 'joins' END
        FROM {ALIKE} a JOIN import_row h ON h.line = a.head WHERE r.line = a.line""")
