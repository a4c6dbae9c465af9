"""The values of many records follow as quickly after a change of one."""

from django.db import migrations

from customers.custom.triggers import follow_changes


class Migration(migrations.Migration):
    dependencies = [("customers", "0034_deleted_capture_templates")]

    operations = [
        migrations.RunSQL(
            follow_changes(values=f"customers_{record}value", record=record), migrations.RunSQL.noop
        )
        for record in ("customer", "contact")
    ]
