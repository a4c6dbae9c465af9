"""Plans that make follow-ups, and how the company reminds."""

from maintenance.models.plans import MaintenancePlan, PlannedFollowUp
from maintenance.models.reminders import Reminder, ReminderPolicy

__all__ = ["MaintenancePlan", "PlannedFollowUp", "Reminder", "ReminderPolicy"]
