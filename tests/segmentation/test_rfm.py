import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.rfm import CELLS, SEGMENTS, Segment, fifths, rfm

CUSTOMERS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 30), st.integers(-500, 10_000)), min_size=1, max_size=60
)


def scored(rows):
    return rfm(*(np.array(column) for column in zip(*rows, strict=True)))


@given(CUSTOMERS, st.randoms())
def test_the_order_of_the_customers_does_not_matter(rows, random):
    places = list(range(len(rows)))
    random.shuffle(places)
    one, two = scored(rows), scored([rows[place] for place in places])
    for name in ("recency", "frequency", "monetary", "segment"):
        assert getattr(one, name)[places].tolist() == getattr(two, name).tolist()


@given(CUSTOMERS)
def test_equal_customers_share_a_score_and_more_is_never_less(rows):
    result = scored(rows)
    for column, score in ((1, result.frequency), (2, result.monetary)):
        values = np.array([row[column] for row in rows])
        order = np.argsort(values, kind="stable")
        assert (np.diff(score[order]) >= 0).all()
        assert all(len(set(score[values == value])) == 1 for value in set(values))
    assert set(result.recency) <= {1, 2, 3, 4, 5}


def test_distinct_values_fall_into_equal_fifths():
    assert np.bincount(fifths(np.arange(100)))[1:].tolist() == [20] * 5
    assert fifths(np.arange(10)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_all_equal_is_the_middle_and_nobody_is_fine():
    assert fifths(np.full(7, 2.5)).tolist() == [3] * 7
    assert fifths(np.empty(0)).tolist() == []


def test_the_most_recent_scores_highest():
    assert rfm(np.array([1, 300]), np.array([1, 1]), np.array([5, 5])).recency.tolist() == [4, 2]


@pytest.mark.parametrize(
    ("recency", "fm", "segment"),
    [
        (5, 5, Segment.CHAMPIONS),
        (3, 5, Segment.LOYAL),
        (5, 2, Segment.POTENTIAL_LOYALISTS),
        (5, 1, Segment.NEW_CUSTOMERS),
        (4, 1, Segment.PROMISING),
        (3, 3, Segment.NEED_ATTENTION),
        (3, 1, Segment.ABOUT_TO_SLEEP),
        (1, 4, Segment.AT_RISK),
        (2, 5, Segment.CANNOT_LOSE),
        (1, 1, Segment.HIBERNATING),
    ],
)
def test_cells_have_the_usual_names(recency, fm, segment):
    assert CELLS[recency - 1][fm - 1] is segment


def test_every_name_is_used_and_the_code_leads_back_to_it():
    assert {name for row in CELLS for name in row} == set(Segment)
    result = scored([(day, 30 - day, day * 10) for day in range(25)])
    assert [SEGMENTS[code] for code in result.segment] == result.names
    assert result.names[0] is CELLS[result.recency[0] - 1][result.fm[0] - 1]
