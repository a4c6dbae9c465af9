"""The kernel's tables: companies, people, history, deliveries, jobs, keys."""

from crm.models.access import ApiKey, IdempotentAnswer
from crm.models.history import AuditEntry, AuditSeal
from crm.models.people import Invitation, Member, Team, Tenant, User
from crm.models.work import Delivery, Job, Notification, WakeUp

__all__ = [
    "ApiKey",
    "AuditEntry",
    "AuditSeal",
    "Delivery",
    "IdempotentAnswer",
    "Invitation",
    "Job",
    "Member",
    "Notification",
    "Team",
    "Tenant",
    "User",
    "WakeUp",
]
