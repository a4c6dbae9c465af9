from hypothesis import given
from hypothesis import strategies as st

from crm.exports.cells import all_restored, for_sheet, from_sheet, restored, tame

TEXTS = st.text(st.sampled_from("'=+-@\t\r\nax _0Dx5F\x01\x0b") | st.characters(exclude_characters="\x00"))


@given(TEXTS)
def test_a_tamed_text_is_no_formula_and_comes_back(text):
    assert not tame(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert restored(tame(text)) == text


@given(st.lists(TEXTS, min_size=1))
def test_a_column_comes_back_as_its_cells_do(texts):
    assert list(all_restored([tame(text) for text in texts])) == texts


@given(TEXTS)
def test_a_workbook_holds_any_text(text):
    assert from_sheet(for_sheet(text)) == text
    assert not any(ord(sign) < 32 and sign not in "\t\n" for sign in for_sheet(text))


def test_what_others_wrote_is_left_alone():
    assert [restored(text) for text in ("'t Hart", "'", "O'Brien", "'=1", "''+44")] == [
        "'t Hart", "'", "O'Brien", "=1", "'+44",
    ]  # fmt: skip
