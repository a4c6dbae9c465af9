"""Companies apart, relations within one company, and a history of every change."""

from django.db import migrations

from crm.tenancy.rls import audit, isolate, relate


class Migration(migrations.Migration):
    dependencies = [('planning', '0001_initial'), ('crm', '0002_isolate')]

    operations = [
        isolate("Plan"),
        isolate("Objective"),
        relate("Plan"),
        relate("Objective"),
        audit("Plan"),
        audit("Objective"),
    ]
