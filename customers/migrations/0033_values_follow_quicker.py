"""A change that touches no custom field no longer looks through all of them."""

from django.db import migrations

from customers.custom.triggers import follow_changes


class Migration(migrations.Migration):
    dependencies = [("customers", "0032_search_texts")]

    operations = [
        migrations.RunSQL(
            follow_changes(values=f"customers_{record}value", record=record), migrations.RunSQL.noop
        )
        for record in ("customer", "contact")
    ]
