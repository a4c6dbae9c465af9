"""Companies apart, relations within one company, and a history of every change."""

from django.db import migrations

from crm.tenancy.rls import audit, isolate, relate


class Migration(migrations.Migration):
    dependencies = [('maintenance', '0001_initial'), ('segmentation', '0002_isolate')]

    operations = [
        isolate("MaintenancePlan"),
        isolate("PlannedFollowUp"),
        isolate("ReminderPolicy"),
        relate("MaintenancePlan"),
        relate("PlannedFollowUp"),
        audit("MaintenancePlan"),
        audit("PlannedFollowUp"),
        audit("ReminderPolicy"),
    ]
