"""What was said is found over all of it; words of one or two letters, too, as in titles and subjects."""

from django.db import migrations

from crm.tenancy.texts import SHORT_WORDS, search_short_words, search_within

CONTRACTS = {"order": "t.created_at DESC, t.id DESC", "only": "deleted_at IS NULL"}
FOLLOW_UPS = {"order": "t.due_at, t.id", "only": "closed_at IS NULL"}
SAID = {"order": "t.happened_at DESC, t.id DESC"}


class Migration(migrations.Migration):
    dependencies = [("customers", "0035_plans_for_many")]

    operations = [
        migrations.RunSQL(SHORT_WORDS, "DROP FUNCTION IF EXISTS short_words CASCADE"),
        search_short_words("Contract", "search_contracts", "title", **CONTRACTS),
        search_short_words("FollowUp", "search_follow_ups", "subject", **FOLLOW_UPS),
        search_within("Interaction", "search_interactions", "text", **SAID),
        search_short_words("Interaction", "search_interactions", "text", **SAID),
    ]
