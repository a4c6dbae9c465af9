from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from customers.models import CustomerStats, FollowUp, Import, Interaction
from customers.services.customers import create_customer
from customers.services.imports import import_file
from customers.services.imports.undoing import undo
from tests.cases import TenantTestCase

LIST = """客户名称,拜访日期,拜访人,拜访内容,下一步,跟进日期
 harbour  ltd ,2026-01-05 10:00,Alice,Asked for prices,Send an offer,2026-01-12
K-2,2026-01-06,,Looked at the lifts,,
K-2,2026-01-07,,No day,Call,
Nobody,2026-01-07,,,,
"""


class Visits(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.harbour = create_customer(actor=None, name="Harbour Ltd")
        self.quay = create_customer(actor=None, name="Quay", external_id="K-2")
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "visits.csv"
        path.write_text(LIST, encoding="utf-8")
        self.result = import_file(path=path, kind="visits")

    def test_each_visit_is_on_the_timeline_and_its_next_step_on_the_visitors_list(self):
        self.assertEqual((self.result["created"], self.result["made"]["follow-ups"]), (2, 1))
        reasons = {one["line"]: one["reason"] for one in self.result["first_errors"]}
        self.assertEqual(reasons[4], "The day of the next step is missing.")
        self.assertEqual(self.result["rejected"], 2)
        said = Interaction.objects.get(customer=self.harbour)
        self.assertEqual((said.kind, said.channel, said.author, said.text),
                         ("visit", "visit", self.alice, "Asked for prices"))  # fmt: skip
        promised = FollowUp.objects.get()
        self.assertEqual((promised.customer, promised.owner, promised.subject),
                         (self.harbour, self.alice, "Send an offer"))  # fmt: skip
        self.assertEqual(promised.due_at, datetime(2026, 1, 12, 17, tzinfo=self.acme.zone))
        figures = CustomerStats.objects.get(customer=self.harbour)
        self.assertEqual((figures.next_follow_up_at, figures.last_contact_at),
                         (promised.due_at, said.happened_at))  # fmt: skip

    def test_undone_nothing_of_it_is_left(self):
        undo(import_=Import.objects.get(pk=self.result["import"]), actor=self.admin)
        self.assertFalse(Interaction.objects.exists() or FollowUp.objects.exists())
