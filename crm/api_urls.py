"""The kernel's part of the API."""

from crm.api import resources
from crm.saved_views.api import SavedViewViewSet
from crm.webhooks.api import WebhookViewSet

routes = [
    ("members", resources.MemberViewSet),
    ("teams", resources.TeamViewSet),
    ("jobs", resources.JobViewSet),
    ("deliveries", resources.DeliveryViewSet),
    ("webhooks", WebhookViewSet),
    ("saved-views", SavedViewViewSet),
    ("audit", resources.AuditViewSet),
]
