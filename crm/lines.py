"""Texts of one line, such as names and addresses: without hidden signs, whichever form or program they come from.

A model's field says what it holds; its forms and the API read it by that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import models

from crm.texts import clean, one_line


class Cleaned(forms.Field):
    """A mixin for fields of forms: what is typed is cleaned before it is checked."""

    cleans: Callable[[str], str] = staticmethod(clean)

    def to_python(self, value: Any) -> Any:
        return super().to_python(self.cleans(value) if isinstance(value, str) else value)


class CleanField(Cleaned, forms.CharField):
    pass


class AddressField(Cleaned, forms.EmailField):
    pass


class NameField(Cleaned, forms.CharField):
    cleans = staticmethod(one_line)


class Line(models.Field):
    """A mixin for fields of models that hold a text of one line; ``asked_by`` is the form's field."""

    cleans: Callable[[str], str] = staticmethod(clean)
    asked_by: type[forms.Field] = CleanField
    plain = "CharField"

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": self.asked_by, **kwargs})

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        value = self.cleans(value) if isinstance(value, str) else value
        return super().get_db_prep_save(value, connection)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.plain}", args, kwargs


class NameLine(Line, models.CharField):
    """What somebody or something is called: one space between words."""

    cleans = staticmethod(one_line)
    asked_by = NameField


class EmailLine(Line, models.EmailField):
    asked_by = AddressField
    plain = "EmailField"
