"""Records that are one row each: matched by a key, made where new, changed where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from customers.imports.fields import PREFIX
from customers.models import Import
from customers.services.imports import alike, unknown
from customers.services.imports.confirming import note_changes
from customers.services.imports.owners import handed_to
from customers.services.imports.work import ASIDE, SAME, TOUCHED, Counts, Work

REASONS = {
    "repeat": _("The same key as an earlier row; only the first was taken."),
    "unknown": unknown.REASON,
    "new": _("There is no such record to update."),
    "nameless": _("A new record needs a name."),
    "lacking": _("A new record needs this field."),
    "several": _("Several records have this key; it is not clear which is meant."),
    "taken": _("Another record has this external id."),
    "deleted": _("The record was deleted. Restore it first."),
    "backwards": _("It ends before it begins."),
    "endless": _("The day it ends is missing."),
    "dayless": _("The day of the next step is missing."),
    "ownerless": _("Nobody is named for the next step, and the customer has no owner."),
    "no_rate": _("The value in your own currency is needed too (value_home)."),
    "contactless": _("A new contact needs a name."),
    "withdrawn": _("This consent was taken back. Name the day on which it was given anew."),
}

Key = tuple[tuple[str, str], ...]
# Their indexes leave blanks out: a statement that does not is answered without them.
_UNBLANK = frozenset({"c.external_id", "c.email_norm", "c.phone_norm"})


class Cell(NamedTuple):
    """A target column's value: the field it comes from, SQL over the staged row ``r`` (NULL where nothing is
    given), and what a new record gets then. ``change`` is what a known record gets, where that is more than ``sql``."""

    field: str
    sql: str
    otherwise: str
    change: str = ""


@dataclass(frozen=True)
class Records:
    """How one kind is staged and written.

    ``columns`` of fields the file lacks are never changed. ``keys`` says for each possible key what must
    be equal between the staged row ``r`` and the target ``c``; ``fallback`` matches rows without that key.
    ``needs_own`` maps the keys of custom fields that a new record must have to their labels; ``refers`` are keys of
    those that hold a customer, which the staged row names by its external id. ``refuses`` gives for a fate the SQL over
    the staged row and the record it means (columns NULL where it is new) that leads to it. ``asides`` write what stands
    beside the record in the same row, the lines of which they leave in ``ASIDE``, and count what they made. A further
    row with the key of an earlier one, its ``head``, is none too many where it ``joins`` (SQL): the asides take it.
    ``staged`` is the table of the staged rows. Where several records have the key of a row, as many rows with it
    are these, if they come in ``twins``.
    """

    table: str
    definition: str
    columns: Mapping[str, Cell]
    keys: Mapping[str, Key]
    fallback: Key = ()
    of_customers: bool = False
    unique: str = ""
    needs: str = ""
    deletable: bool = False
    versioned: bool = False
    fixed: Mapping[str, str] = field(default_factory=dict)
    needs_own: Mapping[str, str] = field(default_factory=dict)
    refers: tuple[str, ...] = ()
    refuses: Mapping[str, str] = field(default_factory=dict)
    staged: str = "import_row"
    twins: bool = False
    joins: str = ""
    asides: tuple[Callable[[Work], Mapping[str, int]], ...] = ()

    def key_for(self, work: Work) -> str:
        """The key asked for, or the surest one the file has."""
        if work.import_.key in self.keys:
            return work.import_.key
        return next((key for key in self.keys if key in work.fields), next(iter(self.keys)))


def write(records: Records, work: Work) -> Counts:
    """Match, make and change what is staged, in a handful of statements however many rows there are."""
    counts = Counts()
    made = counts.made
    if records.of_customers:
        made["customers"] = _settle_customers(work)
        counts.waiting = unknown.waiting(work)
    matched = _find_settled(records, work)
    if records.table == "customers_customer":
        alike.settle(work, counts)
    _judge(records, work)
    if records.joins:
        _follow_heads(work)
    reasons = REASONS | {f"{PREFIX}{own}": unknown.REASON for own in records.refers}
    repeats = work.ask("SELECT count(*) FROM import_row WHERE fate = 'repeat'")[0][0]
    joined = work.ask("SELECT count(*) FROM import_row WHERE fate = 'joins'")[0][0] if records.joins else 0
    work.rejects.rows += work.reject(reasons) - repeats
    counts.handed = handed_to(work)
    counts.created = insert(records, work)
    if records.asides:
        _note_same(records, work)
    updated = update(records, work) if matched and work.import_.mode != Import.Mode.CREATE else 0
    for aside in records.asides:
        made.update(aside(work))
    if records.asides:
        updated += work.ask(f"SELECT count(DISTINCT line) FROM {ASIDE} JOIN {SAME} USING (line)")[0][0]
    known = work.ask("SELECT count(*) FROM import_row WHERE fate IS NULL AND target_id IS NOT NULL")[0][0]
    counts.updated, counts.unchanged, counts.duplicates = updated, known - updated, repeats + joined
    return counts


def _find_settled(records: Records, work: Work) -> int:
    """Find what the rows mean, with the customers that custom fields hold; how many are known."""
    for own in records.refers:
        _settle_reference(work, own)
    matched = _find(records, work)
    for own in records.refers:
        _refuse_gone(records, work, own)
    return matched


def _join_by_name(records: Records, work: Work, lacking: str) -> None:
    """A row without the key is about the one customer of the file who has its name."""
    work.run(f"""
        UPDATE import_row r SET fate = 'joins', head = h.line FROM (
            SELECT r.name_norm, min(r.line) AS line FROM import_row r
            WHERE r.fate IS NULL AND NOT ({lacking}) GROUP BY 1 HAVING count(*) = 1
        ) h WHERE r.fate IS NULL AND ({lacking}) AND {records.joins} AND h.name_norm = r.name_norm""")


def _follow_heads(work: Work) -> None:
    """A further row of a customer meets what the first one meets."""
    work.run(
        "UPDATE import_row r SET head = h.head FROM import_row h WHERE r.fate = 'joins' AND h.line = r.head "
        "AND h.fate IN ('joins', 'repeat')"
    )
    work.run(
        "UPDATE import_row r SET fate = h.fate, about = h.about FROM import_row h WHERE r.fate = 'joins' "
        "AND h.line = r.head AND h.fate IS NOT NULL"
    )


def _find(records: Records, work: Work) -> int:
    """Point the staged rows at the records they mean, of several with one key the first; how many are known."""
    key = records.keys[records.key_for(work)]
    _mark_repeats(records, work, key)
    if records.unique in work.fields and records.unique != records.key_for(work):
        _mark_repeats(records, work, ((f"r.{records.unique}", f"c.{records.unique}"),))
    matched = _match(records, work, key)
    if (
        records.fallback
        and (lacking := _lacks(key))
        and work.ask(f"SELECT 1 FROM import_row r WHERE {lacking} LIMIT 1")
    ):
        if records.joins:
            _join_by_name(records, work, lacking)
        _mark_repeats(records, work, records.fallback, among=lacking)
        matched += _match(records, work, records.fallback, among=lacking)
    if records.table == "customers_customer":
        _follow_merges(records, work)
    return matched


def _settle_customers(work: Work) -> int:
    made = unknown.settle_customers(work)
    work.run(
        "UPDATE import_row r SET of_customer = t.customer_id, "
        "fate = CASE WHEN t.customer_id IS NULL THEN 'unknown' END, "
        f"about = r.customer_id FROM {TOUCHED} t WHERE t.customer_key = r.customer_id"
    )
    return made


def _settle_reference(work: Work, key: str) -> None:
    """The customer of a custom field by its external id, or by its record's own, as an export names one without; a
    row that names an unknown one is refused. Who was deleted is meant by the record's id alone."""
    value = "(r.custom ->> %(key)s::text)"
    work.run(
        "UPDATE import_row r SET custom = jsonb_set(r.custom, ARRAY[%(key)s::text], to_jsonb(c.id)) "
        f"FROM customers_customer c WHERE c.tenant_id = %(tenant)s::uuid AND c.external_id = {value}",
        key=key,
    )
    work.run(
        f"UPDATE import_row r SET fate = %(fate)s, about = {value} "
        f"WHERE r.custom ? %(key)s::text AND {unknown.record_id(value)} IS NULL",
        key=key,
        fate=f"{PREFIX}{key}",
    )


