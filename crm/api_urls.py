"""The kernel's part of the API."""

from crm.api import resources
from crm.exports.api import ExportViewSet
from crm.notifications.api import NotificationViewSet
from crm.saved_views.api import SavedViewViewSet
from crm.webhooks.api import WebhookViewSet

routes = [
    ("members", resources.MemberViewSet),
    ("teams", resources.TeamViewSet),
    ("jobs", resources.JobViewSet),
    ("exports", ExportViewSet),
    ("deliveries", resources.DeliveryViewSet),
    ("notifications", NotificationViewSet),
    ("webhooks", WebhookViewSet),
    ("saved-views", SavedViewViewSet),
    ("audit", resources.AuditViewSet),
]
