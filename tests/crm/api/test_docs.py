from drf_spectacular.drainage import GENERATOR_STATS

from crm.api import docs
from tests.cases import ApiTestCase


class Description(ApiTestCase):
    def test_the_description_needs_no_key_and_names_scopes_and_refusals(self):
        document = self.client.get("/api/schema/").json()
        self.assertEqual(document["openapi"], "3.1.0")
        operation = document["paths"]["/api/v1/members/{id}"]["get"]
        self.assertEqual(operation["security"], [{"key": ["members:read"]}])
        self.assertEqual(
            sorted(operation["responses"]), ["200", "304", "400", "401", "403", "404", "406", "429"]
        )

    def test_nothing_in_it_was_guessed(self):
        docs.description()
        self.assertFalse(GENERATOR_STATS, "the generator of the description warned")

    def test_the_page_shows_every_operation_without_anything_inline(self):
        page = self.client.get("/api/docs/").content.decode()
        self.assertIn("/api/v1/jobs/{id}/cancel", page)
        for inline in ("<style", "style=", "onclick", "<script>"):
            self.assertNotIn(inline, page)
