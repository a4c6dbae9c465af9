"""Sessions as Django keeps them in the database, read by SQL that is not put together anew on every page."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.db import connections, router
from django.utils import timezone

_FIND = "SELECT session_data, expire_date FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        using = router.db_for_read(self.model)
        with connections[using].cursor() as cursor:
            cursor.execute(_FIND, [self.session_key, timezone.now()])
            found = cursor.fetchone()
        if found is None:
            self._session_key = None
            return None
        return self.model(self.session_key or "", *found)
