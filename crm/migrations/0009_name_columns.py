
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import crm.tenancy.fields


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0008_webhooks'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='auditentry',
            options={'ordering': ['-at', '-id'], 'verbose_name': 'history entry', 'verbose_name_plural': 'history'},
        ),
        migrations.AlterModelOptions(
            name='invitation',
            options={'ordering': ['-created_at'], 'verbose_name': 'invitation', 'verbose_name_plural': 'invitations'},
        ),
        migrations.AlterModelOptions(
            name='job',
            options={'ordering': ['-created_at', '-id'], 'verbose_name': 'job', 'verbose_name_plural': 'jobs'},
        ),
        migrations.AlterModelOptions(
            name='nightly',
            options={'verbose_name': 'night of work', 'verbose_name_plural': 'nights of work'},
        ),
        migrations.AlterModelOptions(
            name='user',
            options={'verbose_name': 'sign-in', 'verbose_name_plural': 'sign-ins'},
        ),
        migrations.AlterField(
            model_name='apikey',
            name='created_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='last_used_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='last used'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='member',
            field=crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to='crm.member', verbose_name='member'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='revoked_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='revoked'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='after',
            field=models.JSONField(null=True, verbose_name='after'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='moment'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='before',
            field=models.JSONField(null=True, verbose_name='before'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='deed',
            field=models.CharField(blank=True, max_length=60, verbose_name='deed'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='kind',
            field=models.CharField(choices=[('insert', 'Created'), ('update', 'Changed'), ('delete', 'Deleted'), ('deed', 'Done')], max_length=6, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='member_id',
            field=models.UUIDField(null=True, verbose_name='member'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='request_id',
            field=models.UUIDField(null=True, verbose_name='request'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='source',
            field=models.CharField(blank=True, max_length=10, verbose_name='source'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='subject_id',
            field=models.UUIDField(null=True, verbose_name='record'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='subject_type',
            field=models.CharField(max_length=60, verbose_name='type of record'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='address',
            field=models.CharField(blank=True, max_length=320, verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='tries'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='claimed_until',
            field=models.DateTimeField(null=True, verbose_name='claimed until'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='created_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='created'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='dead_at',
            field=models.DateTimeField(null=True, verbose_name='given up'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='dedup_key',
            field=models.CharField(max_length=200, verbose_name='key of the reason'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='done_at',
            field=models.DateTimeField(null=True, verbose_name='done'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(max_length=40, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='lane',
            field=models.CharField(blank=True, default='', max_length=40, verbose_name='lane'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='last_error',
            field=models.TextField(blank=True, verbose_name='last error'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='member',
            field=crm.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crm.member', verbose_name='member'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='next_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='next try'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='payload',
            field=models.JSONField(default=dict, verbose_name='content'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='accepted_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='accepted'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='created'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='expires_at',
            field=models.DateTimeField(verbose_name='expires'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='invited_by',
            field=crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member', verbose_name='invited by'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='team',
            field=crm.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.team', verbose_name='team'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='visibility',
            field=models.CharField(choices=[('own', 'Own'), ('team', "Own team's"), ('all', 'All')], default='all', max_length=10, verbose_name='sees records of'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='withdrawn_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='withdrawn'),
        ),
        migrations.AlterField(
            model_name='job',
            name='cancel_asked_at',
            field=models.DateTimeField(null=True, verbose_name='asked to stop'),
        ),
        migrations.AlterField(
            model_name='job',
            name='claimed_until',
            field=models.DateTimeField(null=True, verbose_name='claimed until'),
        ),
        migrations.AlterField(
            model_name='job',
            name='created_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='created'),
        ),
        migrations.AlterField(
            model_name='job',
            name='created_by',
            field=crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member', verbose_name='started by'),
        ),
        migrations.AlterField(
            model_name='job',
            name='finished_at',
            field=models.DateTimeField(null=True, verbose_name='finished'),
        ),
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(max_length=40, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='job',
            name='message',
            field=models.TextField(blank=True, verbose_name='message'),
        ),
        migrations.AlterField(
            model_name='job',
            name='params',
            field=models.JSONField(default=dict, verbose_name='parameters'),
        ),
        migrations.AlterField(
            model_name='job',
            name='progress',
            field=models.BigIntegerField(default=0, verbose_name='progress'),
        ),
        migrations.AlterField(
            model_name='job',
            name='result',
            field=models.JSONField(default=dict, verbose_name='result'),
        ),
        migrations.AlterField(
            model_name='job',
            name='started_at',
            field=models.DateTimeField(null=True, verbose_name='started'),
        ),
        migrations.AlterField(
            model_name='job',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='waiting', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='job',
            name='total',
            field=models.BigIntegerField(null=True, verbose_name='total'),
        ),
        migrations.AlterField(
            model_name='member',
            name='joined_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='joined'),
        ),
        migrations.AlterField(
            model_name='tenant',
            name='closed_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='closed'),
        ),
        migrations.AlterField(
            model_name='tenant',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='created'),
        ),
        migrations.AlterField(
            model_name='user',
            name='date_joined',
            field=models.DateTimeField(auto_now_add=True, verbose_name='joined'),
        ),
    ]
