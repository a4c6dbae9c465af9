"""The form and the survey a new company starts with."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.defaults import register
from crm.models import Member
from feedback.services.feedback import save_form
from feedback.services.surveys import Question, save_survey
from segmentation.models import Segment


def make_form(admin: Member) -> None:
    save_form(
        form=None,
        actor=admin,
        name=_("Website"),
        title=_("Tell us what you think"),
        intro=_("A problem, a wish, a word of praise: we read all of it."),
        thanks=_("Thank you. Somebody will come back to you if an answer is needed."),
        language=get_language() or "",
    )


def make_survey(admin: Member) -> None:
    save_survey(
        survey=None,
        actor=admin,
        name=_("Satisfaction"),
        title=_("How are we doing?"),
        intro=_("Four short questions; it takes a minute."),
        thanks=_("Thank you. Your answers go to the people who look after you."),
        language=get_language() or "",
        segment=Segment.objects.order_by("name").first(),
        questions=[
            Question("csat", _("How satisfied are you with us overall?"), "overall", True),
            Question("csat", _("How satisfied are you with how quickly we respond?"), "speed"),
            Question("nps", _("How likely are you to recommend us to others?")),
            Question("text", _("What should we do better?")),
        ],
    )


register(make_form, order=40)
register(make_survey, order=41)
