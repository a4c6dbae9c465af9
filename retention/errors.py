"""What retention refuses."""

from django.utils.translation import gettext_lazy as _

from crm.errors import Conflict, DomainError


class BadHorizon(DomainError):
    code = "bad_horizon"
    message = _("The horizon is between 1 and 730 days.")


class WarningClosed(Conflict):
    """Somebody closed the warning first, or it closed by itself."""

    code = "warning_closed"
    message = _("This warning is already closed.")


class OutcomeUnknown(DomainError):
    """The horizon after the cut is not over, so nobody can say who left."""

    code = "outcome_unknown"
    message = _("What happened after that day is not known yet. Choose an earlier day or a shorter horizon.")


class NobodyBought(DomainError):
    code = "nobody_bought"
    message = _("Nobody had bought anything by that day. Choose a later one.")
