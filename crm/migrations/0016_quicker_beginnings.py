"""Many new rows are written down at a third of the price."""

from django.db import migrations

from crm.tenancy import history_functions


class Migration(migrations.Migration):
    dependencies = [("crm", "0015_plans_for_many")]

    operations = [migrations.RunSQL(history_functions.AUDIT_INSERT_MANY, migrations.RunSQL.noop)]
