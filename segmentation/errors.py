"""Refusals of segmentation."""

from django.utils.translation import gettext_lazy as _

from crm.errors import Conflict, DomainError, NotAllowed


class NoCatchAll(DomainError):
    """Somebody would be left without a class."""

    code = "no_catch_all"
    message = _(
        "The last class in use takes everyone who is left, so it has no criteria, and only it has none."
    )


class ClassInUse(Conflict):
    """Maintenance plans still serve the class."""

    code = "class_in_use"
    message = _("Maintenance plans serve this class. Move them to another class first.")


class OverrideWithoutReason(DomainError):
    """A class set by hand needs a reason that others can read."""

    code = "override_without_reason"
    message = _("Say why this customer's class is set by hand.")


class OverrideInThePast(DomainError):
    """An override that has already ended changes nothing."""

    code = "override_in_the_past"
    message = _("The last day of the override has passed.")


class ClassNotInUse(DomainError):
    """A customer cannot be put into a class that is not in use."""

    code = "class_not_in_use"
    message = _("This class is not in use.")


class RuleHidden(NotAllowed):
    """The rule asks about personal data, which is masked for whoever wants to change it."""

    code = "rule_hidden"
    message = _(
        "This rule asks about personal data, which is not shown to you. Somebody who sees it can change it."
    )


class NameTaken(Conflict):
    """There is already one of this name."""

    code = "name_taken"
    message = _("There is already one of this name.")
