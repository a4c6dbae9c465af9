"""Addresses to which WeChat and mail servers deliver; who sent a capture."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import crm.ids
import crm.tenancy.fields
from crm.tenancy.rls import audit, isolate, relate


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0010_saved_views'),
        ('customers', '0019_data_quality'),
    ]

    operations = [
        migrations.CreateModel(
            name='Inlet',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('wechat', 'WeChat official account'), ('mail', 'Mailbox')], max_length=6, verbose_name='kind')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('source', models.CharField(blank=True, max_length=100, verbose_name='source')),
                ('campaign', models.CharField(blank=True, max_length=100, verbose_name='campaign')),
                ('app_id', models.CharField(blank=True, db_collation='C', max_length=64, verbose_name='AppID')),
                ('active', models.BooleanField(default=True, verbose_name='open')),
                ('secret_hash', models.CharField(editable=False, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
            ],
            options={
                'verbose_name': 'inlet',
                'verbose_name_plural': 'inlets',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.AddField(
            model_name='capture',
            name='sender',
            field=models.CharField(blank=True, db_collation='C', editable=False, max_length=255),
        ),
        migrations.AddIndex(
            model_name='capture',
            index=models.Index(condition=models.Q(('sender', ''), _negated=True), fields=['tenant', 'sender', '-received_at'], name='capture_sender'),
        ),
        migrations.AddField(
            model_name='inlet',
            name='owner',
            field=crm.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member', verbose_name='for'),
        ),
        migrations.AddField(
            model_name='inlet',
            name='tenant',
            field=crm.tenancy.fields.TenantKey(),
        ),
        migrations.AddConstraint(
            model_name='inlet',
            constraint=models.UniqueConstraint(fields=('tenant', 'secret_hash'), name='inlet_secret'),
        ),
        isolate("Inlet"),
        relate("Inlet"),
        audit("Inlet", "secret_hash"),
    ]
