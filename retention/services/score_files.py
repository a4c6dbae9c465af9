"""Scores as a file for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from typing import TextIO

from babel.numbers import get_currency_precision

from crm.exports.cells import tame
from retention import words
from retention.models import ScoreRun

COLUMNS = (
    "external_id",
    "probability",
    "level",
    "reason_1",
    "reason_2",
    "reason_3",
    "expected_purchases",
    "expected_value",
)


def write_scores(run: ScoreRun, file: TextIO, *, currency: str) -> int:
    """Write a run with its reasons in words; money in whole currency units, empty where there is no figure."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    count = 0
    for row in _rows(run, currency):
        writer.writerow(row)
        count += 1
    return count


def _rows(run: ScoreRun, currency: str) -> Iterator[list[object]]:
    digits = get_currency_precision(currency)
    scores = run.scores.order_by("customer__external_id", "customer_id").values_list(
        "customer__external_id", "probability", "reasons", "expected_purchases", "expected_value"
    )
    for external_id, probability, reasons, purchases, value in scores.iterator(chunk_size=5_000):
        texts = words.raising(reasons, currency)
        money = "" if value is None else Decimal(value).scaleb(-digits)
        told = [tame(text) for text in [*texts, "", "", ""][:3]]
        yield [tame(external_id), _figure(probability), run.level, *told, _figure(purchases), money]


def _figure(value: float | None) -> str:
    return "" if value is None else repr(value)
