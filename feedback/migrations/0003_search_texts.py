"""What tickets and feedback say is found over all of them."""

from django.db import migrations

from crm.tenancy.texts import search_within


class Migration(migrations.Migration):
    dependencies = [("feedback", "0002_isolate"), ("customers", "0003_search")]

    operations = [
        search_within(
            "Ticket", "search_tickets", "subject", "description", order="t.opened_at DESC, t.id DESC"
        ),
        search_within("Feedback", "search_feedback", "text", order="t.received_at DESC, t.id DESC"),
    ]
