"""An import can be undone; it remembers what became of that."""

import django.db.models.deletion
from django.db import migrations, models

import crm.tenancy.fields
from crm.tenancy.rls import relate


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0010_saved_views'),
        ('customers', '0010_risk_apart'),
    ]

    operations = [
        migrations.AddField(
            model_name='import',
            name='undone',
            field=models.JSONField(default=dict, editable=False, verbose_name='what became of the undo'),
        ),
        migrations.AddField(
            model_name='import',
            name='undone_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='undone'),
        ),
        migrations.AddField(
            model_name='import',
            name='undone_by',
            field=crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member', verbose_name='undone by'),
        ),
        migrations.AlterField(
            model_name='import',
            name='state',
            field=models.CharField(choices=[('uploaded', 'Uploaded'), ('checked', 'Checked'), ('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('undone', 'Undone')], default='uploaded', max_length=9, verbose_name='state'),
        ),
        relate("Import", "undone_by"),
    ]
