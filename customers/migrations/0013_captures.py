"""What comes from outside waits for a reviewer."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import crm.ids
import crm.tenancy.fields
from crm.tenancy.rls import audit, isolate, relate


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0010_saved_views'),
        ('customers', '0012_search_further_back'),
    ]

    operations = [
        migrations.CreateModel(
            name='Capture',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(choices=[('form', 'Web form'), ('api', 'Partner'), ('wechat', 'WeChat'), ('mail', 'E-mail')], max_length=8, verbose_name='channel')),
                ('external_id', models.CharField(blank=True, db_collation='C', max_length=255, verbose_name="sender's id")),
                ('source', models.CharField(blank=True, max_length=100, verbose_name='source')),
                ('campaign', models.CharField(blank=True, max_length=100, verbose_name='campaign')),
                ('title', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('values', models.JSONField(default=dict, verbose_name='what was given')),
                ('context', models.JSONField(blank=True, default=dict, verbose_name='what came with it')),
                ('candidates', models.JSONField(blank=True, default=list, verbose_name='possible duplicates')),
                ('state', models.CharField(choices=[('waiting', 'Waiting for review'), ('accepted', 'Accepted'), ('merged', 'Merged'), ('rejected', 'Rejected')], default='waiting', max_length=8, verbose_name='state')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='why')),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='received')),
                ('decided_at', models.DateTimeField(editable=False, null=True, verbose_name='decided')),
                ('decided_in', models.UUIDField(editable=False, null=True)),
                ('journal', models.JSONField(default=dict, editable=False)),
                ('contact', crm.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.contact', verbose_name='contact')),
                ('customer', crm.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='captures', to='customers.customer', verbose_name='customer')),
                ('decided_by', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member')),
                ('owner', crm.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member', verbose_name='owner')),
                ('tenant', crm.tenancy.fields.TenantKey()),
            ],
            options={
                'verbose_name': 'capture',
                'verbose_name_plural': 'captures',
                'ordering': ['-received_at', '-id'],
                'indexes': [models.Index(fields=['tenant', 'state', '-received_at', '-id'], name='capture_state'), models.Index(fields=['tenant', 'customer', '-received_at'], name='capture_customer'), models.Index(condition=models.Q(('decided_in__isnull', False)), fields=['tenant', 'decided_in'], name='capture_decided_in')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('tenant', 'channel', 'external_id'), name='capture_external_id_once'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='capture_decided_at')],
            },
        ),
        isolate("Capture"),
        relate("Capture"),
        audit("Capture", "journal", "candidates"),
    ]