def _refuse_gone(records: Records, work: Work, key: str) -> None:
    """A reference to a customer who is deleted may stay where the record holds it already; no other gets it."""
    value = "(r.custom ->> %(key)s::text)"
    work.run(
        f"UPDATE import_row r SET fate = %(fate)s, about = {value} "
        "WHERE r.fate IS NULL AND r.custom ? %(key)s::text "
        "AND NOT EXISTS (SELECT FROM customers_customer g WHERE g.tenant_id = %(tenant)s::uuid "
        f"AND g.deleted_at IS NULL AND g.id = {unknown.record_id(value)}) "
        f"AND NOT EXISTS (SELECT FROM {records.table} c WHERE c.tenant_id = %(tenant)s::uuid "
        f"AND c.id = r.target_id AND c.custom ->> %(key)s::text = {value})",
        key=key,
        fate=f"{PREFIX}{key}",
    )


def _lacks(key: Key) -> str:
    """SQL for: the staged row has no value for the key."""
    return " OR ".join(f"{mine} IS NULL" for mine, _theirs in key)


def _mark_repeats(records: Records, work: Work, key: Key, *, among: str = "true") -> None:
    """Of several rows with one key the first counts."""
    ours = [mine for mine, _theirs in key if "r." in mine]
    given = " AND ".join(f"{mine} IS NOT NULL" for mine in ours)
    _mark_later(records, work, ours, f"({among}) AND {given}")


