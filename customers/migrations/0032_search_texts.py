"""Titles of contracts and subjects of open follow-ups are found over all of them."""

from django.db import migrations

from crm.tenancy.texts import search_within


class Migration(migrations.Migration):
    dependencies = [("customers", "0031_closed_follow_ups")]

    operations = [
        search_within(
            "Contract",
            "search_contracts",
            "title",
            order="t.created_at DESC, t.id DESC",
            only="deleted_at IS NULL",
        ),
        search_within(
            "FollowUp", "search_follow_ups", "subject", order="t.due_at, t.id", only="closed_at IS NULL"
        ),
    ]
