"""Classes: the cards, and a rule with its dry run beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm import answers
from crm.access import needs
from crm.conflicts import Clash, attempted
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import Job
from segmentation.criteria import parse, told
from segmentation.errors import RuleHidden
from segmentation.forms import ClassForm
from segmentation.members import reference_at
from segmentation.models import CustomerClass
from segmentation.rule_form import RuleForm
from segmentation.selectors.overview import class_cards
from segmentation.services import classes
from segmentation.services.classify import Moves
from segmentation.views.tabs import tabs


@needs("segments.view")
def index(request: HttpRequest) -> HttpResponse:
    cards, counted, reference = class_cards()
    context = {
        "tabs": tabs("classes"),
        "cards": cards,
        "counted": counted,
        "currency": reference.currency,
        "may_manage": request.member.can("segments.manage"),
    }
    return render(request, "segmentation/classes.html", context)


@needs("segments.manage")
def new(request: HttpRequest) -> HttpResponse:
    """A class is made with its rule, so that nobody stands in it by mistake."""
    customer_class = CustomerClass()
    form = _form(request, customer_class)

    @transaction.atomic
    def make(*, criteria: Any, **fields: Any) -> HttpResponse:
        made = classes.create_class(
            code=_code(fields["name"]), given=criteria, actor=request.member, **fields
        )
        applied = classes.save_class(customer_class=made, version=made.version, actor=request.member)
        return _saved(request, applied)

    if form.is_bound and form.is_valid():
        try:
            if answer := form.kept(make, **form.values):
                return answer
        except DomainError as error:
            answers.refuse(form, error)
    return _page(request, customer_class, form)


@needs("segments.manage")
def edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change a class. Whoever saves an older reading is shown what the other changed."""
    customer_class = get_object_or_404(CustomerClass.objects.active(), pk=pk)
    if customer_class.rule.hidden:
        raise RuleHidden
    form = _form(request, customer_class)

    def save(**values: Any) -> HttpResponse:
        applied = classes.save_class(customer_class=customer_class, actor=request.member, **values)
        return _saved(request, applied)

    attempt = attempted(form, customer_class, partial(form.kept, save))
    return attempt.answer or _page(request, customer_class, form, attempt.clashes)


@require_POST
@needs("segments.manage")
def rehearse(request: HttpRequest, pk: object) -> HttpResponse:
    """The rule as it stands in the form, with what it would do."""
    customer_class = get_object_or_404(CustomerClass.objects.active(), pk=pk)
    return render(request, "segmentation/_rule.html", _rule_context(customer_class, _rule(request)))


@require_POST
@needs("segments.manage")
def rehearse_new(request: HttpRequest) -> HttpResponse:
    """The rule of a class that is not there yet, in words."""
    return render(request, "segmentation/_rule.html", _rule_context(CustomerClass(), _rule(request)))


@require_POST
@needs("segments.manage")
def delete(request: HttpRequest, pk: object) -> HttpResponse:
    customer_class = get_object_or_404(CustomerClass.objects.active(), pk=pk)
    applied = classes.delete_class(
        customer_class=customer_class, version=customer_class.version, actor=request.member
    )
    messages.success(request, _("Class deleted"))
    if isinstance(applied, Job):
        return answers.go(reverse("job", args=[applied.pk]))
    return answers.go(reverse("segmentation:classes"))


def _form(request: HttpRequest, customer_class: CustomerClass) -> ClassForm:
    if request.method == "POST":
        return ClassForm(request.POST, instance=customer_class, rule=_rule(request))
    currency = request.tenant.currency
    rule = RuleForm.from_json(customer_class.criteria, currency=currency, for_class=True)
    return ClassForm(instance=customer_class, rule=rule)


def _rule(request: HttpRequest) -> RuleForm:
    return RuleForm.from_post(request.POST, currency=request.tenant.currency, for_class=True)


def _page(
    request: HttpRequest, customer_class: CustomerClass, form: ClassForm, clashes: Sequence[Clash] = ()
) -> HttpResponse:
    context = _rule_context(customer_class, form.rule) | {
        "form": form,
        "clashes": clashes,
        "crumbs": [{"label": _("Classes"), "url": reverse("segmentation:classes")}],
        "more": _menu(customer_class),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "segmentation/class.html", context, status=status)


def _rule_context(customer_class: CustomerClass, rule: RuleForm) -> dict[str, object]:
    """The builder and what it would do: only a class that has a rule and is known can be tried out."""
    known = not customer_class._state.adding
    takes_the_rest = known and not customer_class.criteria
    where = (
        reverse("segmentation:try-class", args=[customer_class.pk])
        if known
        else reverse("segmentation:try-new")
    )
    context: dict[str, object] = {
        "rule": rule,
        "customer_class": customer_class,
        "takes_the_rest": takes_the_rest,
        "try_url": where,
    }
    if not rule.is_valid():
        return context
    parsed = parse(rule.criteria)
    context["words"] = told(parsed, reference_at(), empty="")
    context["personal"] = any(one.field.personal for _number, one in parsed)
    if rule.alternatives and known and not takes_the_rest:
        names = dict(CustomerClass.objects.values_list("code", "name"))
        found = classes.simulate(customer_class=customer_class, given=rule.criteria)
        context["simulation"] = found
        context["flows"] = [
            (names.get(f.from_code, ""), names.get(f.to_code, ""), f.customers) for f in found.flows
        ]
        context["sample"] = [
            (pk, name, names.get(a, ""), names.get(b, "")) for pk, name, a, b in found.sample
        ]
    return context


def _menu(customer_class: CustomerClass) -> list[dict[str, object]]:
    if customer_class._state.adding or not customer_class.criteria:
        return []
    return [
        {
            "label": _("Delete"),
            "icon": "trash",
            "url": reverse("segmentation:delete-class", args=[customer_class.pk]),
            "post": True,
            "danger": True,
            "confirm": _("Its customers go where the other rules put them. Past moves keep its name."),
            "confirm_title": _("Delete the class %(name)s?") % {"name": customer_class.name},
            "confirm_action": _("Delete"),
        }
    ]


def _saved(request: HttpRequest, applied: Moves | Job) -> HttpResponse:
    if isinstance(applied, Job):
        return redirect("job", applied.pk)
    moved = applied.moved
    text = ngettext("Saved. %(count)s customer moved.", "Saved. %(count)s customers moved.", moved)
    messages.success(request, text % {"count": moved})
    return redirect("segmentation:classes")


def _code(name: str) -> str:
    """A short code that stays when the class is renamed; the name's own letters where it has any."""
    letters = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:20]
    return letters or f"c{uuid7().hex[-10:]}"