def _mark_later(records: Records, work: Work, key: list[str], among: str) -> None:
    fate = (
        f"CASE WHEN {records.joins} THEN 'joins' ELSE 'repeat' END, head = m.head"
        if records.joins
        else "'repeat'"
    )
    work.run(f"""
        UPDATE import_row r SET fate = {fate} FROM (
            SELECT unnest((array_agg(r.line ORDER BY r.line))[2:]) AS line, min(r.line) AS head FROM import_row r
            WHERE r.fate IS NULL AND {among} GROUP BY {", ".join(key)} HAVING count(*) > 1
        ) m WHERE m.line = r.line""")


def _match(records: Records, work: Work, key: Key, *, among: str = "true") -> int:
    """Point staged rows at the records they mean; a key that fits several is no key."""
    equal = " AND ".join(f"{theirs} = {mine}" for mine, theirs in key)
    equal += "".join(f" AND {theirs} <> ''" for mine, theirs in key if mine != "''" and theirs in _UNBLANK)
    # A deleted record still owns its unique id; by a name or an address it is not meant.
    by_unique = key == ((f"r.{records.unique}", f"c.{records.unique}"),)
    living = "AND c.deleted_at IS NULL" if records.deletable and not by_unique else ""
    found = work.run(f"""
        UPDATE import_row r SET target_id = m.id, fate = CASE WHEN m.hits > 1 THEN 'several' END
        FROM (
            SELECT r.line, (array_agg(c.id))[1] AS id, count(*) AS hits
            FROM import_row r JOIN {records.table} c ON c.tenant_id = %(tenant)s::uuid AND {equal} {living}
            WHERE r.fate IS NULL AND ({among}) GROUP BY r.line
        ) m WHERE m.line = r.line""")
    if records.twins and work.ask("SELECT 1 FROM import_row WHERE fate = 'several' LIMIT 1"):
        _pair_twins(records, work, key, among)
    return found


def _pair_twins(records: Records, work: Work, key: Key, among: str) -> None:
    """Rows of one key mean the records that have it, if they are as many: each the one that says the same."""
    own = f"AND r.{records.unique} IS NULL" if records.unique in work.fields else ""
    living = "AND c.deleted_at IS NULL" if records.deletable else ""
    said = {column: cell.sql for column, cell in records.columns.items() if cell.field in work.fields}
    mine, theirs = [one for one, _other in key], [other for _one, other in key]
    rows = _numbered("r.line", mine, said.values(), "import_row r")
    known = _numbered("c.id", theirs, [f"c.{column}" for column in said], f"{records.table} c")
    work.run(f"""
        UPDATE import_row r SET target_id = m.id, fate = NULL FROM (
            SELECT line, id FROM ({rows} WHERE r.fate IN ('several', 'repeat') AND ({among}) {own}) f
            JOIN ({known} WHERE c.tenant_id = %(tenant)s::uuid {living} AND ({", ".join(theirs)}) IN (
                SELECT {", ".join(mine)} FROM import_row r WHERE r.fate = 'several'
            )) k USING ({", ".join(f"k{at}" for at in range(len(key)))}, hits, nth)
        ) m WHERE m.line = r.line""")


def _numbered(of: str, key: list[str], order: Iterable[str], table: str) -> str:
    """SQL for the parts of the key, how many have it, and the how manieth of these it is by what it says."""
    by = ", ".join([*(f"coalesce({one}::text, '') COLLATE \"C\"" for one in order), of])
    named = ", ".join(f"{part} AS k{at}" for at, part in enumerate(key))
    each = f"PARTITION BY {', '.join(key)}"
    return (
        f"SELECT {of}, {named}, count(*) OVER ({each}) AS hits, "
        f"row_number() OVER ({each} ORDER BY {by}) AS nth FROM {table}"
    )


