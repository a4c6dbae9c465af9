"""Capture templates that were deleted can be brought back."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0033_values_follow_quicker'),
    ]

    operations = [
        migrations.AddField(
            model_name='capturetemplate',
            name='deleted_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='deleted'),
        ),
    ]
