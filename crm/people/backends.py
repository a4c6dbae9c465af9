"""Who is signed in."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from crm.models import User
from crm.tenancy.prepared import Prepared

_USER = Prepared(lambda user: User.objects.filter(pk=user))


class SignIn(AuthenticationBackend):
    """By e-mail and password; every page asks for the person of its session, so that its SQL is kept."""

    def get_user(self, user_id: Any) -> User | None:
        """The person, where they may sign in."""
        user = _USER.first(user_id)
        return user if user and self.user_can_authenticate(user) else None
