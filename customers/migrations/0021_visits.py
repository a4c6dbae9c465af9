"""Lists of visits can be brought in."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0020_inlets'),
    ]

    operations = [
        migrations.AlterField(
            model_name='import',
            name='kind',
            field=models.CharField(choices=[('customers', 'Customers'), ('contacts', 'Contacts'), ('products', 'Products'), ('purchases', 'Purchases'), ('interactions', 'Interactions'), ('visits', 'Visits with next steps'), ('contracts', 'Contracts')], max_length=12, verbose_name='kind'),
        ),
    ]
