"""Changes are written down at a third of the price."""

from django.db import migrations

from crm.tenancy import history_functions


class Migration(migrations.Migration):
    dependencies = [("crm", "0013_calendar_feeds")]

    operations = [migrations.RunSQL(history_functions.AUDIT_UPDATE_QUICKER, migrations.RunSQL.noop)]
