"""One cell of the list, changed in its place; who saves an older reading is shown what the other changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import needs
from crm.conflicts import merged
from crm.errors import DomainError, Stale
from customers import classes
from customers.forms import CustomerForm
from customers.models import Customer, CustomerStats
from customers.selectors.columns import COLUMNS, MARK
from customers.services import customers as services
from customers.views import own_columns
from customers.views.finding import customer_or_404
from customers.views.rows import EDITABLE_CELLS, Look

HIDDEN = ("version", "decided")


class CellForm(CustomerForm):
    """The customer's form with a single field; the others stay as the record has them."""

    def __init__(self, data: Any, *, name: str, instance: Customer) -> None:
        super().__init__(data, instance=instance, initial={"version": instance.version})
        if name not in self.fields:
            raise Http404
        self.only = name
        self._custom = {key: field for key, field in self._custom.items() if key == name}
        self._kept = {field.key: self._kept[field.key] for field in self._custom.values()}
        for other in [other for other in self.fields if other not in (name, *HIDDEN)]:
            del self.fields[other]

    @property
    def values(self) -> dict[str, Any]:
        plain = {} if self._custom else {self.only: self.cleaned_data[self.only]}
        return {**plain, "custom": self.custom_values}


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def cell(request: HttpRequest, pk: UUID, key: str) -> HttpResponse:
    """The cell with a field in it; saved, or left by ``?leave=1``, as it is drawn in its row."""
    customer = customer_or_404(request, pk)
    name = _name_of(key)
    if request.method == "GET" and request.GET.get("leave"):
        return HttpResponse(_drawn(request, customer, key))
    form = CellForm(request.POST if request.method == "POST" else None, name=name, instance=customer)
    clashes: list[Any] = []
    if form.is_bound and form.is_valid():
        values, clashes = merged(form, customer)
        try:
            if not clashes:
                services.update_customer(
                    customer=customer, actor=request.member, version=customer.version, **values
                )
                return HttpResponse(_drawn(request, customer_or_404(request, pk), key))
            form.stand_on(customer.version)
        except Stale:
            form.add_error(None, _("Somebody saved this customer this very moment. Save once more."))
        except DomainError as error:
            for messages in error.errors.values() or [[str(error)]]:
                form.add_error(name, messages)
    page = {
        "form": form,
        "field": form[name],
        "clashes": clashes,
        "action": reverse("customers:cell", args=[pk, key]),
        "record": customer,
    }
    return render(request, "customers/_cell.html", page, status=422 if form.is_bound else 200)


def _name_of(key: str) -> str:
    """The form's field behind a column."""
    if key.startswith(MARK) and key in own_columns.own_columns():
        return f"custom.{key.removeprefix(MARK)}"
    if key in COLUMNS and key in EDITABLE_CELLS:
        return key
    raise Http404


def _drawn(request: HttpRequest, customer: Customer, key: str) -> SafeString:
    rows = CustomerStats.objects.with_owner_name().select_related("customer")
    row = rows.get(customer=customer.pk)
    own_columns.fill_cells([row], [key], request.tenant.currency)
    if key.startswith(MARK):
        return SafeString(row.own[key])
    look = Look([key], request.tenant.currency, classes.words(), may_change=True)
    return SafeString(look.cell(key, row))
