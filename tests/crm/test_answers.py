from django import forms
from django.test import SimpleTestCase

from crm import answers
from crm.errors import DomainError


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
