from django.test import override_settings
from django.utils import timezone

from crm.errors import NotAllowed
from crm.models import ApiKey, AuditEntry, Job, User
from crm.services import keys
from crm.services.keys import InvalidKey
from tests.cases import ApiTestCase, TenantTestCase


class Doors(ApiTestCase):
    def problem(self, response, status, code):
        self.assertEqual(
            (response.status_code, response["Content-Type"]), (status, "application/problem+json")
        )
        problem = response.json()
        self.assertEqual((problem["status"], problem["code"]), (status, code))
        self.assertEqual(problem["request_id"], response["X-Request-Id"])

    def test_a_refusal_is_told_in_the_language_the_call_asks_for(self):
        key = self.key_of(self.admin, "members:read")
        told = {
            asked: self.call("GET", "members/none", key=key, **{"Accept-Language": asked})["Content-Language"]
            for asked in ("", "*", "fr", "zh-CN,zh;q=0.9", "fr, zh-TW;q=0.5")
        }
        self.assertEqual([*told.values()], ["en", "en", "en", "zh-hans", "zh-hant"])

    def test_no_key_an_unknown_key_and_a_revoked_one_are_refused_alike(self):
        revoked = self.key_of(self.admin)
        with self.inside():
            ApiKey.objects.update(revoked_at=timezone.now())
        for key in (revoked, "tnr_nonsense", f"tnr_{self.acme.pk.hex}_{'x' * 43}"):
            response = self.call("GET", "members", key=key)
            self.problem(response, 401, "not_authenticated")
            self.assertEqual(response["WWW-Authenticate"], 'Bearer realm="Tenure"')
        self.problem(self.client.get("/api/v1/members"), 401, "not_authenticated")

    def test_a_signed_in_browser_is_no_key(self):
        self.client.force_login(self.admin.user)
        self.problem(self.client.get("/api/v1/members"), 401, "not_authenticated")

    def test_a_key_of_an_inactive_member_or_closed_company_opens_nothing(self):
        key = self.key_of(self.alice)
        with self.inside():
            self.alice.active = False
            self.alice.save()
        self.problem(self.call("GET", "members", key=key), 401, "not_authenticated")

    def test_a_key_of_who_may_no_longer_sign_in_opens_nothing(self):
        key = self.key_of(self.alice)
        User.objects.filter(pk=self.alice.user_id).update(is_active=False)
        self.problem(self.call("GET", "members", key=key), 401, "not_authenticated")

    def test_scopes_and_capabilities_are_both_needed(self):
        self.problem(
            self.call("GET", "members", key=self.key_of(self.admin, "teams:read")), 403, "missing_scope"
        )
        self.problem(
            self.call("GET", "members", key=self.key_of(self.admin, "members:write")), 403, "missing_scope"
        )
        self.problem(
            self.call("GET", "audit", key=self.key_of(self.reader, "audit:read")), 403, "not_allowed"
        )
        self.assertEqual(
            self.call("GET", "audit", key=self.key_of(self.admin, "audit:read")).status_code, 200
        )

    def test_absent_foreign_and_malformed_ids_answer_the_same(self):
        key, answers = self.key_of(self.admin), []
        for pk in (self.mallory.pk, "01900000-0000-7000-8000-000000000000", "x"):
            response = self.call("GET", f"members/{pk}", key=key)
            self.problem(response, 404, "not_found")
            answers.append({k: v for k, v in response.json().items() if k != "request_id"})
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[1], answers[2])

    def test_addresses_and_methods_that_are_not_there(self):
        key = self.key_of(self.admin)
        self.problem(self.call("GET", "nonsense", key=key), 404, "not_found")
        response = self.call("DELETE", "members", key=key)
        self.problem(response, 405, "method_not_allowed")
        self.assertEqual(response["Allow"], "GET, HEAD, OPTIONS")
        self.assertEqual(self.call("OPTIONS", "members", key=key).status_code, 204)
        self.assertEqual(self.call("HEAD", "members", key=key).content, b"")
        self.assertEqual(self.call("GET", "members/", key=key).status_code, 200)
        self.problem(self.call("GET", "members", key=key, Accept="text/html"), 406, "not_acceptable")

    def test_a_key_sees_its_own_company(self):
        rows = self.call("GET", "members", key=self.key_of(self.mallory)).json()["results"]
        self.assertEqual([row["display_name"] for row in rows], ["Mallory"])

    def test_others_jobs_are_hidden(self):
        with self.inside():
            job = Job.objects.create(kind="x", created_by=self.lead)
        self.assertEqual(self.call("GET", f"jobs/{job.pk}", key=self.key_of(self.alice)).status_code, 404)
        self.assertEqual(self.call("GET", f"jobs/{job.pk}", key=self.key_of(self.admin)).status_code, 200)

    def test_use_is_noted_once_a_minute(self):
        key = self.key_of(self.admin)
        with self.inside():
            ApiKey.objects.update(last_used_at=None)
        self.call("GET", "members", key=key)
        with self.inside():
            first = ApiKey.objects.get(name="test").last_used_at
        self.call("GET", "members", key=key)
        with self.inside():
            self.assertEqual(ApiKey.objects.get(name="test").last_used_at, first)
        self.assertIsNotNone(first)


class Rates(ApiTestCase):
    @override_settings(API_CALLS_PER_MINUTE=2)
    def test_the_third_call_of_two_is_refused_and_says_when_to_come_back(self):
        key = self.key_of(self.admin)
        answers = [self.call("GET", "members", key=key) for _n in range(3)]
        self.assertEqual([answer.status_code for answer in answers], [200, 200, 429])
        self.assertEqual(answers[0]["RateLimit-Policy"], '"key";q=2;w=60')
        self.assertEqual(answers[0]["RateLimit"], '"key";r=1;t=30')
        self.assertEqual(answers[2].json()["code"], "rate_limited")
        self.assertEqual(answers[2]["Retry-After"], "30")
        self.assertEqual(self.call("GET", "members", key=self.key_of(self.admin)).status_code, 200)


class Services(TenantTestCase):
    def test_a_key_is_made_shown_once_and_revoked(self):
        key, text = keys.create_key(name="Shop", member=self.alice, scopes=["members:read"], actor=self.admin)
        self.assertNotIn(key.secret_hash, text)
        keys.revoke_key(key=key, actor=self.admin)
        keys.revoke_key(key=key, actor=self.admin)
        deeds = (
            AuditEntry.objects.filter(kind="deed", subject_id=key.pk)
            .order_by("id")
            .values_list("deed", flat=True)
        )
        self.assertEqual(sorted(deeds), ["api_key.created", "api_key.revoked"])

    def test_unknown_scopes_and_keys_for_others_are_refused(self):
        with self.assertRaises(InvalidKey) as refusal:
            keys.create_key(
                name="x", member=self.admin, scopes=["members:read", "gold:read"], actor=self.admin
            )
        self.assertEqual(list(refusal.exception.errors), ["scopes"])
        with self.assertRaises(NotAllowed):
            keys.create_key(name="x", member=self.admin, scopes=[], actor=self.alice)
        self.assertFalse(ApiKey.objects.exists())
