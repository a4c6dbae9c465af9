"""Companies apart, relations within one company, and a history of every change."""

from django.db import migrations

from crm.tenancy import functions, history_functions
from crm.tenancy.rls import append_only, audit, isolate, relate


class Migration(migrations.Migration):
    dependencies = [('crm', '0001_initial')]

    operations = [
        migrations.RunSQL(functions.UUID7, migrations.RunSQL.noop),
        migrations.RunSQL(history_functions.AUDIT, migrations.RunSQL.noop),
        isolate("ApiKey"),
        isolate("IdempotentAnswer"),
        isolate("AuditEntry"),
        isolate("AuditSeal"),
        isolate("Team"),
        isolate("Member"),
        isolate("Invitation"),
        isolate("Delivery"),
        isolate("Job"),
        isolate("Notification"),
        relate("ApiKey"),
        relate("IdempotentAnswer"),
        relate("Team"),
        relate("Member"),
        relate("Invitation"),
        relate("Delivery"),
        relate("Job"),
        relate("Notification"),
        audit("ApiKey", "secret_hash", "last_used_at"),
        audit("Team"),
        audit("Member"),
        audit("Invitation", "secret_hash"),
        append_only("AuditEntry"),
        append_only("AuditSeal"),
        migrations.RunSQL(functions.COMPANIES_OF, migrations.RunSQL.noop),
        migrations.RunSQL(functions.WAKE_ON_DELIVERY, migrations.RunSQL.noop),
    ]
