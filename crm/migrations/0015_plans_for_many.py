"""A change of many rows is written down as quickly after a change of one."""

from django.db import migrations

from crm.tenancy import history_functions


class Migration(migrations.Migration):
    dependencies = [("crm", "0014_quicker_changes")]

    operations = [migrations.RunSQL(history_functions.AUDIT_UPDATE_QUICKER, migrations.RunSQL.noop)]
