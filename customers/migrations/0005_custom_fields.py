"""Fields of a company's own, their values on each record, and the same as typed rows beside it."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import crm.ids
import crm.tenancy.fields
from crm.tenancy.rls import audit, isolate, relate
from customers.custom.triggers import FOLD, keep_values


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0006_audit_by_custom_field'),
        ('customers', '0004_list_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='custom',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, verbose_name='custom fields'),
        ),
        migrations.AddField(
            model_name='customer',
            name='custom',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, verbose_name='custom fields'),
        ),
        migrations.CreateModel(
            name='CustomField',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('record', models.CharField(choices=[('customer', 'Customer'), ('contact', 'Contact')], db_collation='C', max_length=10, verbose_name='of')),
                ('key', models.CharField(db_collation='C', editable=False, max_length=40, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]{0,39}$')], verbose_name='key')),
                ('label', models.CharField(max_length=80, verbose_name='name')),
                ('kind', models.CharField(choices=[('text', 'Text'), ('long_text', 'Long text'), ('number', 'Number'), ('money', 'Amount of money'), ('date', 'Date'), ('moment', 'Date and time'), ('choice', 'One of a list'), ('multi_choice', 'Several of a list'), ('yes_no', 'Yes or no'), ('link', 'Web address'), ('member', 'Member'), ('customer', 'Customer')], db_collation='C', max_length=12, verbose_name='kind')),
                ('help', models.CharField(blank=True, max_length=200, verbose_name='help')),
                ('choices', models.JSONField(blank=True, default=list, verbose_name='choices')),
                ('required', models.BooleanField(default=False, verbose_name='required')),
                ('default', models.JSONField(blank=True, null=True, verbose_name='default')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='order')),
                ('archived_at', models.DateTimeField(editable=False, null=True, verbose_name='archived')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('tenant', crm.tenancy.fields.TenantKey()),
            ],
            options={
                'verbose_name': 'custom field',
                'verbose_name_plural': 'custom fields',
                'ordering': ['record', 'position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='CustomerValue',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('text', models.CharField(db_collation='C', editable=False, max_length=200, null=True)),
                ('whole', models.BigIntegerField(editable=False, null=True)),
                ('moment', models.DateTimeField(editable=False, null=True)),
                ('ref', models.UUIDField(editable=False, null=True)),
                ('record', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='custom_values', to='customers.customer')),
                ('tenant', crm.tenancy.fields.TenantKey()),
                ('field', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customfield')),
            ],
        ),
        migrations.CreateModel(
            name='ContactValue',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('text', models.CharField(db_collation='C', editable=False, max_length=200, null=True)),
                ('whole', models.BigIntegerField(editable=False, null=True)),
                ('moment', models.DateTimeField(editable=False, null=True)),
                ('ref', models.UUIDField(editable=False, null=True)),
                ('record', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='custom_values', to='customers.contact')),
                ('tenant', crm.tenancy.fields.TenantKey()),
                ('field', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customfield')),
            ],
        ),
        migrations.AddConstraint(
            model_name='customfield',
            constraint=models.UniqueConstraint(fields=('tenant', 'record', 'key'), name='custom_field_key_unique'),
        ),
        migrations.AddIndex(
            model_name='customervalue',
            index=models.Index(fields=['tenant', 'field', 'record'], name='customer_value_field'),
        ),
        migrations.AddIndex(
            model_name='customervalue',
            index=models.Index(condition=models.Q(('text__isnull', False)), fields=['tenant', 'field', 'text', 'record'], name='customer_value_text'),
        ),
        migrations.AddIndex(
            model_name='customervalue',
            index=models.Index(condition=models.Q(('whole__isnull', False)), fields=['tenant', 'field', 'whole', 'record'], name='customer_value_whole'),
        ),
        migrations.AddIndex(
            model_name='customervalue',
            index=models.Index(condition=models.Q(('moment__isnull', False)), fields=['tenant', 'field', 'moment', 'record'], name='customer_value_moment'),
        ),
        migrations.AddIndex(
            model_name='customervalue',
            index=models.Index(condition=models.Q(('ref__isnull', False)), fields=['tenant', 'field', 'ref', 'record'], name='customer_value_ref'),
        ),
        migrations.AddConstraint(
            model_name='customervalue',
            constraint=models.UniqueConstraint(fields=('tenant', 'record', 'field', 'text'), name='customer_value_once', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='contactvalue',
            index=models.Index(fields=['tenant', 'field', 'record'], name='contact_value_field'),
        ),
        migrations.AddIndex(
            model_name='contactvalue',
            index=models.Index(condition=models.Q(('text__isnull', False)), fields=['tenant', 'field', 'text', 'record'], name='contact_value_text'),
        ),
        migrations.AddIndex(
            model_name='contactvalue',
            index=models.Index(condition=models.Q(('whole__isnull', False)), fields=['tenant', 'field', 'whole', 'record'], name='contact_value_whole'),
        ),
        migrations.AddIndex(
            model_name='contactvalue',
            index=models.Index(condition=models.Q(('moment__isnull', False)), fields=['tenant', 'field', 'moment', 'record'], name='contact_value_moment'),
        ),
        migrations.AddIndex(
            model_name='contactvalue',
            index=models.Index(condition=models.Q(('ref__isnull', False)), fields=['tenant', 'field', 'ref', 'record'], name='contact_value_ref'),
        ),
        migrations.AddConstraint(
            model_name='contactvalue',
            constraint=models.UniqueConstraint(fields=('tenant', 'record', 'field', 'text'), name='contact_value_once', nulls_distinct=False),
        ),
        isolate("CustomField"),
        isolate("CustomerValue"),
        isolate("ContactValue"),
        relate("CustomerValue"),
        relate("ContactValue"),
        audit("CustomField"),
        migrations.RunSQL(FOLD, migrations.RunSQL.noop),
        migrations.RunSQL(
            keep_values(table="customers_customer", values="customers_customervalue", record="customer"),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            keep_values(table="customers_contact", values="customers_contactvalue", record="contact"),
            migrations.RunSQL.noop,
        ),
    ]
