"""The history of custom fields names each by its key."""

from django.db import migrations

from crm.tenancy import history_functions


class Migration(migrations.Migration):
    dependencies = [("crm", "0005_unread_notifications")]

    operations = [migrations.RunSQL(history_functions.AUDIT_BY_FIELD, migrations.RunSQL.noop)]
