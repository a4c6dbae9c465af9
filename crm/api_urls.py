"""The kernel's part of the API."""

from crm.api import resources
from crm.webhooks.api import WebhookViewSet

routes = [
    ("members", resources.MemberViewSet),
    ("teams", resources.TeamViewSet),
    ("jobs", resources.JobViewSet),
    ("deliveries", resources.DeliveryViewSet),
    ("webhooks", WebhookViewSet),
    ("audit", resources.AuditViewSet),
]
