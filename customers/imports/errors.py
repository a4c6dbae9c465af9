"""Why a whole file is refused."""

from django.utils.translation import gettext_lazy as _

from crm.errors import DomainError


class FileRefused(DomainError):
    """The file cannot be read as a table, or is meant to do harm."""

    code = "file_refused"
    message = _("This file cannot be read.")


class MappingRefused(DomainError):
    """The columns do not fit the fields of what is imported."""

    code = "mapping_refused"
    message = _("The columns do not fit.")
