"""What is to be collected from outside, and the page that asks for it."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import crm.ids
import crm.tenancy.fields
from crm.tenancy.rls import audit, isolate, relate


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0010_saved_views'),
        ('customers', '0017_consents'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaptureTemplate',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('title', models.CharField(max_length=200, verbose_name='title shown to visitors')),
                ('intro', models.TextField(blank=True, verbose_name='introduction')),
                ('thanks', models.CharField(blank=True, max_length=300, verbose_name='thanks')),
                ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                ('fields', models.JSONField(blank=True, default=list, verbose_name='fields')),
                ('source', models.CharField(blank=True, max_length=100, verbose_name='source')),
                ('campaign', models.CharField(blank=True, max_length=100, verbose_name='campaign')),
                ('consent', models.TextField(blank=True, verbose_name='consent')),
                ('consent_required', models.BooleanField(default=False, verbose_name='consent is required')),
                ('sites', models.JSONField(blank=True, default=list, verbose_name='sites that embed it')),
                ('puzzle', models.BooleanField(default=False, verbose_name='puzzle for programs')),
                ('active', models.BooleanField(default=True, verbose_name='open')),
                ('secret_hash', models.CharField(editable=False, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('owner', crm.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member', verbose_name='for')),
                ('tenant', crm.tenancy.fields.TenantKey()),
            ],
            options={
                'verbose_name': 'capture template',
                'verbose_name_plural': 'capture templates',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.AddField(
            model_name='capture',
            name='template',
            field=crm.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='captures', to='customers.capturetemplate', verbose_name='template'),
        ),
        migrations.AddConstraint(
            model_name='capturetemplate',
            constraint=models.UniqueConstraint(fields=('tenant', 'secret_hash'), name='capture_template_secret'),
        ),
        isolate("CaptureTemplate"),
        relate("CaptureTemplate"),
        relate("Capture", "template"),
        audit("CaptureTemplate", "secret_hash"),
    ]
