"""Every text of every table speaks of one person, in rows that are somebody else's or nobody's; then the person is
erased, and the whole database is read for the addresses and numbers.
"""

from django.db import connection, models, transaction

from crm.audit.sealing import seal
from crm.audit.verification import verify
from crm.models import AuditEntry
from customers.models import PurchaseLine
from customers.services.customers import create_customer, update_customer
from customers.services.privacy.erasing import clear_up, erase_person
from feedback.models import Feedback
from tests import factories as make
from tests.cases import TenantTestCase
from tests.isolation.rows import Rows, tenant_models

# The same address and number, now and before, as people and programs write them.
WRITINGS = (
    "Ask XW@Example.com",
    "xw.old@example.com said\nno",
    "ring 020 7946-0018",
    "0044 (20) 7946 0018!",
    "+442079460777\n",
    "?q=xw%40example.com&x=1",
)
TRACES = r"xw(\.old)?(@|%40)example|7946[^0-9]{0,3}(0018|0777)"
# Who somebody else is, and where; by what the company's own people sign in. Theirs, also where a text is alike.
THEIRS = {
    "customers.Customer": "name name_norm pinyin initials email email_norm phone phone_norm external_id city region "
    "industry postcode",
    "customers.Contact": "name name_norm pinyin initials email email_norm phone phone_norm",
    "crm.Member": "display_name email",
    "crm.Invitation": "email",
}
# What only programs write and read: codes, keys, addresses of other programs, figures; what triggers keep.
CODES = {
    "crm.ApiKey": "scopes",
    "crm.WebhookEndpoint": "url event_types",
    "customers.Capture": "external_id candidates",
    "customers.CaptureTemplate": "sites",
    "customers.ContactCheck": "cause",
    "customers.ContactValue": "text",
    "customers.Contract": "number",
    "customers.CustomField": "key choices",
    "customers.CustomerValue": "text",
    "customers.Duplicate": "reasons",
    "customers.Inlet": "app_id",
    "customers.Interaction": "external_id",
    "customers.Product": "code",
    "customers.Purchase": "order_no",
    "planning.Objective": "kpi",
    "retention.Backtest": "result",
    "retention.Score": "reasons",
    "retention.ScoreRun": "model_version parameters explanation",
    "retention.Warning": "reasons",
    "segmentation.ClassChange": "why",
    "segmentation.ClassMembership": "why",
    "segmentation.StageMembership": "why",
    "segmentation.Tally": "key",
}


class Elsewhere(Rows):
    """Rows of people who are not the one erased."""

    def __init__(self, text):
        super().__init__("plain")
        self.text, self.columns = text, set()

    def _is_needed(self, field):
        return self._can_tell(field) or super()._is_needed(field)

    def _value(self, field):
        if not self._can_tell(field):
            return super()._value(field)
        self.columns.add(f"{field.model._meta.db_table}.{field.column}")
        if isinstance(field, models.JSONField):
            return {} if field.name == "custom" else {"said": self.text, "rows": [[self.text, "x"]]}
        return self.text

    def _can_tell(self, field):
        label = field.model._meta.label
        if field.name in (*THEIRS.get(label, "").split(), *CODES.get(label, "").split()):
            return False
        if field.choices or field.name in field.model.impersonal or field.name.endswith("_hash"):
            return False
        if isinstance(field, models.JSONField):
            return True
        is_text = isinstance(field, models.CharField | models.TextField)
        return is_text and (field.max_length or 999) >= len(self.text)


def columns_with(pattern):
    """Every column of the database, by its own catalog, in which the open company sees the pattern."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, a.attname FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_type t ON t.oid = a.atttypid
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
              AND t.typname IN ('text', 'varchar', 'bpchar', 'citext', 'json', 'jsonb', '_text', '_varchar', 'tsvector')
            """
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" WHERE "{column}"::text ~* %s)', [pattern])
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found


class EveryWriting(TenantTestCase):
    """A table or column that is new is planted and read without a line here."""

    def setUp(self):
        super().setUp()
        self.person = create_customer(
            name="Xmarkerx Wu",
            email="xw.old@example.com",
            phone="+44 20 7946 0777",
            kind="person",
            actor=self.alice,
        )
        update_customer(
            customer=self.person, email="xw@example.com", phone="+44 20 7946 0018", actor=self.alice
        )

    def test_no_address_or_number_is_left_in_any_column(self):
        for text in WRITINGS:
            with self.subTest(text), transaction.atomic():
                self.plant(text)
                seal()
                done = erase_person(person=self.person, reason="Asked", actor=self.admin)
                clear_up(done)
                self.assertEqual(columns_with(TRACES), set())
                self.assertEqual(verify().findings, [])
                transaction.set_rollback(True)

    def plant(self, text):
        planted = Elsewhere(text)
        for model in tenant_models():
            if not model.__name__.startswith("Audit"):  # the history writes itself, and is sealed
                planted.row(model)
        self.assertGreater(len(planted.columns), 100)

    def test_who_wrote_what_stays_with_somebody_else_is_no_longer_named(self):
        other = create_customer(name="Somebody Else", actor=self.alice)
        said = Feedback.objects.create(
            customer=other, text="Fine", sender_name="Xmarkerx Wu", sender_email="XW@example.com"
        )
        self.erase()
        said.refresh_from_db()
        self.assertEqual((said.text, said.sender_name, said.sender_email), ("Fine", "", ""))
        history = AuditEntry.objects.filter(subject_id=said.pk).values_list("before", "after")
        self.assertNotIn("Xmarkerx", str(list(history)))
        self.assertEqual(verify().findings, [])

    def test_names_that_only_one_row_may_bear_stay_apart(self):
        teams = [make.team(name=name) for name in ("xw@example.com", "XW@example.com", "Sales")]
        self.erase()
        names = [type(team).objects.get(pk=team.pk).name for team in teams]
        self.assertEqual(sorted(names), ["Sales", "[erased]", "[erased] 2"])

    def test_lines_in_the_history_of_their_whole_lose_the_person_too(self):
        purchase = make.purchase(customer=create_customer(name="Somebody Else", actor=self.alice))
        for place, text in enumerate(("for 0044 20 7946-0018", "for XW@example.com", "Tea")):
            figures = {"position": place, "quantity": 1, "unit_price": 1, "amount": 1}
            PurchaseLine.objects.create(purchase=purchase, description=text, **figures)
        PurchaseLine.objects.filter(description__contains="XW").delete()
        self.erase()
        left = set(PurchaseLine.objects.values_list("description", flat=True))
        self.assertEqual(left, {"for [erased]", "Tea"})
        history = str(list(AuditEntry.objects.filter(subject_id=purchase.pk).values_list("before", "after")))
        self.assertNotRegex(history.lower(), TRACES)
        self.assertIn("Tea", history)
        self.assertEqual(verify().findings, [])

    def erase(self):
        return erase_person(person=self.person, reason="Asked", actor=self.admin)
