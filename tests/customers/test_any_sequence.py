"""Imports, exports, merges, edits of many and of one, deletes, and the undoing of each, in any order and in two
companies at once, against a model in plain Python."""

import os
import tempfile
from pathlib import Path
from uuid import uuid4

from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm.exports import services as exports
from crm.exports.listings import listing_of
from crm.tenancy.context import tenant_context
from customers.models import Customer, Import, Interaction, Merge
from customers.services.bulk import undoing
from customers.services.bulk.deeds import DELETE, EDIT, Deed, apply, check
from customers.services.customers import create_customer, delete_customer, restore_customer, update_customer
from customers.services.duplicates.merging import merge_customers, unmerge
from customers.services.imports import import_file
from customers.services.imports.undoing import undo as undo_import
from tests import factories as make
from tests.cases import CastTestCase
from tests.customers.bulk.test_bulk import images
from tests.customers.history_model import CELLS, Model

START = {"A": {"name": "A", "city": "Bath"}, "B": {"name": "B", "industry": "Food"}, "C": {"name": "C"}}
KEY = st.sampled_from("ABCDE")
VALUE = st.sampled_from(["", "Bath", "York", "远山", "=1"])
FILLED = VALUE.filter(bool)
ROW = st.tuples(KEY, st.fixed_dictionaries(dict.fromkeys(CELLS, VALUE)))
STEP = st.one_of(
    st.tuples(st.just("import"), st.lists(ROW, min_size=1, max_size=3, unique_by=lambda row: row[0])),
    st.tuples(st.just("merge"), st.tuples(KEY, KEY)),
    st.tuples(st.just("edit"), st.tuples(st.sets(KEY), st.sampled_from(["city", "industry"]), VALUE)),
    st.tuples(st.just("delete"), st.sets(KEY)),
    st.tuples(st.just("undo"), st.integers(0, 6)),
    st.tuples(st.just("change_one"), st.tuples(KEY, st.sampled_from(CELLS), FILLED)),
    st.tuples(st.just("delete_one"), KEY),
    st.tuples(st.just("restore_one"), KEY),
    st.tuples(st.just("there_and_back"), st.sampled_from(["csv", "xlsx"])),
)
QUICK = os.environ.get("HYPOTHESIS_PROFILE", "same") == "same"


