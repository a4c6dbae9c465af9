"""The lists that begin with the longest silence or the nearest promise, without a sort of equal rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_search")]

    operations = [
        migrations.RemoveIndex(model_name="customerstats", name="stats_next_step"),
        migrations.RemoveIndex(model_name="customerstats", name="stats_last_contact"),
        migrations.AddIndex(
            model_name="customerstats",
            index=models.Index(fields=["tenant", "next_follow_up_at", "customer"], name="stats_next_step"),
        ),
        migrations.AddIndex(
            model_name="customerstats",
            index=models.Index(fields=["tenant", "last_contact_at", "customer"], name="stats_last_contact"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                fields=["tenant", "-deleted_at"], condition=models.Q(deleted_at__isnull=False), name="customer_deleted"
            ),
        ),
    ]
