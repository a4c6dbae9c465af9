"""Mail that came back, contact data somebody confirmed, and when a company wants it looked at."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import crm.ids
import crm.tenancy.fields
from crm.tenancy.rls import audit, isolate, relate


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0011_erase_history'),
        ('customers', '0022_retention_periods'),
    ]

    operations = [
        migrations.AlterField(
            model_name='followup',
            name='origin',
            field=models.CharField(choices=[('person', 'Set by a person'), ('plan', 'From a maintenance plan'), ('warning', 'From a churn warning'), ('ticket', 'From a ticket'), ('contract', 'From a contract'), ('upkeep', 'From the upkeep of contact data')], default='person', editable=False, max_length=10),
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='confirmed')),
                ('changed', models.BooleanField(default=False, verbose_name='by changing it')),
                ('by', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member')),
                ('customer', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='confirmations', to='customers.customer')),
                ('tenant', crm.tenancy.fields.TenantKey()),
            ],
            options={
                'verbose_name': 'confirmation',
                'verbose_name_plural': 'confirmations',
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['tenant', 'customer', '-at'], name='confirmation_customer')],
            },
        ),
        migrations.CreateModel(
            name='MailBounce',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email_norm', models.CharField(blank=True, db_collation='C', max_length=254, verbose_name='address')),
                ('kind', models.CharField(choices=[('hard', 'For good'), ('soft', 'For now')], max_length=4, verbose_name='kind')),
                ('status', models.CharField(db_collation='C', max_length=11, verbose_name='status')),
                ('diagnostic', models.CharField(blank=True, max_length=500, verbose_name="the server's words")),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='bounced')),
                ('external_id', models.CharField(blank=True, db_collation='C', max_length=100)),
                ('marks', models.BooleanField(default=False, verbose_name='marks the address')),
                ('cleared_at', models.DateTimeField(null=True, verbose_name='cleared')),
                ('cleared_by', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member')),
                ('delivery', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.delivery')),
                ('tenant', crm.tenancy.fields.TenantKey()),
            ],
            options={
                'verbose_name': 'bounce',
                'verbose_name_plural': 'bounces',
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['tenant', 'email_norm', '-at'], name='bounce_address'), models.Index(condition=models.Q(('cleared_at', None), ('marks', True)), fields=['tenant', '-at', '-id'], name='bounce_standing'), models.Index(fields=['tenant', '-at', '-id'], name='bounce_newest'), models.Index(condition=models.Q(('delivery__isnull', False)), fields=['tenant', 'delivery'], name='bounce_delivery')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('tenant', 'external_id'), name='bounce_once')],
            },
        ),
        migrations.CreateModel(
            name='UpkeepPolicy',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('months', models.PositiveSmallIntegerField(default=12, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(120)], verbose_name='Stale after months')),
                ('quality', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='Incomplete below')),
                ('tenant', crm.tenancy.fields.TenantKey()),
            ],
            options={
                'verbose_name': 'rule of upkeep',
                'verbose_name_plural': 'rules of upkeep',
                'constraints': [models.UniqueConstraint(fields=('tenant',), name='upkeep_policy_one')],
            },
        ),
        isolate("Confirmation"),
        relate("Confirmation"),
        audit("Confirmation"),
        isolate("MailBounce"),
        relate("MailBounce"),
        audit("MailBounce"),
        isolate("UpkeepPolicy"),
        audit("UpkeepPolicy"),
    ]
