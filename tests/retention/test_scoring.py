import csv
import json
from datetime import datetime, timedelta
from io import StringIO
from tempfile import NamedTemporaryFile

from django.core.management import CommandError, call_command

from customers.models import CustomerRisk, Purchase
from retention.errors import BadHorizon
from retention.models import Score, ScoreRun
from retention.services.score_files import COLUMNS
from retention.services.scoring import score
from tests.cases import TenantTestCase
from tests.retention.purchases import DAY, busy_company, buy, bystander, customers

FIELDS = ("customer_id", "probability", "risk", "reasons", "expected_purchases", "expected_value")


def rows(run):
    return list(Score.objects.filter(run=run).order_by("customer_id").values_list(*FIELDS))


class Scoring(TenantTestCase):
    def test_everybody_gets_a_row_and_the_newest_figures_stand_with_the_customer(self):
        made = busy_company(self.acme)
        never = bystander(self.acme)

        run = score(as_of=DAY, horizon=60)

        self.assertEqual((run.customers, run.level, Score.objects.count()), (121, 1, 121))
        probabilities = [row[1] for row in rows(run) if row[0] != never.pk]
        self.assertTrue(all(0 < p < 1 for p in probabilities))
        self.assertEqual(run.explanation["why"], "better_than_base_rate")
        self.assertAlmostEqual(run.explanation["base"], sum(probabilities) / 120, places=12)
        found = CustomerRisk.objects.get(customer=made[0])
        kept = Score.objects.get(customer=made[0])
        self.assertEqual(
            (found.churn_probability, found.churn_risk, found.churn_level, found.expected_value),
            (kept.probability, kept.risk, 1, kept.expected_value),
        )
        self.assertEqual(sum(CustomerRisk.objects.values_list("value_at_risk", flat=True)) > 0, True)

    def test_who_never_bought_is_low_without_a_figure_and_says_why(self):
        busy_company(self.acme)
        never = bystander(self.acme)
        score(as_of=DAY, horizon=60)
        kept = Score.objects.get(customer=never)
        self.assertEqual((kept.probability, kept.risk, kept.expected_value), (None, "low", None))
        self.assertEqual([reason["code"] for reason in kept.reasons], ["never_bought"])

    def test_a_second_run_replaces_the_first_and_keeps_the_rows(self):
        busy_company(self.acme)
        first = score(as_of=DAY, horizon=60)
        before, ids = rows(first), set(Score.objects.values_list("pk", flat=True))

        second = score(as_of=DAY, horizon=60)

        self.assertEqual((ScoreRun.objects.count(), second.pk), (1, first.pk))
        self.assertEqual(rows(second), before)
        self.assertEqual(set(Score.objects.values_list("pk", flat=True)), ids)

    def test_a_deleted_customer_leaves_the_run_when_it_is_done_again(self):
        made = busy_company(self.acme)
        score(as_of=DAY, horizon=60)
        made[0].deleted_at = datetime.now(self.acme.zone)
        made[0].save()
        self.assertEqual(score(as_of=DAY, horizon=60).customers, 119)
        self.assertFalse(Score.objects.filter(customer=made[0]).exists())

    def test_what_happens_after_the_day_changes_nothing(self):
        made = busy_company(self.acme)
        before = rows(score(as_of=DAY, horizon=60))
        for customer in made[:40]:
            buy(customer, -1, -5, amount=900_000, tenant=self.acme)
        self.assertEqual(rows(score(as_of=DAY, horizon=60)), before)

    def test_the_day_ends_at_the_companys_own_midnight(self):
        self.acme.timezone = "Asia/Shanghai"
        self.acme.save()
        made = busy_company(self.acme)
        last = datetime(2025, 6, 30, 23, 59, tzinfo=self.acme.zone)
        purchase = Purchase.objects.create(
            customer=made[0], purchased_at=last, created_at=last, amount=100, currency="USD", amount_home=100
        )
        inside = rows(score(as_of=DAY, horizon=60))
        moved = last + timedelta(minutes=2)
        Purchase.objects.filter(pk=purchase.pk).update(purchased_at=moved, created_at=moved)
        self.assertNotEqual(rows(score(as_of=DAY, horizon=60)), inside)

    def test_what_was_recorded_only_later_was_not_known_but_history_brought_in_is(self):
        made = busy_company(self.acme)
        before = rows(score(as_of=DAY, horizon=60))
        bought = datetime(2025, 6, 29, 12, tzinfo=self.acme.zone)
        fields = {
            "customer": made[0],
            "currency": "USD",
            "amount": 100,
            "amount_home": 100,
            "purchased_at": bought,
        }
        late = Purchase.objects.create(**fields, created_at=bought + timedelta(days=3))
        self.assertEqual(rows(score(as_of=DAY, horizon=60)), before)

        Purchase.objects.filter(pk=late.pk).update(created_at=bought + timedelta(days=300))
        self.assertNotEqual(rows(score(as_of=DAY, horizon=60)), before)

    def test_an_older_day_does_not_overwrite_the_newest_figures(self):
        busy_company(self.acme)
        score(as_of=DAY, horizon=60)
        figures = CustomerRisk.objects.order_by("pk").values_list("churn_probability", "value_at_risk")
        newest = list(figures)
        score(as_of=DAY - timedelta(days=30), horizon=60)
        self.assertEqual(list(figures.all()), newest)

    def test_a_small_company_gets_rules_and_no_percentage(self):
        late, once, busy = customers(3)
        buy(late, 200, 190, 180, 170, 160, tenant=self.acme)
        buy(once, 300, tenant=self.acme)
        buy(busy, 40, 30, 20, 10, tenant=self.acme)

        run = score(as_of=DAY, horizon=60)

        self.assertEqual((run.level, run.explanation["why"]), (0, "few_customers"))
        told = {
            s.customer_id: (s.probability, s.risk, [r["code"] for r in s.reasons]) for s in run.scores.all()
        }
        self.assertEqual(told[late.pk], (None, "high", ["gap"]))
        self.assertEqual(told[once.pk], (None, "medium", ["one_purchase"]))
        self.assertEqual(told[busy.pk], (None, "low", []))
        at_risk = dict(CustomerRisk.objects.values_list("customer_id", "value_at_risk"))
        self.assertEqual((at_risk[late.pk], at_risk[busy.pk]), (60_000, 0))

    def test_a_company_without_purchases_is_scored_too(self):
        bystander(self.acme)
        self.assertEqual(score(as_of=DAY, horizon=60).customers, 1)

    def test_a_horizon_of_nothing_is_refused(self):
        with self.assertRaises(BadHorizon):
            score(as_of=DAY, horizon=0)