class Company:
    """One company and its model; each deed is done to both."""

    def __init__(self, case, tenant, actor, other):
        self.case, self.tenant, self.actor, self.colleague = case, tenant, actor, other
        self.model, self.done = Model(), {}
        with tenant_context(tenant.pk):
            for key, cells in START.items():
                create_customer(external_id=key, actor=None, **cells)
                call = make.interaction(customer=self.of(key), text=f"Call {key}")
                self.model.calls[call.text] = self.model.make(key, **cells)

    def of(self, key):
        return Customer.objects.get(external_id=key)

    def told(self):
        with tenant_context(self.tenant.pk):
            rows = Customer.objects.values_list(
                "external_id", *CELLS, "deleted_at", "merged_into__external_id"
            )
            calls = {}
            for key, text in Interaction.objects.values_list("customer__external_id", "text"):
                calls.setdefault(key, []).append(text)
            return {
                key: (*cells, at is None, into, sorted(calls.get(key, []))) for key, *cells, at, into in rows
            }

    def act(self, deed, told):
        request_id = uuid4()
        with tenant_context(self.tenant.pk, request_id=request_id, member_id=self.actor.pk):
            getattr(self, deed)(told, request_id)

    def note(self, deed, handle):
        self.done[deed] = handle

    def import_(self, rows, request_id):
        lines = [",".join([key, *(cells[name] for name in CELLS)]) for key, cells in rows]
        path = self.case.folder / "f.csv"
        path.write_text("\n".join([",".join(["external_id", *CELLS]), *lines, ""]))
        brought = import_file(path=path, kind="customers", key="external_id")
        self.note(self.model.import_(rows), brought["import"])

    def merge(self, keys, request_id):
        survivor, other = (self.model.living(key) for key in keys)
        if survivor is None or other is None or survivor is other:
            return
        merge = merge_customers(survivor=self.of(keys[0]), others=[self.of(keys[1])], actor=self.actor)
        self.note(self.model.merge(survivor, other), merge.pk)

    def edit(self, told, request_id):
        keys, name, value = told
        self._many(
            keys, Deed(EDIT, {name: value}), request_id, lambda some: self.model.edit(some, name, value)
        )

    def delete(self, keys, request_id):
        self._many(keys, Deed(DELETE), request_id, self.model.delete)

    def _many(self, keys, deed, request_id, modelled):
        ids = list(Customer.objects.filter(external_id__in=keys).values_list("pk", flat=True))
        apply(deed=check(deed, self.actor), ids=ids, actor=self.actor)
        living = [record for key in sorted(keys) if (record := self.model.living(key))]
        self.note(modelled(living), request_id)

    def undo(self, number, request_id):
        standing = [deed for deed in self.model.deeds if deed in self.done and not deed.undone]
        if number >= len(standing):
            return
        self.take_back(standing[number])

    def take_back(self, deed):
        if deed.survivor is not None and deed.survivor.cells["into"] is not None:
            return
        handle = self.done[deed]
        self.model.undo(deed)
        if deed.kind == "import":
            undo_import(import_=Import.objects.get(pk=handle), actor=self.actor)
        elif deed.kind == "merge":
            unmerge(merge=Merge.objects.get(pk=handle), actor=self.actor)
        else:
            entries = list(undoing.changes_of(handle).values_list("pk", "subject_id"))
            undoing.undo(entries=entries, request_id=handle, actor=self.actor)

    def change_one(self, told, request_id):
        key, name, value = told
        if record := self.model.living(key):
            self.model.edit([record], name, value)
            update_customer(customer=self.of(key), actor=self.colleague, **{name: value})

    def delete_one(self, key, request_id):
        if record := self.model.living(key):
            self.model.delete([record])
            delete_customer(customer=self.of(key), actor=self.colleague)

    def restore_one(self, key, request_id):
        record = self.model.records.get(key)
        if record is not None and not record.living and record.cells["into"] is None:
            record.cells["deleted"] = None
            restore_customer(customer=self.of(key), actor=self.colleague)

    def there_and_back(self, form, request_id):
        """An export brought in again changes nothing."""
        path = self.case.folder / f"there.{form}"
        ask = exports.asked(member=self.actor, query={}, whole=True)
        exports.export_to(listing=listing_of("customers"), ask=ask, form=form, path=path)
        again = import_file(path=path, kind="customers", key="external_id")
        living = sum(record.living for record in self.model.records.values())
        self.case.assertEqual((again["unchanged"], again["rejected"]), (living, 0), again["first_errors"])

    def everything_undone(self):
        with tenant_context(self.tenant.pk, request_id=uuid4(), member_id=self.actor.pk):
            for deed in reversed(self.model.deeds):
                if deed in self.done and not deed.undone:
                    self.take_back(deed)


class AnySequence(CastTestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(override_settings(MEDIA_ROOT=self.folder / "media"))

    @staticmethod
    def seen(company):
        with tenant_context(company.tenant.pk):
            return images()

    def test_whatever_was_done_and_undone(self):
        @settings(
            max_examples=25 if QUICK else 1_500,
            deadline=None,
            phases=[Phase.generate] if QUICK else [Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(st.tuples(st.booleans(), STEP), min_size=2, max_size=9))
        def check_(steps):
            with transaction.atomic():
                self.play(steps)
                transaction.set_rollback(True)

        check_()

    def play(self, steps):
        here = Company(self, self.acme, self.alice, self.lead)
        there = Company(self, self.other, self.mallory, self.mallory)
        first = {company: self.seen(company) for company in (here, there)}
        for ours, (deed, told) in steps:
            (here if ours else there).act("import_" if deed == "import" else deed, told)
            for company in (here, there):
                self.assertEqual(company.told(), company.model.told(), (deed, told))
        by_others = {"change_one", "delete_one", "restore_one"}
        for ours, company in ((True, here), (False, there)):
            company.everything_undone()
            self.assertEqual(company.told(), company.model.told(), "undone")
            if not any(mine == ours and deed in by_others for mine, (deed, _told) in steps):
                self.assertEqual(self.seen(company), first[company])
