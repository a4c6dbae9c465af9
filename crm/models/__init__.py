"""The kernel's tables: companies, people, history, deliveries, jobs, keys."""

from crm.models.access import ApiKey, CalendarFeed, IdempotentAnswer
from crm.models.history import AuditEntry, AuditErasure, AuditMark, AuditSeal
from crm.models.notifications import Digest, Notification, NotificationChoice
from crm.models.people import Invitation, Member, Team, Tenant, User
from crm.models.views import SavedView, ViewMark
from crm.models.webhooks import WebhookAttempt, WebhookEndpoint, WebhookEvent
from crm.models.work import Delivery, Job, Nightly, WakeUp

__all__ = [
    "ApiKey",
    "AuditEntry",
    "AuditErasure",
    "AuditMark",
    "AuditSeal",
    "CalendarFeed",
    "Delivery",
    "Digest",
    "IdempotentAnswer",
    "Invitation",
    "Job",
    "Member",
    "Nightly",
    "Notification",
    "NotificationChoice",
    "SavedView",
    "Team",
    "Tenant",
    "User",
    "ViewMark",
    "WakeUp",
    "WebhookAttempt",
    "WebhookEndpoint",
    "WebhookEvent",
]
