"""What a template asks for, field by field."""

from __future__ import annotations

from dataclasses import dataclass

from customers.capture.fields import Field, fields
from customers.models import CaptureTemplate


@dataclass(frozen=True)
class Asked:
    """A field as a template asks for it."""

    field: Field
    label: str
    help: str
    required: bool

    @property
    def name(self) -> str:
        return self.field.name


def asked_by(template: CaptureTemplate) -> list[Asked]:
    """In the template's order; fields that were archived since are left out."""
    known = fields()
    return [
        Asked(
            known[one["name"]],
            one.get("label") or known[one["name"]].label,
            one.get("help") or str(known[one["name"]].like.help),
            bool(one.get("required")),
        )
        for one in template.fields
        if isinstance(one, dict) and one.get("name") in known
    ]
