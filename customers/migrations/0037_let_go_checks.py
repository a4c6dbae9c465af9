"""A check whose reason is gone stays, so that it can be opened again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0014_quicker_changes'),
        ('customers', '0036_search_short_words'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='contactcheck',
            name='contact_check_once',
        ),
        migrations.AddField(
            model_name='contactcheck',
            name='dropped_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name='contactcheck',
            constraint=models.UniqueConstraint(condition=models.Q(('dropped_at', None)), fields=('tenant', 'customer', 'cause'), name='contact_check_once'),
        ),
    ]
