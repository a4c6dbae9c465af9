"""Imports, exports, merges, edits of many and of one, deletes, and the undoing of each, in any order and in two
companies at once, against a model in plain Python."""

import json
import os
import tempfile
from pathlib import Path

from django.db import connection, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm.tenancy.context import tenant_context
from tests.cases import CastTestCase
from tests.customers.bulk.test_bulk import images
from tests.customers.history_company import Company
from tests.customers.history_model import CELLS

KEY = st.sampled_from("ABCDE")
TAG = st.sampled_from(["", "a", "b"])
VALUE = st.sampled_from(["", "Bath", "York", "远山", "=1"])
VALUES = dict.fromkeys(CELLS, VALUE) | {"tags": st.sampled_from(["", "a", "b", "a;b"])}
ROW = st.tuples(KEY, st.fixed_dictionaries(VALUES))
LINES = st.lists(st.tuples(st.sampled_from("PQ"), st.integers(1, 2)), min_size=1, max_size=2).map(tuple)
ORDER = st.tuples(st.sampled_from(["O1", "O2", "O3"]), KEY, st.integers(1, 3), LINES)


def cell(*names):
    """A cell among ``names`` and a value for it."""
    return st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), VALUES[name]))


def rows(row, most):
    return st.lists(row, min_size=1, max_size=most, unique_by=lambda one: one[0])


DEEDS = {
    "import_customers": rows(ROW, 3),
    "import_orders": st.tuples(rows(ORDER, 2), st.sampled_from(["create", "reject"])),
    "merge": st.tuples(KEY, KEY),
    "edit": st.tuples(st.sets(KEY), cell("city", "industry", "tier", "tags")).map(lambda x: (x[0], *x[1])),
    "tag": st.tuples(st.sets(KEY), TAG, TAG).filter(lambda told: told[1] != told[2]),
    "delete": st.sets(KEY),
    "undo": st.integers(0, 6),
    "change_one": st.tuples(KEY, cell(*CELLS)).map(lambda x: (x[0], *x[1])).filter(lambda x: x[2]),
    "delete_one": KEY,
    "restore_one": KEY,
    "there_and_back": st.sampled_from(["csv", "xlsx"]),
}
BY_OTHERS = {"change_one", "delete_one", "restore_one"}
STEP = st.one_of(*(st.tuples(st.just(deed), told) for deed, told in DEEDS.items()))
QUICK = os.environ.get("HYPOTHESIS_PROFILE", "same") == "same"


def bought():
    """Every order and line, byte by byte, and what custom fields are found by."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(p)::text FROM customers_purchase p UNION ALL "
            "SELECT to_jsonb(l)::text FROM customers_purchaseline l UNION ALL "
            "SELECT (to_jsonb(v) - 'id')::text FROM customers_customervalue v ORDER BY 1"
        )
        return [json.loads(image) for (image,) in cursor.fetchall()]


class AnySequence(CastTestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(override_settings(MEDIA_ROOT=self.folder / "media"))

    @staticmethod
    def seen(company):
        with tenant_context(company.tenant.pk):
            return images(), bought()

    def test_whatever_was_done_and_undone(self):
        @settings(
            max_examples=15 if QUICK else 1_500,
            deadline=None,
            phases=[Phase.generate] if QUICK else [Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(st.tuples(st.sampled_from([True, True, True, False]), STEP), min_size=2, max_size=9))
        def check(steps):
            with transaction.atomic():
                self.play(steps)
                transaction.set_rollback(True)

        check()

    def play(self, steps):
        here = Company(self, self.acme, self.alice, self.lead)
        there = Company(self, self.other, self.mallory, self.mallory)
        first = {company: self.seen(company) for company in (here, there)}
        for ours, (deed, told) in steps:
            (here if ours else there).act(deed, told)
            for company in (here, there):
                self.assertEqual(company.told(), company.model.told(), (deed, told))
        for ours, company in ((True, here), (False, there)):
            company.everything_undone()
            self.assertEqual(company.told(), company.model.told(), "undone")
            alone = not any(mine == ours and deed in BY_OTHERS for mine, (deed, _told) in steps)
            if alone and company.in_order:
                self.assertEqual(self.seen(company), first[company])

    def test_a_merge_undone_leaves_alone_only_the_own_field_that_was_changed_since(self):
        self.play(
            [(True, ("merge", "AB")), (True, ("change_one", ("A", "tier", "York"))), (True, ("undo", 0))]
        )

    def test_an_order_keeps_its_amount_with_the_lines_it_keeps(self):
        orders = [([("O1", "A", 1, (line,))], "reject") for line in (("P", 2), ("Q", 2))]
        imports = [(True, ("import_orders", told)) for told in orders]
        self.play([*imports, (True, ("undo", 0))])
