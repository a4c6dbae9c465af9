"""Companies apart, relations within one company, and a history of every change."""

from django.db import migrations

from crm.tenancy.rls import audit, isolate, relate


class Migration(migrations.Migration):
    dependencies = [('retention', '0001_initial'), ('customers', '0002_isolate')]

    operations = [
        isolate("Backtest"),
        isolate("ScoreRun"),
        isolate("Score"),
        isolate("Warning"),
        relate("Backtest"),
        relate("Score"),
        relate("Warning"),
        audit("Backtest"),
        audit("ScoreRun"),
        audit("Warning"),
    ]
