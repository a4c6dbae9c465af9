"""What a new company's customers start with: tags, as a field that holds several."""

from django.utils.translation import gettext as _

from crm.defaults import register
from crm.models import Member
from customers.models.custom import FieldKind, RecordType
from customers.services.custom_fields import create_field

TAGS = "tags"


def make_tags(admin: Member) -> None:
    choices = [
        {"value": "partner", "label": _("Partner")},
        {"value": "reference", "label": _("Reference")},
        {"value": "pays_late", "label": _("Pays late")},
        {"value": "newsletter", "label": _("Newsletter")},
    ]
    label = _("Tags")
    kind = FieldKind.MULTI_CHOICE
    create_field(record=RecordType.CUSTOMER, kind=kind, label=label, key=TAGS, choices=choices, actor=admin)


register(make_tags, order=5)
