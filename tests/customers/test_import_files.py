"""Files as people have them: what a table may hold that a tidy one does not."""

from datetime import date

from customers.models import Customer
from tests.customers.test_imports import ImportTestCase


class Columns(ImportTestCase):
    def test_two_columns_of_one_name_are_both_there(self):
        text = "name,note,email,note\nHarbour,First,a@harbour.example,Second\n"
        self.bring(text, mapping={"note": "city", "note (2)": "notes"})
        self.assertEqual(
            list(Customer.objects.values_list("name", "city", "notes")), [("Harbour", "First", "Second")]
        )


class Hidden(ImportTestCase):
    def test_signs_nobody_sees_are_no_name_and_turn_none_around(self):
        """One unseen could bear any other's name, or make a list read backwards from there."""
        text = (
            "\u200bname,email\n\u202eevil,a@b.example\n\u200b\u200b,b@b.example\n\ufeff ,c@b.example\n"
            "خانه\u200cها,\n"
        )
        counted = self.bring(text)
        self.assertEqual(counted, (4, 2, 0, 0, 0, 2))
        self.assertEqual([row[:2] for row in self.errors()], [["3", "name"], ["4", "name"]])
        self.assertEqual(set(Customer.objects.values_list("name", flat=True)), {"evil", "خانه\u200cها"})
        self.assertEqual(self.bring(text)[3], 2)

    def test_a_number_copied_with_its_marks_is_one(self):
        self.bring(
            "name,phone,created_at\nHarbour,\u202d+44 113 496 0001\u202c,\u200e2024-\u200e05-\u200e17\n"
        )
        made = Customer.objects.get()
        self.assertEqual((made.phone, made.created_at.date()), ("+44 113 496 0001", date(2024, 5, 17)))
