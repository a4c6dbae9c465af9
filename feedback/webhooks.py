"""What programs outside are told of feedback, tickets and surveys."""

from django.utils.translation import gettext_lazy as _

from crm.webhooks import EventType, register

_FEEDBACK = "feedback.api.FeedbackSerializer"
_TICKET = "feedback.api.TicketSerializer"

register(
    EventType("feedback.received", _("A customer said something."), _FEEDBACK),
    EventType("feedback.handled", _("Feedback was dealt with."), _FEEDBACK),
    EventType("ticket.opened", _("A ticket was opened."), _TICKET),
    EventType("ticket.changed", _("A ticket's owner, subject, urgency or impact was changed."), _TICKET),
    EventType("ticket.answered", _("The customer was answered."), _TICKET),
    EventType("ticket.resolved", _("A ticket was resolved."), _TICKET),
    EventType("ticket.reopened", _("A ticket's resolution was taken back."), _TICKET),
    EventType("survey.answered", _("A customer answered a survey."), "feedback.api.ResponseSerializer"),
)
