"""The one schedule: beat ticks, and the tick looks which companies have something due."""

from django.db import migrations


def schedule(apps, schema_editor):
    using = schema_editor.connection.alias
    interval, _ = (
        apps.get_model("django_celery_beat", "IntervalSchedule")
        .objects.using(using)
        .get_or_create(every=15, period="seconds")
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.using(using).get_or_create(
        name="Tick",
        defaults={
            "task": "crm.tasks.tick",
            "interval": interval,
            # A tick nobody took within its time is worth nothing: the next one sees the same.
            "expire_seconds": 30,
            "description": "Wakes the companies that have something due. Everything else follows from it.",
        },
    )


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0003_work"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
