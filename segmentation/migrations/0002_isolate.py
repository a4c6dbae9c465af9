"""Companies apart, relations within one company, and a history of every change."""

from django.db import migrations

from crm.tenancy.rls import audit, isolate, relate


class Migration(migrations.Migration):
    dependencies = [('segmentation', '0001_initial'), ('customers', '0002_isolate')]

    operations = [
        isolate("CustomerClass"),
        isolate("ClassMembership"),
        isolate("ClassChange"),
        isolate("Segment"),
        isolate("StageMembership"),
        relate("ClassMembership"),
        relate("ClassChange"),
        relate("Segment"),
        relate("StageMembership"),
        audit("CustomerClass"),
        audit("ClassChange"),
        audit("Segment"),
    ]
