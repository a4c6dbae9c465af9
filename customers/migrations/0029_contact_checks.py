"""Follow-ups that a night made of contact data, each cause once, and whether a company wants them."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import crm.ids
import crm.tenancy.fields
from crm.tenancy.rls import isolate, relate


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0013_calendar_feeds'),
        ('customers', '0028_personal_own_fields'),
    ]

    operations = [
        migrations.AddField(
            model_name='upkeeppolicy',
            name='follow_ups',
            field=models.CharField(choices=[('never', 'Never'), ('bouncing', 'Where mail comes back'), ('all', 'Where mail comes back or the data is old')], default='all', max_length=8, verbose_name='Follow-ups made by night'),
        ),
        migrations.CreateModel(
            name='ContactCheck',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cause', models.CharField(db_collation='C', max_length=60)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('bounce', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.mailbounce')),
                ('customer', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='contact_checks', to='customers.customer')),
                ('follow_up', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.followup')),
                ('tenant', crm.tenancy.fields.TenantKey()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tenant', 'customer', 'cause'), name='contact_check_once')],
            },
        ),
        isolate("ContactCheck"),
        relate("ContactCheck"),
    ]
