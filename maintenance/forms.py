"""What a person may set up in maintenance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from crm.models import Member
from crm.versioned import Versioned
from maintenance.models import MaintenancePlan, ReminderPolicy
from segmentation.models import CustomerClass


class PlanForm(Versioned):
    """A plan."""

    class Meta:
        model = MaintenancePlan
        fields = [
            "name",
            "customer_class",
            "every",
            "channel",
            "subject",
            "guide",
            "fallback_owner",
            "active",
        ]
        widgets = {"guide": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "subject": _("Stands on each follow-up the plan makes."),
            "guide": _("What to ask and what to bring; shown with the follow-up."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer_class"].queryset = CustomerClass.objects.active()  # type: ignore[attr-defined]
        self.fields["fallback_owner"].queryset = Member.objects.active()  # type: ignore[attr-defined]


class PolicyForm(forms.ModelForm):
    """When people are reminded."""

    class Meta:
        model = ReminderPolicy
        fields = ["days_before", "days_overdue", "days_escalate", "hour", "by_email"]
        help_texts = {
            "days_before": _("0: not before the day."),
            "days_overdue": _("0: not again."),
            "days_escalate": _("0: the lead is not told."),
            "hour": _("0 to 23, by the company's clock."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hour"].validators.append(MaxValueValidator(23))
