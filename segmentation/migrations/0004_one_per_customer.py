"""Class and stage are keyed by the customer whose they are."""

import django.db.models.deletion
from django.db import migrations

import crm.tenancy.fields
from crm.tenancy.rls import key_by_parent


def _keyed(model: str, related_name: str) -> list[migrations.operations.base.Operation]:
    customer = crm.tenancy.fields.TenantOneToOneField(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        primary_key=True,
        related_name=related_name,
        serialize=False,
        to="customers.customer",
    )
    state = [
        migrations.RemoveField(model_name=model, name="id"),
        migrations.AlterField(model_name=model, name="customer", field=customer),
    ]
    return [
        migrations.RemoveConstraint(model_name=model, name=f"{related_name}_customer"),
        migrations.SeparateDatabaseAndState(state_operations=state),
        key_by_parent(model),
    ]


class Migration(migrations.Migration):
    dependencies = [("customers", "0010_risk_apart"), ("segmentation", "0003_rank_and_tally")]

    operations = [
        migrations.AlterModelOptions(name="stagemembership", options={"base_manager_name": "objects"}),
        *_keyed("classmembership", "class_membership"),
        *_keyed("stagemembership", "stage_membership"),
    ]
