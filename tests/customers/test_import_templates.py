"""Files to fill in: their example row can be brought in as it is."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.test import override_settings
from django.urls import reverse

from customers.imports.fields import FIELDS
from customers.imports.mapping import template_of
from customers.models import Customer
from customers.models.custom import FieldKind
from customers.services.imports import import_file
from tests import factories as make
from tests.cases import BrowserTestCase


class Templates(BrowserTestCase):
    def setUp(self):
        super().setUp()
        media = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(override_settings(MEDIA_ROOT=media))
        self.sign_in(self.admin)

    def test_the_example_rows_of_all_templates_can_be_brought_in_as_they_are(self):
        with self.inside():
            for kind in FieldKind:
                choices = [
                    {"value": "gas", "label": "Gas, oil"},
                    {"value": "sun", "label": "Sun"},
                ]
                for record in ("customer", "contact"):
                    make.custom_field(
                        kind,
                        f"own_{kind}",
                        label=f"Own {kind.label}",
                        record=record,
                        required=True,
                        choices=choices if kind.has_choices else [],
                    )
            known = make.customer(external_id="B-7")
        for kind in FIELDS:
            with self.subTest(kind):
                page = self.client.get(reverse("customers:import-template", args=[str(kind)]))
                path = Path(settings.MEDIA_ROOT) / f"{kind}.csv"
                path.write_bytes(page.content)
                with self.inside():
                    result = import_file(path=path, kind=str(kind))
                taken = result["created"] + result["updated"]  # the contact came with the customer
                self.assertEqual((result["rows"], taken, result["first_errors"]), (1, 1, []))
        with self.inside():
            made = Customer.objects.get(external_id="C-1001")
            self.assertEqual((made.owner, made.contacts.count()), (self.admin, 1))
            self.assertEqual(
                made.custom,
                {
                    "own_text": "Own Text A",
                    "own_long_text": "Prefers to be called in the morning.",
                    "own_number": "12.5",
                    "own_money": 9900,
                    "own_date": "2025-12-31",
                    "own_moment": "2025-12-31T14:30:00+00:00",
                    "own_choice": "gas",
                    "own_multi_choice": ["gas"],
                    "own_yes_no": True,
                    "own_link": "https://example.com",
                    "own_member": str(self.admin.pk),
                    "own_customer": str(known.pk),
                },
            )

    def test_the_example_of_a_field_that_speaks_of_a_customer_is_blank_where_there_is_none(self):
        with self.inside():
            make.custom_field("customer", "parent", label="Parent")
            make.customer(external_id="")
            names, examples = template_of("customers", self.admin)
        self.assertEqual(dict(zip(names, examples, strict=True))["custom:parent"], "")
