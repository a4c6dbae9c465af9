from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from crm.filtering.grammar import Group, Question, WrongFilter, parse, write

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name not in ("and", "or", "not")
)
QUESTIONS = st.builds(
    lambda field, operator, values: Question(field, operator, tuple(values)),
    st.one_of(NAMES, st.builds("custom.{}".format, NAMES)),
    NAMES,
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=3),
)


def groups(items):
    return st.builds(
        lambda kind, inner: Group(kind, tuple(inner)),
        st.sampled_from(["and", "or", "not"]),
        st.lists(items, min_size=1, max_size=3),
    )


TREES = st.builds(
    lambda inner: Group("and", tuple(inner)),
    st.lists(st.one_of(QUESTIONS, groups(st.one_of(QUESTIONS, groups(QUESTIONS)))), min_size=1, max_size=3),
)


class Grammar(SimpleTestCase):
    @given(TREES)
    def test_what_is_written_reads_as_the_same_tree(self, tree):
        text = write(tree)
        if len(text) <= 4_000:
            self.assertEqual(parse(text), tree)

    def test_an_example(self):
        text = (
            "owner.is(me),or(spend.gte(5000),industry.in(Retail,'Food, frozen'),not(custom.tier.is('it''s')))"
        )
        tree = parse(text)
        self.assertEqual(tree.items[0], Question("owner", "is", ("me",)))
        self.assertEqual(tree.items[1].items[1], Question("industry", "in", ("Retail", "Food, frozen")))
        self.assertEqual(tree.items[1].items[2].items[0], Question("custom.tier", "is", ("it's",)))
        self.assertEqual(write(tree), text)

    def test_each_slip_is_told_with_its_place(self):
        for text, told in {
            "": "At character 1",
            "owner": "At character 6: an opening bracket",
            "owner.is(me": "At character 12: a closing bracket",
            "owner.is(me))": "At character 13: a comma",
            "or()": "At character 4",
            "owner.is(me),": "At character 14",
            "owner(me)": "needs an operator",
            "owner.is('me)": "At character 10: a value",
            "and(or(and(or(a.is(1)))))": "at most 4 deep",
            ",".join(["a.is(1)"] * 51): "at most 50 questions",
            "a.in(" + ",".join("1" * 201) + ")": "At most 200",
            "a.is(" + "x" * 4_000 + ")": "longer than 4000",
        }.items():
            with self.subTest(text[:40]), self.assertRaises(WrongFilter) as wrong:
                parse(text)
            self.assertIn(told, str(wrong.exception))
