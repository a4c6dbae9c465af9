from django import forms
from django.test import SimpleTestCase
from django.urls import reverse

from crm import answers
from crm.errors import DomainError
from tests.cases import BrowserTestCase


class NameForm(forms.Form):
    name = forms.CharField()


class Refuse(SimpleTestCase):
    def refused(self, error: DomainError) -> dict:
        form = NameForm({"name": "x"})
        answers.refuse(form, error)
        return dict(form.errors)

    def test_an_error_stands_beside_its_field_or_above_them_all(self):
        self.assertEqual(self.refused(DomainError(errors={"name": ["Taken."]})), {"name": ["Taken."]})
        self.assertEqual(self.refused(DomainError(errors={"hidden": ["No."]})), {"__all__": ["No."]})
        self.assertEqual(self.refused(DomainError("Not now.")), {"__all__": ["Not now."]})


class Signs(BrowserTestCase):
    def test_an_address_that_asks_for_what_no_text_holds_is_refused(self):
        client = self.sign_in(self.admin)
        for address in (reverse("search"), reverse("customers:list"), reverse("feedback:tickets")):
            refused = client.get(address, {"q": "a\0b"})
            self.assertEqual(refused.status_code, 400)
            self.assertEqual(client.get(address, {"q": "ab"}).status_code, 200)

    def test_a_sign_that_only_looks_like_a_number_finds_nothing(self):
        answer = self.sign_in(self.admin).get(reverse("customers:list"), {"spend_min": "²"})
        self.assertContains(answer, "²")
