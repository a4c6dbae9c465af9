from customers.api import custom_schema  # noqa: F401  describes custom fields
from customers.api.captures import CaptureTemplateViewSet, CaptureViewSet, InletViewSet
from customers.api.consents import ConsentViewSet
from customers.api.contacts import ContactViewSet
from customers.api.contracts import ContractViewSet
from customers.api.custom import CustomFieldViewSet
from customers.api.customers import CustomerViewSet
from customers.api.duplicates import DuplicateViewSet
from customers.api.imports import ImportViewSet
from customers.api.purchases import ProductViewSet, PurchaseViewSet
from customers.api.retention import RetentionPeriodViewSet
from customers.api.upkeep import BounceViewSet
from customers.api.work import FollowUpViewSet, InteractionViewSet

routes = [
    ("customers", CustomerViewSet),
    ("bounces", BounceViewSet),
    ("captures", CaptureViewSet),
    ("consents", ConsentViewSet),
    ("capture-templates", CaptureTemplateViewSet),
    ("inlets", InletViewSet),
    ("retention-periods", RetentionPeriodViewSet),
    ("contacts", ContactViewSet),
    ("contracts", ContractViewSet),
    ("custom-fields", CustomFieldViewSet),
    ("duplicates", DuplicateViewSet),
    ("imports", ImportViewSet),
    ("interactions", InteractionViewSet),
    ("follow-ups", FollowUpViewSet),
    ("products", ProductViewSet),
    ("purchases", PurchaseViewSet),
]
