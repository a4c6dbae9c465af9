"""Any sequence of imports, undos and edits, in two companies at once, against a model in plain Python."""

import tempfile
from pathlib import Path

from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from customers.models import Customer, Import
from customers.services.customers import create_customer, update_customer
from customers.services.imports import import_file
from customers.services.imports.undoing import undo
from tests.cases import CastTestCase

FIELDS = ("name", "city", "industry")
VALUE = st.sampled_from(["", "Bath", "York", "远山", "=1"])
ROW = st.tuples(
    st.sampled_from("ABC"), st.fixed_dictionaries({"name": VALUE, "city": VALUE, "industry": VALUE})
)
STEP = st.one_of(
    st.tuples(st.just("import"), st.lists(ROW, min_size=1, max_size=3, unique_by=lambda row: row[0])),
    st.tuples(st.just("undo"), st.integers(0, 4)),
    st.tuples(st.just("edit"), st.tuples(st.sampled_from("ABC"), st.sampled_from(FIELDS), VALUE)),
)


class Model:
    """What ought to stand there: records by their key, and of each import what it made and changed."""

    def __init__(self):
        self.records, self.imports = {}, []

    def import_(self, rows):
        made, changed = {}, {}
        for key, cells in rows:
            filled = {name: value for name, value in cells.items() if value}
            if key not in self.records:
                if "name" in filled:
                    self.records[key] = {name: cells[name] for name in FIELDS}
                    made[key] = dict(self.records[key])
                continue
            for name, value in filled.items():
                if self.records[key][name] != value:
                    changed[key, name] = (self.records[key][name], value, self.records[key])
                    self.records[key][name] = value
        made = {key: (image, self.records[key]) for key, image in made.items()}
        self.imports.append((made, changed))

    def undo(self, number):
        made, changed = self.imports[number]
        self.imports[number] = None
        for key, (image, record) in made.items():
            if self.records.get(key) is record and record == image:
                del self.records[key]
        for (key, name), (before, after, record) in changed.items():
            if self.records.get(key) is record and record[name] == after:
                record[name] = before


class Sequences(CastTestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(override_settings(MEDIA_ROOT=self.folder / "media"))

    def test_imports_undos_and_edits(self):
        @settings(
            max_examples=25,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(st.lists(st.tuples(st.booleans(), STEP), min_size=2, max_size=7))
        def check(steps):
            models = {}
            for company in (self.acme, self.other):
                with self.inside(company):
                    Customer.objects.all().delete()
                    create_customer(name="A", external_id="A", city="Bath", actor=None)
                models[company] = Model()
                models[company].records["A"] = {"name": "A", "city": "Bath", "industry": ""}
                models[company].brought = []
            for first, step in steps:
                self.do(self.acme if first else self.other, models, step)
                for company, model in models.items():
                    with self.inside(company):
                        self.assertEqual(self.told(), model.records, step)

        check()

    def do(self, company, models, step):
        model, (deed, told) = models[company], step
        with self.inside(company):
            if deed == "import":
                model.import_(told)
                model.brought.append(self.bring(told))
            elif deed == "undo":
                if told < len(model.imports) and model.imports[told] is not None:
                    model.undo(told)
                    undo(import_=Import.objects.get(pk=model.brought[told]), actor=None)
            elif told[0] in model.records and (told[1] != "name" or told[2]):
                key, name, value = told
                model.records[key][name] = value
                update_customer(customer=Customer.objects.get(external_id=key), actor=None, **{name: value})

    def bring(self, rows):
        lines = [",".join([key, *(cells[name] for name in FIELDS)]) for key, cells in rows]
        path = self.folder / "f.csv"
        path.write_text("\n".join(["external_id,name,city,industry", *lines, ""]))
        return import_file(path=path, kind="customers", key="external_id")["import"]

    def told(self):
        found = Customer.objects.values("external_id", *FIELDS)
        return {row.pop("external_id"): row for row in found}
