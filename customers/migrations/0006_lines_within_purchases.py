"""The lines of a purchase are told in one entry of the history, under the purchase."""

from django.db import migrations

from crm.tenancy.rls import audit_within


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_custom_fields"), ("crm", "0007_quicker_history")]

    operations = [audit_within("PurchaseLine", "purchase")]
