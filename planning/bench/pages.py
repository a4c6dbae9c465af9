"""How long pages and the API take, against a minimal view answered in the same process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from crm.api.scopes import all_scopes
from crm.errors import DomainError
from crm.memory import settle
from crm.services import keys
from crm.tenancy.context import tenant_context
from crm.tenancy.middleware import SESSION_KEY
from customers.models import Customer, CustomerStats
from customers.selectors.keyset import Cursor
from customers.views.search import FIRST, REST
from planning.bench.company import Company
from planning.bench.custom import fill_custom_fields
from planning.bench.figures import Figure, Measure, p95
from planning.bench.floor import minimal_client

REQUESTS = 100
WARM_UP = 4
PREFIXES = ("harb", "silver f", "c-12", "远山")
MIDDLES = ("arbou", "extil", "gistics", "ightin")
SLIPS = ("harbuor", "silver fodos", "kestrle", "lihgting")
BUILT = "and(or(class.is(key),stage.is(lost)),or(industry.is(Retail),spend.gte(1000)))"
HAN = ("山", "华", "海", "东")


class Unanswered(DomainError):
    """A page of the bench did not answer 200."""

    code = "unanswered"


class Pages:
    """Requests through Django's test client: middlewares, session and row-level security included."""

    def __init__(self, company: Company, requests: int = REQUESTS) -> None:
        self.company = company
        self.requests = requests

    def measures(self) -> dict[str, Measure]:
        found: dict[str, Any] = {
            "pages.list": lambda: [reverse("customers:list")],
            "pages.next": lambda: [self._next()],
            "pages.filtered": self._filtered,
            "pages.built_filter": lambda: [f"{reverse('customers:list')}?{urlencode({'where': BUILT})}"],
            "pages.custom_filter": lambda: self._custom(
                {"custom.monthly_charge__gte": "500", "custom.tier": "Gold"}
            ),
            "pages.custom_sort": lambda: self._custom({"sort": "-custom.monthly_charge"}),
            "search.prefix": lambda: _searches(PREFIXES),
            "search.middle": lambda: _searches(MIDDLES),
            "search.rest": lambda: [f"{address}&first=many" for address in _searches(PREFIXES, REST)],
            "search.slip": lambda: [f"{address}&first=none" for address in _searches(SLIPS, REST)],
            "search.han": lambda: _searches(HAN),
            "pages.record": self._records,
        }
        measures: dict[str, Measure] = {
            name: partial(self._page, name, addresses) for name, addresses in found.items()
        }
        return measures | {"api.customers": self._api}

    def _page(self, name: str, addresses: Any) -> Figure:
        client = Client()
        client.force_login(self.company.admin.user, backend=settings.AUTHENTICATION_BACKENDS[0])
        session = client.session
        session[SESSION_KEY] = str(self.company.tenant.pk)
        session.save()
        try:
            with override_settings(ALLOWED_HOSTS=["*"]):
                return self._figure(name, client, addresses())
        finally:
            client.logout()

    def _api(self) -> Figure:
        admin = self.company.admin
        with tenant_context(self.company.tenant.pk):
            key, text = keys.create_key(name="Bench", member=admin, scopes=all_scopes(), actor=admin)
        try:
            with override_settings(ALLOWED_HOSTS=["*"], API_CALLS_PER_MINUTE=10**9):
                client = Client(headers={"Authorization": f"Bearer {text}"})
                return self._figure("api.customers", client, ["/api/v1/customers?limit=50"])
        finally:
            with tenant_context(self.company.tenant.pk):
                keys.revoke_key(key=key, actor=admin)

    def _figure(self, name: str, client: Client, addresses: Sequence[str]) -> Figure:
        """The page's p95 and the floor's, of requests in turn: what else the machine does then falls on both."""
        settle()  # as the server does (crm/wsgi.py)
        floor, pages, floors = minimal_client(), [], []
        for n in range(WARM_UP + self.requests):
            pages.append(_seconds(client, addresses[n % len(addresses)]))
            # Opened around the request, so that it does not pay for the policies' setting.
            with tenant_context(self.company.tenant.pk):
                floors.append(_seconds(floor, "/"))
        return Figure(name, p95(pages[WARM_UP:]) * 1000, "ms", p95(floors[WARM_UP:]) * 1000, self.requests)

    def _next(self) -> str:
        """Where the list goes on, from the middle of the alphabet."""
        with tenant_context(self.company.tenant.pk):
            later = Customer.objects.living().filter(name_norm__gte="m").order_by("name_norm", "id")
            name, pk = later.values_list("name_norm", "pk")[0]
        cursor = Cursor(name, pk).encode()
        return f"{reverse('customers:list')}?{urlencode({'cursor': cursor})}"

    def _filtered(self) -> list[str]:
        with tenant_context(self.company.tenant.pk):
            row = CustomerStats.objects.exclude(class_code="").select_related("customer").first()
        query = {"class": row.class_code, "industry": row.customer.industry} if row else {}
        return [f"{reverse('customers:list')}?{urlencode(query)}"]

    def _custom(self, query: dict[str, str]) -> list[str]:
        fill_custom_fields(self.company)
        shown = ["custom:monthly_charge", "custom:tier"]
        return [f"{reverse('customers:list')}?{urlencode({**query, 'columns': shown}, doseq=True)}"]

    def _records(self) -> list[str]:
        with tenant_context(self.company.tenant.pk):
            found = list(Customer.objects.order_by("id").values_list("pk", flat=True)[: self.requests])
        return [reverse("customers:record", args=[pk]) for pk in found]


def _searches(typed: Sequence[str], part: str = FIRST) -> list[str]:
    return [f"{reverse('search')}?{urlencode({'q': words, 'part': part})}" for words in typed]


def _seconds(client: Client, address: str) -> float:
    started = time.perf_counter()
    response = client.get(address, secure=True)
    taken = time.perf_counter() - started
    if response.status_code != 200:
        raise Unanswered(f"{address} answered {response.status_code}.")
    return taken
