"""The description against the API itself: whatever is sent, the answer is one that is described."""

from __future__ import annotations

import os
from typing import Any

import schemathesis
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from crm.api import docs, router
from crm.tenancy.context import tenant_context
from crm.wsgi import application
from tests import factories as make
from tests.cases import WsgiTestCase

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "3"))
# Not among them: positive_data_acceptance, for a body can be as described and still name a record that does
# not exist, repeat an Idempotency-Key or meet a record in another state; unsupported_method,
# allow_header_conformance, use_after_free and ensure_resource_availability, for they judge sequences that
# only the command line makes (``st run … --checks all``).
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    missing_required_header,
]
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


PLACES = ("id", "customer", "external_id", "number")


@override_settings(API_CALLS_PER_MINUTE=1_000_000)
class Description(WsgiTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        with tenant_context(cls.acme.pk):
            for _n in range(3):
                customer = make.customer(owner=cls.alice)
                make.follow_up(cls.alice, customer=customer)
                make.contact(customer=customer)
                make.interaction(customer=customer)
                make.purchase(customer=customer)
                make.product()

    def test_whatever_is_sent_the_answer_is_a_described_one(self):
        self.headers = {"Authorization": f"Bearer {self.key_of(self.admin)}"}
        described = schemathesis.openapi.from_dict(docs.description())
        described.app = application
        for result in described.get_all_operations():
            operation = result.ok()
            record = self._some_record(operation.path)
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                with self.subTest(f"{operation.method.upper()} {operation.path} {mode.value}"):
                    self._probe(operation, mode, record)

    def _some_record(self, path: str) -> str | None:
        viewset = dict(router.routes())[path.removeprefix(router.PREFIX).partition("/")[0]]
        with self.inside():
            return str(viewset.queryset.values_list("pk", flat=True).first() or "") or None

    def _probe(self, operation: Any, mode: GenerationMode, record: str | None) -> None:
        @SETTINGS
        @given(case=operation.as_strategy(generation_mode=mode))
        def probe(case: Any) -> None:
            if record and mode is GenerationMode.POSITIVE and "id" in (case.path_parameters or {}):
                case.path_parameters["id"] = record
            case.call_and_validate(headers=self.headers, checks=CHECKS)

        probe()

    def test_nothing_is_answered_without_a_key(self):
        described = schemathesis.openapi.from_dict(docs.description())
        described.app = application
        for result in described.get_all_operations():
            with self.subTest(result.ok().label):
                response = result.ok().Case(path_parameters=dict.fromkeys(PLACES, "0")).call()
                self.assertEqual(response.status_code, 401)
