"""How dear a class is, and how customers were spread at the end of a day."""

from django.db import migrations, models

import crm.ids
import crm.tenancy.fields
from crm.tenancy.rls import isolate


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_isolate"), ("segmentation", "0002_isolate")]

    operations = [
        migrations.RemoveField(model_name="customerclass", name="tone"),
        migrations.AddField(
            model_name="customerclass",
            name="rank",
            field=models.PositiveSmallIntegerField(default=3, verbose_name="rank"),
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("on", models.DateField()),
                (
                    "kind",
                    models.CharField(choices=[("class", "Class"), ("stage", "Stage"), ("rfm", "RFM")], max_length=5),
                ),
                ("key", models.CharField(db_collation="C", max_length=30)),
                ("customers", models.IntegerField()),
                ("spend_12m", models.BigIntegerField()),
                ("tenant", crm.tenancy.fields.TenantKey()),
            ],
            options={
                "ordering": ["on", "kind", "key"],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "kind", "on", "key"), name="tally_once_a_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="Watermark",
            fields=[
                ("id", models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("seen_until", models.DateTimeField()),
                ("tenant", crm.tenancy.fields.TenantKey()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("tenant",), name="watermark_one")]},
        ),
        isolate("Tally"),
        isolate("Watermark"),
    ]
