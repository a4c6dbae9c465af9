"""The search of a whole company: read in one transaction, compared outside any, written in another."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from crm.models import Job, Member
from crm.planner import many_rows
from crm.services import jobs
from crm.tenancy.context import current_tenant_id
from customers.duplicates.engine import Found
from customers.duplicates.records import Given, Records, read_all
from customers.models import Customer
from customers.selectors.duplicates import SEARCH

JOB = SEARCH
MOST = 200_000
READ_AT_ONCE = 5_000
TELL_AFTER = 1_000
_COLUMNS = (
    *("pk", "kind", "name", "email", "phone_norm", "website", "address", "city", "postcode", "region"),
    *("birthday", "gender"),
)

_WRITE = """
WITH written AS (
INSERT INTO customers_duplicate (
    tenant_id, id, left_id, right_id, probability, level, reasons, status, found_at
)
SELECT %(tenant)s::uuid, uuid7(), f.left_id, f.right_id, f.probability, f.level, f.reasons, 'open', now()
FROM found f
JOIN customers_customer l ON l.tenant_id = %(tenant)s::uuid AND l.id = f.left_id AND l.deleted_at IS NULL
JOIN customers_customer r ON r.tenant_id = %(tenant)s::uuid AND r.id = f.right_id AND r.deleted_at IS NULL
ON CONFLICT (tenant_id, left_id, right_id) DO UPDATE
SET probability = excluded.probability, level = excluded.level, reasons = excluded.reasons
WHERE customers_duplicate.status = 'open'
RETURNING xmax = 0 AS new -- no row stood there before
)
SELECT count(*), count(*) FILTER (WHERE new) FROM written
"""
_FORGET = """
DELETE FROM customers_duplicate d USING customers_customer l, customers_customer r
WHERE d.tenant_id = %(tenant)s::uuid AND d.status = 'open'
  AND l.tenant_id = %(tenant)s::uuid AND l.id = d.left_id AND l.deleted_at IS NULL
  AND r.tenant_id = %(tenant)s::uuid AND r.id = d.right_id AND r.deleted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM found f WHERE f.left_id = d.left_id AND f.right_id = d.right_id)
"""


@dataclass(frozen=True)
class Reading:
    """A company's customers as the model reads them; ``id_of`` gives back whose record stands at a place."""

    ids: bytes
    records: tuple[Records, Records]

    def __len__(self) -> int:
        return len(self.ids) // 16

    def id_of(self, place: int) -> UUID:
        return UUID(bytes=self.ids[16 * place : 16 * place + 16])


def start_scan(*, actor: Member | None) -> Job:
    """Search in the background; a search that still waits or runs is not started twice."""
    running = Job.objects.running().filter(kind=JOB).first()
    return running or jobs.start(kind=JOB, params={}, actor=actor, total=100)


def start_scan_if_due() -> Job | None:
    """Search where a customer was made or changed since the last search began."""
    last = Job.objects.filter(kind=JOB, state=Job.State.DONE).order_by("-created_at").first()
    changed = Customer.objects.living().order_by()
    if last is not None:
        changed = changed.filter(updated_at__gte=last.created_at)
    return start_scan(actor=None) if changed.exists() else None


def read(tell: Callable[[], None] = lambda: None) -> Reading:
    """All living customers but those that were rejected; ``tell`` is called before each thousand."""
    ids = bytearray()
    return Reading(records=read_all(_given(ids, tell)), ids=bytes(ids))


def _given(ids: bytearray, tell: Callable[[], None]) -> Iterator[tuple[bool, Given]]:
    rows = Customer.objects.living().exclude(review=Customer.Review.REJECTED).order_by()
    each = rows.values_list(*_COLUMNS).iterator(chunk_size=READ_AT_ONCE)
    for place, (pk, kind, *values) in enumerate(each):
        if place % TELL_AFTER == 0:
            tell()
        ids += pk.bytes
        yield given(kind, *values)


def given(kind: str, name: str, email: str, phone: str, website: str, *placed: Any) -> tuple[bool, Given]:
    """One customer for the model. Who has a birthday or a gender is a person, whatever the kind says."""
    address, city, postcode, region, birthday, gender = placed
    personal = kind == Customer.Kind.PERSON or bool(birthday) or bool(gender)
    return personal, Given(
        name, email, phone, website, address, city, postcode, region, _digits(birthday), gender
    )


def _digits(birthday: date | None) -> int:
    return birthday.year * 10_000 + birthday.month * 100 + birthday.day if birthday else 0


@dataclass(frozen=True)
class Written:
    """How many pairs a search found, and how many of them nobody had seen before."""

    pairs: int
    new: int


@transaction.atomic
def write(reading: Reading, found: list[Found]) -> Written:
    """Keep what was found; what was decided stays as it is, and what no longer looks alike goes."""
    with connection.cursor() as cursor, many_rows():
        cursor.execute(
            "CREATE TEMPORARY TABLE found (left_id uuid, right_id uuid, probability float8, level text, "
            "reasons jsonb) ON COMMIT DROP"
        )
        cursor.copy_expert("COPY found FROM STDIN (FORMAT csv)", _as_csv(reading, found[:MOST]))
        cursor.execute("ANALYZE found")
        parameters = {"tenant": str(current_tenant_id())}
        cursor.execute(_FORGET, parameters)
        cursor.execute(_WRITE, parameters)
        pairs, new = cursor.fetchone()
        cursor.execute("DROP TABLE found")
    return Written(pairs, new)


def _as_csv(reading: Reading, found: list[Found]) -> io.StringIO:
    out = io.StringIO()
    lines = csv.writer(out)
    for pair in found:
        one, two = reading.id_of(pair.left), reading.id_of(pair.right)
        left, right = (one, two) if one < two else (two, one)
        lines.writerow([left, right, round(pair.chance, 6), pair.level, json.dumps(pair.reasons)])
    out.seek(0)
    return out


def reasons_in_short(reasons: dict[str, str]) -> str:
    """``given=same birthday=slip``: the reasons for a file, as the model names them."""
    return " ".join(f"{field}={level}" for field, level in reasons.items() if re.fullmatch(r"\w+", level))
