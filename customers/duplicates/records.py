"""Records as the model reads them: what each field says, in columns, persons and companies apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from customers.duplicates import names, words
from customers.duplicates.columns import Column, Filling
from customers.duplicates.writing import HAN, fold, skeleton, sound


class Given(NamedTuple):
    """A record as it was entered. ``phone`` is digits with the country's code, ``birthday`` yyyymmdd or 0."""

    name: str
    email: str = ""
    phone: str = ""
    website: str = ""
    address: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""
    birthday: int = 0
    gender: str = ""


@dataclass(frozen=True)
class Records:
    """``rows`` are places in what was given; every column has one entry for each of them."""

    rows: NDArray[np.int64]
    columns: dict[str, Column]
    birthday: NDArray[np.int64]
    keys: dict[str, NDArray[np.int64]]
    order: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]


# Columns whose letters are compared; of the others it is enough to know what is equal.
SPELLED = frozenset(
    [
        *("given", "family", "given_sound", "family_sound", "whole", "core_sound"),
        *("email", "phone", "address", "sorted_address", "number", "city", "postcode"),
    ]
)


class Reading:
    """Fills the columns of one kind of records; ``read`` turns a record into column values and blocking keys."""

    def __init__(self, read: Callable[[Given], tuple[dict[str, str], dict[str, str], str]]) -> None:
        self._read = read
        self._rows: list[int] = []
        self._columns: dict[str, Filling] = {}
        self._keys: dict[str, Filling] = {}
        self._birthdays: list[int] = []
        self._sortable = Filling(spelled=True)

    def add(self, row: int, record: Given) -> None:
        values, keys, sortable = self._read(record)
        self._rows.append(row)
        self._birthdays.append(record.birthday)
        self._sortable.add(sortable)
        for name, value in values.items():
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = Filling(spelled=name in SPELLED)
            column.add(value)
        for name, value in keys.items():
            column = self._keys.get(name)
            if column is None:
                column = self._keys[name] = Filling(spelled=False)
            column.add(value)

    def done(self) -> Records:
        count = len(self._rows)
        texts = np.array(self._sortable.done().texts(np.arange(count)), dtype=object)
        order = np.empty(count, np.int64)
        order[np.argsort(texts, kind="stable")] = np.arange(count)
        return Records(
            np.array(self._rows, np.int64),
            {name: column.done() for name, column in self._columns.items()},
            np.array(self._birthdays, np.int64),
            {name: column.done().hashes for name, column in self._keys.items()},
            order,
        )


def read_all(records: Iterable[tuple[bool, Given]]) -> tuple[Records, Records]:
    """Persons and companies; the flag says that a record is a person."""
    persons, companies = Reading(_person), Reading(_company)
    for row, (personal, record) in enumerate(records):
        (persons if personal else companies).add(row, record)
    return persons.done(), companies.done()


def _person(record: Given) -> tuple[dict[str, str], dict[str, str], str]:
    name = names.person(record.name)
    values = name._asdict() | _reached(record) | _placed(record)
    values |= {"gender": record.gender, "figures": _figures(name.given + name.family)}
    given, family = skeleton(name.given_sound), skeleton(name.family_sound)
    day = _day_key(record.birthday)
    city = values["city"] and skeleton(sound(values["city"]), 6)
    keys = _reached_keys(values) | _placed_keys(values)
    keys["name"] = "".join(sorted(name.given_sound + name.family_sound))
    keys["birthday"] = day
    keys["family"] = family and given and f"{family} {given[:1]}"
    keys["given"] = given and family and f"{given} {family[:1]}"
    keys["family_day"] = family and day and f"{family} {day[4:]}"
    keys["given_day"] = given and day and f"{given} {day[:4]}"
    keys["family_city"] = family and city and f"{family} {city}"
    keys["given_city"] = given and city and f"{given} {city}"
    return values, keys, f"{name.family_sound} {name.given_sound}"


def _company(record: Given) -> tuple[dict[str, str], dict[str, str], str]:
    name = names.company(record.name)
    brand_sound = sound(name.brand)
    values = name._asdict() | _reached(record) | _placed(record)
    values |= {"brand_sound": brand_sound, "site": _host(record.website), "figures": _figures(name.core)}
    keys = _reached_keys(values) | _placed_keys(values)
    keys["site"] = values["site"] or values["domain"]
    keys["domain"] = values["domain"] or values["site"]
    keys["core"] = name.core_sound
    keys["bag"] = name.bag
    keys["brand"] = brand_sound
    keys["start"] = skeleton(name.core_sound, 6)
    keys["initials"] = name.initials or (name.core if 2 < len(name.core) < 7 else "")
    return values, keys, name.core_sound


def _reached(record: Given) -> dict[str, str]:
    """How one is reached: addresses without what mail servers ignore, numbers by their last digits."""
    local, at, domain = record.email.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    own = domain if at and domain not in words.FREE_MAIL else ""
    number = re.sub(r"\D", "", record.phone)
    return {
        "email": f"{local}@{domain}" if at else "",
        "email_figures": re.sub(r"\D", "", local),
        "local": local if at and len(local) > 4 and local not in words.SHARED_LOCALS else "",
        "domain": own,
        "phone": number,
        "phone_end": number[-8:] if len(number) >= 8 else "",
    }


def _reached_keys(values: dict[str, str]) -> dict[str, str]:
    phone = values["phone"]
    return {
        "email": values["email"],
        "local": values["local"],
        "phone": values["phone_end"] or phone,
        "phone_start": phone[-9:-2] if len(phone) > 8 else "",
    }


def _placed(record: Given) -> dict[str, str]:
    folded = fold(record.address)
    if HAN.search(folded):
        folded = re.sub(r"(\d+)", r" \1 ", folded)
    tokens = [words.STREET_WORDS.get(token, token) for token in folded.split()]
    figures = [token for token in tokens if token[0].isdigit()]
    rest = [token for token in tokens if not token[0].isdigit()] + figures[1:]
    return {
        "address": " ".join(rest),
        "sorted_address": " ".join(sorted(rest)),
        "number": figures[0] if figures else "",
        "city": fold(record.city).removesuffix("市"),
        "postcode": re.sub(r"\W", "", record.postcode).lower(),
        "region": fold(record.region).removesuffix("省"),
    }


def _placed_keys(values: dict[str, str]) -> dict[str, str]:
    address, number = values["address"], values["number"]
    street = skeleton(sound(address.split()[0]), 6) if address else ""
    place = values["postcode"] or values["city"]
    return {
        "address": values["sorted_address"] and f"{values['sorted_address']}|{number}",
        "street": street and place and f"{street} {place}",
        "house": street and number and f"{street} {number}",
    }


def _day_key(birthday: int) -> str:
    """Year, then day and month in either order."""
    if not birthday:
        return ""
    year, month, day = birthday // 10_000, birthday // 100 % 100, birthday % 100
    return f"{year:04}{min(month, day):02}{max(month, day):02}"


def _host(website: str) -> str:
    host = re.sub(r"^[a-z]+://", "", website.strip().lower()).partition("/")[0].partition(":")[0]
    return host.removeprefix("www.")


def _figures(core: str) -> str:
    """The numbers in a name: branch 1 is not branch 2."""
    return " ".join(re.findall(r"\d+", core))
