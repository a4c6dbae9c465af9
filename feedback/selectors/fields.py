"""What one can ask of tickets and feedback in a filter."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filtering.catalogue import Catalogue
from crm.filtering.columns import column
from crm.filtering.fields import Kind
from customers.models.interactions import Channel
from customers.selectors.list_fields import of_customer, owner_at
from feedback.models import Feedback, Ticket

TICKET_FIELDS = Catalogue(
    [
        column("subject", _("Subject")),
        column("number", _("Number"), Kind.NUMBER),
        column("status", _("State"), Kind.CHOICE, choices=lambda: Ticket.Status.choices),
        column(
            "priority", _("Priority"), Kind.CHOICE, blank=None, choices=lambda: _numbered(Ticket.Priority)
        ),
        column("urgency", _("Urgency"), Kind.CHOICE, blank=None, choices=lambda: _numbered(Ticket.Level)),
        column("impact", _("Impact"), Kind.CHOICE, blank=None, choices=lambda: _numbered(Ticket.Level)),
        owner_at("owner"),
        column("opened", pgettext_lazy("ticket", "Opened"), Kind.MOMENT, "opened_at"),
        column("answer_by", _("Answer by"), Kind.MOMENT, "respond_by"),
        column("answered", _("Answered"), Kind.MOMENT, "first_responded_at"),
        column("resolved", _("Resolved"), Kind.MOMENT, "resolved_at"),
        *of_customer(),
    ]
)
FEEDBACK_FIELDS = Catalogue(
    [
        column("type", _("Type"), Kind.CHOICE, choices=lambda: Feedback.Type.choices),
        column("channel", _("Channel"), Kind.CHOICE, choices=lambda: Channel.choices),
        column("sentiment", _("Sentiment"), Kind.CHOICE, choices=lambda: Feedback.Sentiment.choices),
        column("topic", _("Topic")),
        owner_at("assigned_to", _("Assigned to"), "assigned"),
        column("received", _("Received"), Kind.MOMENT, "received_at"),
        column("handled", pgettext_lazy("state", "Handled"), Kind.MOMENT, "handled_at"),
        *of_customer(),
    ]
)


def _numbered(choices: type[Ticket.Priority] | type[Ticket.Level]) -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in choices.choices]
