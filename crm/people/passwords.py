"""What a password must be."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """As Django's, told by a text of ours: Django's own is not there in every language."""

    def get_error_message(self) -> str:
        return _("This password is too short: it needs at least %(least)s characters.") % {
            "least": self.min_length
        }
