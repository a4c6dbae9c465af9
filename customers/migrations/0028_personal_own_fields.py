"""Fields of a company's own that hold personal data."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0027_contacts_by_name'),
    ]

    operations = [
        migrations.AddField(
            model_name='customfield',
            name='personal',
            field=models.BooleanField(default=False, verbose_name='personal data'),
        ),
    ]
