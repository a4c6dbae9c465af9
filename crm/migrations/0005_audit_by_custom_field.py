"""The history of custom fields names each by its key."""

from django.db import migrations

from crm.tenancy import functions


class Migration(migrations.Migration):
    dependencies = [("crm", "0004_schedule_tick")]

    operations = [migrations.RunSQL(functions.AUDIT_BY_FIELD, migrations.RunSQL.noop)]
