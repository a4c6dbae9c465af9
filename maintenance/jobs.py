"""Long work about follow-ups, run by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from crm.formats import number_text
from crm.models import Member
from customers.models import FollowUp
from customers.services.many import follow_ups as deeds
from customers.services.many import rows, running
from customers.services.many.passing import FOLLOW_UPS as FOLLOW_UPS_PASS
from maintenance.selectors.follow_ups import asked_of, follow_ups_of


def _asked(query: Mapping[str, str], member: Member) -> Any:
    return follow_ups_of(asked_of(query), member, timezone.now())


def _told(count: int) -> str:
    words = ngettext("%(count)s follow-up changed.", "%(count)s follow-ups changed.", count)
    return words % {"count": number_text(count)}


FOLLOW_UPS = rows.register(
    rows.Rows(
        "follow_ups",
        FollowUp,
        "customers.change",
        deeds.COLUMNS,
        seen=lambda member: FollowUp.objects.open().visible_to(member),
        asked=_asked,
        check=deeds.check,
        apply=deeds.apply,
        told=_told,
        mend=deeds.mend,
        passes=FOLLOW_UPS_PASS,
    )
)
running.register_jobs(
    FOLLOW_UPS,
    title=_("Changing follow-ups"),
    back="maintenance:follow-ups",
    undo="customers:undo-follow-ups-job",
    of=ngettext_lazy("%(done)s of %(total)s follow-up", "%(done)s of %(total)s follow-ups", "number"),
)
