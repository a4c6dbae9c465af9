"""Files as people have them: what a table may hold that a tidy one does not."""

from customers.models import Customer
from tests.customers.test_imports import ImportTestCase


class Columns(ImportTestCase):
    def test_two_columns_of_one_name_are_both_there(self):
        text = "name,note,email,note\nHarbour,First,a@harbour.example,Second\n"
        self.bring(text, mapping={"note": "city", "note (2)": "notes"})
        self.assertEqual(
            list(Customer.objects.values_list("name", "city", "notes")), [("Harbour", "First", "Second")]
        )
