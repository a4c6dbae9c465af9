"""Refusals of the feedback app."""

from django.utils.translation import gettext_lazy as _

from crm.errors import Conflict, DomainError


class TicketResolved(Conflict):
    code = "ticket_resolved"
    message = _("This ticket is resolved already. Reopen it to go on.")


class SurveyNotOpen(Conflict):
    code = "survey_not_open"
    message = _("This survey is closed. Thank you for wanting to answer.")


class AlreadyAnswered(Conflict):
    code = "already_answered"
    message = _("You have answered already. Thank you.")


class SurveyHasAnswers(Conflict):
    code = "survey_has_answers"
    message = _("Customers have answered these questions already. Copy the survey to ask others.")


class NobodyToAsk(DomainError):
    code = "nobody_to_ask"
    message = _(
        "Nobody in this segment has an e-mail address, takes surveys and was not asked within the last 30 days."
    )
