"""Contracts, brought in by a file too, and follow-ups that remind of them."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.utils.timezone
from django.db import migrations, models

import crm.ids
import crm.tenancy.fields
from crm.tenancy.rls import audit, isolate, relate


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0010_saved_views'),
        ('customers', '0013_captures'),
    ]

    operations = [
        migrations.AlterField(
            model_name='followup',
            name='origin',
            field=models.CharField(choices=[('person', 'Set by a person'), ('plan', 'From a maintenance plan'), ('warning', 'From a churn warning'), ('ticket', 'From a ticket'), ('contract', 'From a contract')], default='person', editable=False, max_length=10),
        ),
        migrations.AlterField(
            model_name='import',
            name='kind',
            field=models.CharField(choices=[('customers', 'Customers'), ('contacts', 'Contacts'), ('products', 'Products'), ('purchases', 'Purchases'), ('interactions', 'Interactions'), ('contracts', 'Contracts')], max_length=12, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='Contract',
            fields=[
                ('id', models.UUIDField(default=crm.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(blank=True, db_collation='C', max_length=100, verbose_name='number')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('starts_on', models.DateField(verbose_name='begins')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='ends')),
                ('renewal', models.CharField(choices=[('fixed', 'Ends on its last day'), ('auto', 'Renews itself'), ('open', 'Runs until notice is given')], default='fixed', max_length=5, verbose_name='renewal')),
                ('term_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='renews for months')),
                ('notice', models.PositiveSmallIntegerField(default=0, verbose_name='notice period')),
                ('notice_unit', models.CharField(choices=[('day', 'days'), ('month', 'months')], default='month', max_length=5, verbose_name='notice unit')),
                ('remind_days', models.PositiveSmallIntegerField(default=30, verbose_name='remind days before')),
                ('value', models.BigIntegerField(blank=True, null=True, verbose_name='value')),
                ('currency', models.CharField(blank=True, max_length=3, verbose_name='currency')),
                ('value_home', models.BigIntegerField(blank=True, null=True, verbose_name='value in own currency')),
                ('every', models.CharField(choices=[('once', 'once'), ('month', 'a month'), ('quarter', 'a quarter'), ('year', 'a year')], default='year', max_length=7, verbose_name='paid')),
                ('notes', models.TextField(blank=True, verbose_name='notes')),
                ('notice_given_on', models.DateField(blank=True, null=True, verbose_name='notice given')),
                ('notice_from', models.CharField(blank=True, choices=[('customer', 'The customer'), ('us', 'We')], max_length=8, verbose_name='notice from')),
                ('ended_because', models.CharField(blank=True, max_length=300, verbose_name='why it ends')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='changed')),
                ('deleted_at', models.DateTimeField(editable=False, null=True, verbose_name='deleted')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('reminded_for', models.DateField(editable=False, null=True)),
                ('notice_by', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(models.F('ends_on'), '-', models.Func(models.Value(0), models.Case(models.When(models.Q(('notice_unit', 'month')), then=models.F('notice')), default=models.Value(0), output_field=models.IntegerField()), models.Value(0), models.Case(models.When(models.Q(('notice_unit', 'month')), then=models.Value(0)), default=models.F('notice'), output_field=models.IntegerField()), function='make_interval', output_field=models.DurationField())), output_field=models.DateTimeField()), models.DateField()), null=True, output_field=models.DateField(null=True, verbose_name='notice by'))),
                ('remind_on', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(models.F('ends_on'), '-', models.Func(models.Value(0), models.Case(models.When(models.Q(('notice_unit', 'month')), then=models.F('notice')), default=models.Value(0), output_field=models.IntegerField()), models.Value(0), django.db.models.expressions.CombinedExpression(models.Case(models.When(models.Q(('notice_unit', 'month')), then=models.Value(0)), default=models.F('notice'), output_field=models.IntegerField()), '+', models.F('remind_days')), function='make_interval', output_field=models.DurationField())), output_field=models.DateTimeField()), models.DateField()), null=True, output_field=models.DateField(null=True))),
                ('author', crm.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.member', verbose_name='author')),
                ('customer', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='contracts', to='customers.customer')),
                ('owner', crm.tenancy.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='contracts', to='crm.member', verbose_name='owner')),
                ('reminder', crm.tenancy.fields.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.followup')),
                ('tenant', crm.tenancy.fields.TenantKey()),
            ],
            options={
                'verbose_name': 'contract',
                'verbose_name_plural': 'contracts',
                'ordering': ['-starts_on', '-id'],
                'indexes': [models.Index(fields=['tenant', 'customer', '-starts_on'], name='contract_customer'), models.Index(condition=models.Q(('deleted_at', None)), fields=['tenant', 'notice_by', 'id'], name='contract_notice'), models.Index(condition=models.Q(('deleted_at', None)), fields=['tenant', 'ends_on', 'id'], name='contract_end'), models.Index(condition=models.Q(('deleted_at', None)), fields=['tenant', '-created_at', '-id'], name='contract_newest'), models.Index(condition=models.Q(('deleted_at', None), ('notice_given_on', None)), fields=['tenant', 'remind_on'], name='contract_remind')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('number', ''), _negated=True), fields=('tenant', 'number'), name='contract_number_unique'), models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='contract_ends_after_start')],
            },
        ),
        isolate("Contract"),
        relate("Contract"),
        audit("Contract", "notice_by", "remind_on", "reminded_for", "reminder_id", "updated_at", "version"),
    ]
