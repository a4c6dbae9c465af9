from customers.api.contacts import ContactViewSet
from customers.api.customers import CustomerViewSet
from customers.api.purchases import ProductViewSet, PurchaseViewSet
from customers.api.work import FollowUpViewSet, InteractionViewSet

routes = [
    ("customers", CustomerViewSet),
    ("contacts", ContactViewSet),
    ("interactions", InteractionViewSet),
    ("follow-ups", FollowUpViewSet),
    ("products", ProductViewSet),
    ("purchases", PurchaseViewSet),
]
