"""Purchases to try the churn science on: two real files, skipped where absent, and a simulated company."""

import csv
import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from retention.churn.history import Purchases

ROOT = Path(__file__).resolve().parents[3]
REAL_DATA = Path(os.environ.get("TENURE_SHARED_DATA", ROOT.parent / "shared" / "data"))


def real_file(name: str) -> Path:
    path = REAL_DATA / name
    if not path.exists():
        pytest.skip(f"{path} is absent; set TENURE_SHARED_DATA to the directory that holds {name}")
    return path


@pytest.fixture(scope="session")
def cdnow() -> Purchases:
    """The CDNOW sample: fixed width, customer, sample customer, YYYYMMDD, CDs, dollars."""
    rows = [line.split() for line in real_file("cdnow_sample.txt").read_text().splitlines()]
    return Purchases(
        np.array([int(row[1]) - 1 for row in rows]),
        np.array([date(int(row[2][:4]), int(row[2][4:6]), int(row[2][6:])).toordinal() for row in rows]),
        np.array([float(row[4]) for row in rows]),
    )


@pytest.fixture(scope="session")
def online_retail() -> Purchases:
    """A year of a gift wholesaler's invoices."""
    with real_file("online_retail_2009_2010.csv").open() as file:
        rows = list(csv.DictReader(file))
    index: dict[str, int] = {}
    return Purchases(
        np.array([index.setdefault(row["customer_id"], len(index)) for row in rows]),
        np.array([date.fromisoformat(row["purchased_at"][:10]).toordinal() for row in rows]),
        np.array([float(row["amount"]) for row in rows]),
    )


@pytest.fixture(scope="session")
def telco() -> list[dict[str, str]]:
    """Subscribers, and who left last month."""
    with real_file("telco_churn.csv").open() as file:
        return list(csv.DictReader(file))


def simulate(customers: int, *, days: int = 900, seed: int = 1, parts: int = 1) -> Purchases:
    """An MBG/NBD company: r 0.8, alpha 60 days, a 0.5, b 6; values of Gamma-Gamma p 6, q 4, v 15.

    Moments are counted in whole ``parts`` of a day.
    """
    rng = np.random.default_rng(seed)
    rate, dropout = rng.gamma(0.8, 1 / 60, customers), rng.beta(0.5, 6.0, customers)
    moment = rng.uniform(0, days - 30, customers)
    active = np.arange(customers)
    who, when = [active], [moment.copy()]
    active = active[rng.random(customers) > dropout]
    while len(active):
        moment[active] += rng.exponential(1 / rate[active])
        active = active[moment[active] < days]
        who.append(active)
        when.append(moment[active].copy())
        active = active[rng.random(len(active)) > dropout[active]]
    customer = np.concatenate(who)
    worth = rng.gamma(4.0, 1 / 15, customers)
    amount = rng.gamma(6.0, 1.0, len(customer)) / worth[customer]
    shuffled = rng.permutation(len(customer))
    counted = np.floor(np.concatenate(when) * parts).astype(np.int64)
    return Purchases(customer[shuffled], counted[shuffled], amount[shuffled])


@pytest.fixture(scope="session")
def company() -> Purchases:
    """3,000 simulated customers over 900 days."""
    return simulate(3_000)


@pytest.fixture(scope="session")
def fine_company() -> Purchases:
    """20,000 simulated customers with moments counted in thousandths of a day."""
    return simulate(20_000, parts=1000)