def _follow_merges(records: Records, work: Work) -> None:
    """Who was merged is found under the survivor, whose own external id stays; of several such rows one counts."""
    own = "external_id = NULL," if "external_id" in work.fields else ""
    moved = work.run(f"""
        UPDATE import_row r SET {own} target_id = c.merged_into_id FROM customers_customer c
        WHERE c.tenant_id = %(tenant)s::uuid AND c.id = r.target_id AND c.merged_into_id IS NOT NULL""")
    if moved:
        _mark_later(records, work, ["r.target_id"], "r.target_id IS NOT NULL")


def _judge(records: Records, work: Work) -> None:
    if records.deletable:
        work.run(
            f"UPDATE import_row r SET fate = 'deleted' FROM {records.table} c "
            "WHERE c.tenant_id = %(tenant)s::uuid AND c.id = r.target_id AND c.deleted_at IS NOT NULL"
        )
    if records.unique and records.unique in work.fields and records.key_for(work) != records.unique:
        work.run(
            f"UPDATE import_row r SET fate = 'taken', about = r.{records.unique} FROM {records.table} c "
            f"WHERE r.fate IS NULL AND c.tenant_id = %(tenant)s::uuid AND c.{records.unique} = r.{records.unique} "
            "AND c.id IS DISTINCT FROM r.target_id"
        )
    for fate, wrong in records.refuses.items():
        work.run(
            f"UPDATE import_row r SET fate = '{fate}' WHERE r.line IN (SELECT r.line FROM import_row r "
            f"LEFT JOIN {records.table} c ON c.tenant_id = %(tenant)s::uuid AND c.id = r.target_id "
            f"WHERE r.fate IS NULL AND ({wrong}))"
        )
    if work.import_.mode == Import.Mode.UPDATE:
        work.run("UPDATE import_row SET fate = 'new' WHERE fate IS NULL AND target_id IS NULL")
    if records.needs:
        work.run(
            "UPDATE import_row SET fate = 'nameless' "
            f"WHERE fate IS NULL AND target_id IS NULL AND {records.needs} IS NULL"
        )
    for key, label in records.needs_own.items():
        work.run(
            "UPDATE import_row SET fate = 'lacking', about = %(label)s "
            "WHERE fate IS NULL AND target_id IS NULL AND custom -> %(key)s::text IS NULL",
            key=key,
            label=label,
        )


def insert(records: Records, work: Work) -> int:
    """Make the staged records that are new."""
    names = [*records.columns, *records.fixed]
    values = [f"coalesce({cell.sql}, {cell.otherwise})" for cell in records.columns.values()]
    return work.run(f"""
        INSERT INTO {records.table} (tenant_id, id, {", ".join(names)})
        SELECT %(tenant)s::uuid, r.new_id, {", ".join([*values, *records.fixed.values()])}
        FROM {records.staged} r WHERE r.fate IS NULL AND r.target_id IS NULL ORDER BY r.line""")


def given(records: Records, work: Work) -> dict[str, str]:
    """By column the SQL of what the file says, NULL where it says nothing."""
    return {
        column: cell.change or cell.sql
        for column, cell in records.columns.items()
        if cell.field in work.fields
    }


def differs(given: Mapping[str, str]) -> str:
    """SQL for: the record is not yet as the file says."""
    if not given:
        return "false"
    olds = ", ".join(f"c.{column}" for column in given)
    news = ", ".join(f"coalesce({sql}, c.{column})" for column, sql in given.items())
    return f"({olds}) IS DISTINCT FROM ({news})"


def _note_same(records: Records, work: Work) -> None:
    """The lines whose record is known and stays as it is."""
    work.run(f"CREATE TEMPORARY TABLE {ASIDE} (line bigint) ON COMMIT DROP")
    other = "false" if work.import_.mode == Import.Mode.CREATE else differs(given(records, work))
    work.run(f"""
        CREATE TEMPORARY TABLE {SAME} ON COMMIT DROP AS SELECT r.line FROM import_row r
        JOIN {records.table} c ON c.tenant_id = %(tenant)s::uuid AND c.id = r.target_id
        WHERE r.fate IS NULL AND NOT ({other})""")


def update(records: Records, work: Work) -> int:
    """Change records where a given value differs; a blank cell changes nothing."""
    wanted = given(records, work)
    note_changes(records.table, wanted, work, staged=records.staged)
    sets = [f"{column} = coalesce({sql}, c.{column})" for column, sql in wanted.items()]
    if records.versioned:
        sets.append("version = c.version + 1")
    if "updated_at" in records.fixed:
        sets.append("updated_at = now()")
    return work.run(f"""
        UPDATE {records.table} c SET {", ".join(sets)} FROM {records.staged} r
        WHERE r.fate IS NULL AND r.target_id = c.id AND c.tenant_id = %(tenant)s::uuid AND {differs(wanted)}""")
