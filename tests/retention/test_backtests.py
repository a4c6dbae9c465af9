import json
from datetime import timedelta
from io import StringIO

from django.core.management import CommandError, call_command

from crm.models import Job
from crm.services import jobs
from retention import jobs as runners
from retention.errors import NobodyBought, OutcomeUnknown
from retention.models import Backtest
from retention.services.backtests import FIGURES, run_backtest
from tests.cases import CastTestCase, TenantTestCase
from tests.retention.purchases import DAY, busy_company, buy

CUT = DAY - timedelta(days=60)


class Backtests(TenantTestCase):
    def test_compares_with_what_happened_and_is_kept(self):
        busy_company(self.acme)
        kept = run_backtest(cut=CUT, horizon=60, actor=self.alice)
        found = Backtest.objects.get()
        self.assertEqual((found.pk, found.cut_on, found.created_by), (kept.pk, CUT, self.alice))
        self.assertEqual((found.result["n"], found.result["level"], found.result["cut"]), (120, 1, str(CUT)))
        self.assertTrue(0 < found.result["churned"] < 120)
        self.assertTrue(0.5 < found.result["auc"] <= 1)

    def test_refuses_a_day_whose_outcome_is_not_known(self):
        busy_company(self.acme)
        with self.assertRaises(OutcomeUnknown):
            run_backtest(cut=DAY, horizon=60)

    def test_refuses_a_day_before_the_first_purchase(self):
        busy_company(self.acme)
        with self.assertRaises(NobodyBought):
            run_backtest(cut=DAY - timedelta(days=900), horizon=60)


class Command(CastTestCase):
    def test_prints_the_figures_of_the_contract(self):
        with self.inside():
            busy_company(self.acme)
        out = StringIO()
        arguments = ["--tenant", self.acme.slug, "--cut", str(CUT), "--horizon", "60", "--json"]
        call_command("backtest_churn", *arguments, stdout=out)
        self.assertEqual(tuple(json.loads(out.getvalue().splitlines()[-1])), FIGURES)

    def test_a_refusal_is_an_error(self):
        with self.inside():
            buy(busy_company(self.acme, count=1)[0], 0, tenant=self.acme)
        with self.assertRaises(CommandError):
            call_command("backtest_churn", "--tenant", self.acme.slug, "--cut", str(DAY), "--horizon", "60")


class InTheBackground(CastTestCase):
    def test_the_job_keeps_the_report(self):
        with self.inside():
            busy_company(self.acme)
            params = {"cut": str(CUT), "horizon": 60}
            job = jobs.start(kind=runners.BACKTEST, params=params, actor=self.alice)
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        with self.inside():
            done = Job.objects.get(pk=job.pk)
            self.assertEqual((done.state, done.result["n"]), ("done", 120))
            self.assertEqual(str(Backtest.objects.get().pk), done.result["backtest"])
