"""The forecast gets a table of its own, and a customer's figures are keyed by the customer."""

import django.db.models.deletion
from django.db import migrations, models

import crm.tenancy.fields
from crm.tenancy.rls import isolate, key_by_parent, relate

# The owner is under the policies too, and names no company.
_MOVE = """
ALTER TABLE customers_customerstats NO FORCE ROW LEVEL SECURITY;
INSERT INTO customers_customerrisk
    (tenant_id, customer_id, churn_probability, churn_level, churn_risk, value_at_risk, expected_value)
SELECT tenant_id, customer_id, churn_probability, churn_level, churn_risk, value_at_risk, expected_value
FROM customers_customerstats WHERE churn_risk <> '';
ALTER TABLE customers_customerstats FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0009_name_columns"), ("customers", "0009_name_columns")]

    operations = [
        migrations.CreateModel(
            name="CustomerRisk",
            fields=[
                (
                    "customer",
                    crm.tenancy.fields.TenantOneToOneField(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="risk",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("tenant", crm.tenancy.fields.TenantKey()),
                ("churn_probability", models.FloatField(null=True)),
                ("churn_level", models.SmallIntegerField(null=True)),
                ("churn_risk", models.CharField(blank=True, db_collation="C", max_length=6)),
                ("value_at_risk", models.BigIntegerField(default=0)),
                ("expected_value", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(_MOVE, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="customerrisk",
            index=models.Index(fields=["tenant", "-value_at_risk", "customer"], name="risk_value"),
        ),
        isolate("CustomerRisk"),
        relate("CustomerRisk"),
        migrations.RemoveIndex(model_name="customerstats", name="stats_at_risk"),
        *(
            migrations.RemoveField(model_name="customerstats", name=name)
            for name in ("churn_level", "churn_probability", "churn_risk", "expected_value", "value_at_risk")
        ),
        migrations.RemoveConstraint(model_name="customerstats", name="stats_customer"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="customerstats", name="id"),
                migrations.AlterField(
                    model_name="customerstats",
                    name="customer",
                    field=crm.tenancy.fields.TenantOneToOneField(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stats",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
            ]
        ),
        key_by_parent("CustomerStats"),
    ]
