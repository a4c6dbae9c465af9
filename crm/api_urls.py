"""The kernel's part of the API."""

from crm.api import resources

routes = [
    ("members", resources.MemberViewSet),
    ("teams", resources.TeamViewSet),
    ("jobs", resources.JobViewSet),
    ("deliveries", resources.DeliveryViewSet),
    ("audit", resources.AuditViewSet),
]
