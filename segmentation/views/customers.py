"""One customer's class and stage: why, and set by hand."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm import answers
from crm.access import needs
from customers.models import Customer
from customers.models.stats import Stage
from segmentation.errors import OverrideInThePast
from segmentation.forms import OverrideForm
from segmentation.models import ClassMembership
from segmentation.selectors.reasons import STRATEGIES, class_reasons, stage_reasons
from segmentation.selectors.standing import standing
from segmentation.services import overrides


@needs("segments.view")
def why_class(request: HttpRequest, pk: object) -> HttpResponse:
    customer = _customer(request, pk)
    found = standing(customer)
    context = {
        "customer": customer,
        "standing": found,
        "tried": class_reasons(found),
        "may_override": request.member.can("customers.change"),
    }
    return render(request, "segmentation/_why_class.html", context)


@needs("segments.view")
def why_stage(request: HttpRequest, pk: object) -> HttpResponse:
    found = standing(_customer(request, pk))
    strategy = STRATEGIES[Stage(found.stage.stage)] if found.stage else ""
    context = {"standing": found, "reasons": stage_reasons(found.stage_facts), "strategy": strategy}
    return render(request, "segmentation/_why_stage.html", context)


@needs("customers.change")
def override(request: HttpRequest, pk: object) -> HttpResponse:
    customer = _customer(request, pk)
    membership = ClassMembership.objects.filter(customer=customer).first()
    form = OverrideForm(answers.posted(request), initial=_initial(membership))
    if request.method == "POST" and form.is_valid():
        try:
            overrides.override_class(customer=customer, actor=request.member, **form.cleaned_data)
            return _done(_("Class set by hand"))
        except OverrideInThePast as refusal:
            form.add_error("until", str(refusal))
    lead = _("The rules leave the customer alone until the last day.")
    return answers.sheet(request, form, _("Set the class by hand"), lead=lead)


@require_POST
@needs("customers.change")
def clear(request: HttpRequest, pk: object) -> HttpResponse:
    overrides.clear_override(customer=_customer(request, pk), actor=request.member)
    return _done(_("The rules decide again"))


def _customer(request: HttpRequest, pk: object) -> Customer:
    return get_object_or_404(Customer.objects.living().visible_to(request.member), pk=pk)


def _initial(membership: ClassMembership | None) -> dict[str, object]:
    if membership is None:
        return {}
    return {
        "customer_class": membership.customer_class_id,
        "reason": membership.override_reason,
        "until": membership.override_until,
    }


def _done(message: str) -> HttpResponse:
    """The record is drawn anew: class, reasons and timeline have all changed."""
    response = answers.done(message)
    response["HX-Refresh"] = "true"
    return response
