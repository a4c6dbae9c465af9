"""A file that changes how customers are reached confirms them: whoever made it knew what is right."""

from __future__ import annotations

from collections.abc import Mapping

from customers.services.imports.work import Work, with_ids
from customers.services.upkeep import REACHED_BY

_CUSTOMER = {"customers_customer": "c.id", "customers_contact": "c.customer_id"}


def note_changes(table: str, given: Mapping[str, str], work: Work, *, staged: str = "import_row") -> None:
    """Confirm the customers of whom the staged rows are about to change a way to reach them; ``given`` is the SQL of
    the new values by column, NULL where nothing is given.
    """
    ways = [column for column in given if column in REACHED_BY]
    if table not in _CUSTOMER or not ways:
        return
    differs = " OR ".join(f"({given[way]}) <> c.{way}" for way in ways)
    actor = work.import_.created_by_id
    work.run(
        with_ids(
            f"""
            INSERT INTO customers_confirmation (tenant_id, id, customer_id, at, by_id, changed)
            SELECT %(tenant)s::uuid, {{new_id}}, m.id, now(), %(by)s::uuid, true FROM (
                SELECT DISTINCT {_CUSTOMER[table]} AS id FROM {staged} r JOIN {table} c
                ON c.tenant_id = %(tenant)s::uuid AND c.id = r.target_id
                WHERE r.fate IS NULL AND ({differs})
            ) m"""
        ),
        by=actor and str(actor),
    )
