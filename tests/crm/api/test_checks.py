from django.core import checks
from django.test import SimpleTestCase
from rest_framework import mixins

from crm.api import router
from crm.api.checks import check_action, check_names, check_writers
from tests.crm.api.sample import SampleViewSet


class Checks(SimpleTestCase):
    def test_all_resources_pass(self):
        self.assertEqual([m for m in checks.run_checks() if m.id.startswith("tenure.E1")], [])

    def test_an_action_that_declares_nothing_is_found(self):
        self.assertEqual([m.id for m in check_action(SampleViewSet, "forgotten")], ["tenure.E102"])
        self.assertEqual(list(check_action(SampleViewSet, "bulk")), [])

    def test_writing_past_the_services_is_found(self):
        class Careless(SampleViewSet):
            perform_create = mixins.CreateModelMixin.perform_create

        self.assertEqual([m.id for m in check_writers(Careless)], ["tenure.E103"])

    def test_a_filter_by_nothing_is_found(self):
        class Careless(SampleViewSet):
            filters = {"nmae": ["exact"]}

        self.assertEqual([m.id for m in check_names(Careless)], ["tenure.E104"])

    def test_every_operation_is_listed(self):
        listed = {(op.method, op.path) for op in router.operations()}
        self.assertLessEqual({("GET", "/api/v1/members"), ("GET", "/api/v1/members/{id}")}, listed)
