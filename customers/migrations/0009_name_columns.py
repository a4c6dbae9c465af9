
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import crm.tenancy.fields


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0009_name_columns'),
        ('customers', '0008_duplicates'),
    ]

    operations = [
        migrations.AlterField(
            model_name='customer',
            name='deleted_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='deleted'),
        ),
        migrations.AlterField(
            model_name='customer',
            name='version',
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name='version'),
        ),
        migrations.AlterField(
            model_name='import',
            name='counts',
            field=models.JSONField(default=dict, verbose_name='counts'),
        ),
        migrations.AlterField(
            model_name='import',
            name='created_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created'),
        ),
        migrations.AlterField(
            model_name='import',
            name='created_by',
            field=crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member', verbose_name='started by'),
        ),
        migrations.AlterField(
            model_name='import',
            name='delimiter',
            field=models.CharField(default=',', max_length=1, verbose_name='delimiter'),
        ),
        migrations.AlterField(
            model_name='import',
            name='encoding',
            field=models.CharField(default='utf-8', max_length=20, verbose_name='encoding'),
        ),
        migrations.AlterField(
            model_name='import',
            name='error',
            field=models.TextField(blank=True, verbose_name='error'),
        ),
        migrations.AlterField(
            model_name='import',
            name='finished_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='finished'),
        ),
        migrations.AlterField(
            model_name='import',
            name='key',
            field=models.CharField(blank=True, max_length=30, verbose_name='key'),
        ),
        migrations.AlterField(
            model_name='import',
            name='mapping',
            field=models.JSONField(default=dict, verbose_name='columns'),
        ),
        migrations.AlterField(
            model_name='import',
            name='mode',
            field=models.CharField(choices=[('create', 'Create new ones only'), ('update', 'Update known ones only'), ('both', 'Create and update')], default='both', max_length=6, verbose_name='mode'),
        ),
        migrations.AlterField(
            model_name='import',
            name='state',
            field=models.CharField(choices=[('uploaded', 'Uploaded'), ('checked', 'Checked'), ('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='uploaded', max_length=9, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='import',
            name='unknown',
            field=models.CharField(choices=[('create', 'Create the customer'), ('review', 'Create the customer for review'), ('reject', 'Reject the row')], default='reject', max_length=6, verbose_name='unknown customers'),
        ),
    ]
