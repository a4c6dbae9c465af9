"""Pairs that may be one customer, merges with their journal, and where a merged customer went."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import crm.ids
import crm.tenancy.fields
from crm.tenancy.rls import isolate, relate


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0005_unread_notifications'),
        ('customers', '0007_contact_version'),
    ]

    operations = [
        migrations.AddField(
            model_name='customer',
            name='merged_into',
            field=crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='merged_records', to='customers.customer', verbose_name='merged into'),
        ),
        migrations.AddField(
            model_name='customer',
            name='postcode',
            field=models.CharField(blank=True, db_default='', default='', max_length=20, verbose_name='postcode'),
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('merged', models.JSONField(default=list)),
                ('merged_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('undone_at', models.DateTimeField(null=True)),
                ('kept', models.JSONField(default=list)),
                ('merged_by', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member')),
                ('survivor', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='customers.customer')),
                ('tenant', crm.tenancy.fields.TenantKey()),
                ('undone_by', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member')),
            ],
            options={
                'verbose_name': 'merge',
                'verbose_name_plural': 'merges',
                'ordering': ['-merged_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='MergeStep',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('model', models.CharField(db_collation='C', max_length=80)),
                ('rows', models.JSONField(default=list)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('merge', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='customers.merge')),
                ('tenant', crm.tenancy.fields.TenantKey()),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Duplicate',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('probability', models.FloatField()),
                ('level', models.CharField(choices=[('certain', 'Certain'), ('likely', 'Likely'), ('possible', 'Possible')], max_length=8)),
                ('reasons', models.JSONField(default=dict)),
                ('status', models.CharField(choices=[('open', 'Open'), ('merged', 'Merged'), ('not_duplicate', 'Not a duplicate')], default='open', max_length=13)),
                ('found_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member')),
                ('left', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('right', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('tenant', crm.tenancy.fields.TenantKey()),
            ],
            options={
                'verbose_name': 'possible duplicate',
                'verbose_name_plural': 'possible duplicates',
                'ordering': ['-probability', 'id'],
                'indexes': [models.Index(condition=models.Q(('status', 'open')), fields=['tenant', '-probability', 'id'], name='duplicate_open'), models.Index(fields=['tenant', 'right'], name='duplicate_right')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'left', 'right'), name='duplicate_pair_once'), models.CheckConstraint(condition=models.Q(('left__lte', models.F('right'))), name='duplicate_left_before_right')],
            },
        ),
        migrations.AddIndex(
            model_name='merge',
            index=models.Index(fields=['tenant', 'survivor', '-merged_at'], name='merge_survivor'),
        ),
        migrations.AddConstraint(
            model_name='mergestep',
            constraint=models.UniqueConstraint(fields=('tenant', 'merge', 'position'), name='merge_step_position'),
        ),
        isolate("Duplicate"),
        isolate("Merge"),
        isolate("MergeStep"),
        relate("Duplicate"),
        relate("Merge"),
        relate("MergeStep"),
        relate("Customer", "merged_into"),
    ]
