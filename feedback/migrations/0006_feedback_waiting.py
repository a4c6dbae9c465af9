from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0005_search_short_words'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='feedback',
            index=models.Index(condition=models.Q(('handled_at', None)), fields=['tenant', '-received_at', '-id'], name='feedback_waiting'),
        ),
    ]