class ScoreFile(TenantTestCase):
    def test_has_the_columns_of_the_contract_with_reasons_in_words(self):
        made = busy_company(self.acme)
        made[0].external_id = "=1+1"
        made[0].save()
        self._stack.close()
        path = self.enterContext(NamedTemporaryFile(suffix=".csv")).name
        slug, out = self.acme.slug, StringIO()
        call_command(
            "score_churn", "--tenant", slug, "--as-of", str(DAY), "--export", path, "--json", stdout=out
        )
        self.assertEqual(json.loads(out.getvalue())["customers"], 120)
        for wrong in (("--horizon", "0"), ("--export", "/nowhere/scores.csv")):
            with self.assertRaisesRegex(CommandError, r"between 1 and 730 days|/nowhere/scores.csv: No such"):
                call_command("score_churn", "--tenant", slug, "--as-of", str(DAY), *wrong)

        with open(path, newline="") as file:
            found = list(csv.DictReader(file))
        self.assertEqual(tuple(found[0]), COLUMNS)
        self.assertEqual(len(found), 120)
        by_id = {row["external_id"]: row for row in found}
        self.assertIn("'=1+1", by_id)
        self.assertTrue(any(" ago, usually every " in row["reason_1"] for row in found))
        with self.inside():
            kept = Score.objects.get(customer=made[5])
        self.assertEqual(float(by_id["C5"]["probability"]), kept.probability)
        self.assertEqual(float(by_id["C5"]["expected_value"]), kept.expected_value / 100)
