from retention.models import Score, ScoreRun, Warning
from tests import factories as make
from tests.cases import ApiTestCase
from tests.retention.purchases import DAY


class RetentionApi(ApiTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.customer = make.customer(owner=self.alice)
            older = ScoreRun.objects.create(
                as_of="2025-01-01", horizon_days=90, level=1, model_version="mbg-nbd/1"
            )
            Score.objects.create(run=older, customer=self.customer, probability=0.1, risk="low")
            run = ScoreRun.objects.create(as_of=DAY, horizon_days=90, level=1, model_version="mbg-nbd/1")
            self.score = Score.objects.create(run=run, customer=self.customer, probability=0.7, risk="high")
            self.warning = Warning.objects.create(
                customer=self.customer, owner=self.alice, trigger="rise", probability=0.7, value_at_risk=900
            )
        self.key = self.key_of(self.alice)

    def test_lists_the_newest_scores(self):
        found = self.call("GET", "churn-scores", key=self.key).json()["results"]
        self.assertEqual(
            [(s["id"], s["probability"], s["as_of"]) for s in found], [(str(self.score.pk), 0.7, str(DAY))]
        )

    def test_filters_scores_by_probability_and_risk(self):
        for query, count in (("probability__gte=0.6", 1), ("probability__gte=0.8", 0), ("risk=low", 0)):
            found = self.call("GET", f"churn-scores?{query}", key=self.key).json()["results"]
            self.assertEqual(len(found), count, query)

    def test_closes_a_warning_once(self):
        path = f"warnings/{self.warning.pk}/close"
        answer = self.call("POST", path, {"reason": "dismissed", "note": "Moved"}, key=self.key)
        self.assertEqual((answer.status_code, answer.json()["close_reason"]), (200, "dismissed"))
        again = self.call("POST", path, {"reason": "dismissed"}, key=self.key)
        self.assertEqual((again.status_code, again.json()["code"]), (409, "warning_closed"))

    def test_acts_on_a_warning_with_a_follow_up(self):
        body = {"subject": "Call", "due_at": "2030-01-02T10:00:00Z"}
        answer = self.call("POST", f"warnings/{self.warning.pk}/act", body, key=self.key)
        self.assertEqual((answer.status_code, answer.json()["close_reason"]), (200, "handled"))
        self.assertIsNotNone(answer.json()["follow_up"])

    def test_another_companys_records_are_not_found(self):
        key = self.key_of(self.mallory)
        for path in (f"churn-scores/{self.score.pk}", f"warnings/{self.warning.pk}"):
            self.assertEqual(self.call("GET", path, key=key).status_code, 404)
        answer = self.call("POST", f"warnings/{self.warning.pk}/close", {"reason": "dismissed"}, key=key)
        self.assertEqual(answer.status_code, 404)
