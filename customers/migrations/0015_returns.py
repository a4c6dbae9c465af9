"""Returns name the purchase they take back."""

import django.db.models.deletion
from django.db import migrations, models

import crm.tenancy.fields
from crm.tenancy.rls import relate


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0014_contracts'),
    ]

    operations = [
        migrations.AddField(
            model_name='purchase',
            name='return_of',
            field=crm.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='returns', to='customers.purchase', verbose_name='return of'),
        ),
        migrations.AddField(
            model_name='purchase',
            name='return_reason',
            field=models.CharField(blank=True, max_length=300, null=True, verbose_name='why it was returned'),
        ),
        relate("Purchase", "return_of"),
    ]
