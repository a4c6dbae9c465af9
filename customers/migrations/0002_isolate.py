"""Companies apart, relations within one company, and a history of every change."""

from django.db import migrations

from crm.tenancy import functions
from crm.tenancy.rls import audit, isolate, relate


class Migration(migrations.Migration):
    dependencies = [('customers', '0001_initial'), ('crm', '0002_isolate')]

    operations = [
        isolate("Contact"),
        isolate("Customer"),
        isolate("Interaction"),
        isolate("FollowUp"),
        isolate("Import"),
        isolate("Product"),
        isolate("Purchase"),
        isolate("PurchaseLine"),
        isolate("CustomerStats"),
        relate("Contact"),
        relate("Customer"),
        relate("Interaction"),
        relate("FollowUp"),
        relate("Import"),
        relate("Purchase"),
        relate("PurchaseLine"),
        relate("CustomerStats"),
        audit("Contact", "name_norm", "email_norm", "phone_norm", "pinyin", "initials"),
        audit("Customer", "name_norm", "email_norm", "phone_norm", "pinyin", "initials", "updated_at", "version"),
        audit("Interaction"),
        audit("FollowUp"),
        audit("Import"),
        audit("Product"),
        audit("Purchase"),
        audit("PurchaseLine"),
        migrations.RunSQL(functions.WAKE_ON_FOLLOW_UP, migrations.RunSQL.noop),
    ]
