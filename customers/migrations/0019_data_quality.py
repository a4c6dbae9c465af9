"""How complete a customer's record is, as a column the database computes; the history leaves it out."""

import django.db.models.expressions
import django.db.models.functions.comparison
from django.db import migrations, models

from crm.tenancy.rls import audit


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0010_saved_views'),
        ('customers', '0018_capture_templates'),
    ]

    operations = [
        migrations.AddField(
            model_name='customer',
            name='quality',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(models.Case(models.When(kind='person', then=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.Case(models.When(models.Q(models.Q(('email', ''), _negated=True), ('email_norm__regex', '^[^@ ]+@[^@ ]+[.][^@ .]+$')), then=models.Value(25)), models.When(models.Q(('email', ''), _negated=True), then=models.Value(12)), default=models.Value(0), output_field=models.IntegerField()), '+', models.Case(models.When(models.Q(models.Q(('phone', ''), _negated=True), ('phone_norm__regex', '^[1-9][0-9]{7,14}$')), then=models.Value(25)), models.When(models.Q(('phone', ''), _negated=True), then=models.Value(12)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('owner__isnull', False)), then=models.Value(10)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('birthday__isnull', False)), then=models.Value(10)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('gender', ''), _negated=True), then=models.Value(5)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('language', ''), _negated=True), then=models.Value(5)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('city', ''), _negated=True), then=models.Value(10)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('address', ''), _negated=True), then=models.Value(5)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('source', ''), _negated=True), then=models.Value(5)), default=models.Value(0), output_field=models.IntegerField()))), default=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.Case(models.When(models.Q(models.Q(('email', ''), _negated=True), ('email_norm__regex', '^[^@ ]+@[^@ ]+[.][^@ .]+$')), then=models.Value(20)), models.When(models.Q(('email', ''), _negated=True), then=models.Value(10)), default=models.Value(0), output_field=models.IntegerField()), '+', models.Case(models.When(models.Q(models.Q(('phone', ''), _negated=True), ('phone_norm__regex', '^[1-9][0-9]{7,14}$')), then=models.Value(20)), models.When(models.Q(('phone', ''), _negated=True), then=models.Value(10)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('owner__isnull', False)), then=models.Value(10)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('industry', ''), _negated=True), then=models.Value(10)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('size', ''), _negated=True), then=models.Value(10)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('city', ''), _negated=True), then=models.Value(10)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('address', ''), _negated=True), then=models.Value(5)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('website', ''), _negated=True), then=models.Value(10)), default=models.Value(0), output_field=models.IntegerField())), '+', models.Case(models.When(models.Q(('source', ''), _negated=True), then=models.Value(5)), default=models.Value(0), output_field=models.IntegerField())), output_field=models.IntegerField()), models.SmallIntegerField()), output_field=models.SmallIntegerField(), verbose_name='data quality'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('deleted_at', None)), fields=['tenant', 'quality', 'id'], name='customer_quality'),
        ),
        migrations.RunSQL(
            "DROP TRIGGER audit_insert ON customers_customer; DROP TRIGGER audit_update ON customers_customer; "
            "DROP TRIGGER audit_delete ON customers_customer",
            migrations.RunSQL.noop,
        ),
        audit("Customer", "name_norm", "email_norm", "phone_norm", "pinyin", "initials", "updated_at", "version", "quality"),
    ]
