"""The plans a new company starts with: what each of the four classes is owed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm import defaults
from crm.models import Member
from customers.models.interactions import Channel
from maintenance.models import MaintenancePlan, ReminderPolicy
from maintenance.services.plans import create_plan
from segmentation.models import CustomerClass

Every = MaintenancePlan.Every


def plans() -> list[tuple[str, str, str, str, str, str]]:
    """Class code, name, rhythm, channel, subject and guide."""
    return [
        (
            "key",
            _("High-level visit"),
            Every.QUARTER,
            Channel.VISIT,
            _("Visit with tailored advice"),
            _(
                "Whom do we meet, and who decides? What has changed for them since the last visit? Which advice do "
                "we bring for their business? What do they expect of us next quarter? Agree the next step."
            ),
        ),
        (
            "potential",
            _("Monthly contact"),
            Every.MONTH,
            Channel.PHONE,
            _("Call to develop the relationship"),
            _(
                "What are they working on? What do they buy elsewhere, and why? What would make them do more "
                "with us? Who else should know us? Agree the next step."
            ),
        ),
        (
            "general",
            _("Care message"),
            Every.QUARTER,
            Channel.EMAIL,
            _("Care message with news of their industry"),
            _("One useful piece of news, one sentence about them, one way to reach us."),
        ),
        (
            "dormant",
            _("Revisit"),
            Every.QUARTER,
            Channel.PHONE,
            _("Call to revisit"),
            _(
                "Why did they go quiet: need, price, service, a person who left? What is still open between us? "
                "What would bring them back? Note the reason even when the answer is no."
            ),
        ),
    ]


def make_plans(admin: Member) -> None:
    classes = {each.code: each for each in CustomerClass.objects.all()}
    for code, name, every, channel, subject, guide in plans():
        if code in classes:
            create_plan(
                actor=admin,
                name=name,
                customer_class=classes[code],
                every=every,
                channel=channel,
                subject=subject,
                guide=guide,
            )
    ReminderPolicy.objects.create()


defaults.register(make_plans, order=30)
