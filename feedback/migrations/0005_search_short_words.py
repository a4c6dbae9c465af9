"""Words of one or two letters are found over all tickets and feedback."""

from django.db import migrations

from crm.tenancy.texts import search_short_words


class Migration(migrations.Migration):
    dependencies = [("feedback", "0004_order_tickets"), ("customers", "0036_search_short_words")]

    operations = [
        search_short_words(
            "Ticket", "search_tickets", "subject", "description", order="t.opened_at DESC, t.id DESC"
        ),
        search_short_words("Feedback", "search_feedback", "text", order="t.received_at DESC, t.id DESC"),
    ]
