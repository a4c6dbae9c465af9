"""Early warnings on Today, by value at risk."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.agenda import Action, Entry, register
from crm.models import Member, Tenant
from crm.tenancy.context import current_tenant_id
from customers.models import CustomerStats
from retention import words
from retention.models import Warning

MOST = 50


def warnings(member: Member, at: datetime) -> Iterator[Entry]:
    """The open warnings of the member's customers."""
    mine = (
        Warning.objects.open()
        .filter(owner=member)
        .select_related("customer")
        .order_by("-value_at_risk", "id")
    )
    found = list(mine[:MOST])
    if not found:
        return
    currency = Tenant.objects.values_list("currency", flat=True).get(pk=current_tenant_id())
    stats = CustomerStats.objects.filter(customer__in=[w.customer_id for w in found])
    classes = dict(stats.values_list("customer_id", "class_code"))
    may = member.can("retention.change")
    for warning in found:
        yield Entry(
            key=f"warning-{warning.pk}",
            kind="warning",
            title=_("May be leaving"),
            reason=_("; ").join(words.raising(warning.reasons, currency)) or warning.get_trigger_display(),
            due_at=None,
            customer_id=warning.customer_id,
            customer_name=warning.customer.name,
            class_code=classes.get(warning.customer_id, ""),
            value=warning.value_at_risk,
            actions=_actions(warning) if may else [],
        )


def _actions(warning: Warning) -> list[Action]:
    return [
        Action(_("Follow up"), reverse("retention:act", args=[warning.pk]), "sheet", "calendar-plus"),
        Action(_("Dismiss"), reverse("retention:close", args=[warning.pk]), "sheet", "x"),
    ]


register(warnings)
