"""The floor of pages: the least Django does for 50 customers. Also the URLconf it is measured under."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import Context, Engine
from django.test import Client, override_settings
from django.test.client import ClientHandler
from django.urls import path, set_urlconf

from customers.models import Customer

ROWS = 50
_TABLE = Engine(autoescape=True).from_string(
    "<!doctype html><table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>"
    "{% endfor %}</table>"
)


def minimal(request: HttpRequest) -> HttpResponse:
    """One indexed query, 50 rows of six cells; no middleware, no session, no member."""
    rows = (
        Customer.objects.living()
        .order_by("name_norm", "id")
        .values_list("name", "email", "phone", "industry", "city", "created_at")[:ROWS]
    )
    return HttpResponse(_TABLE.render(Context({"rows": rows})))


urlpatterns = [path("", minimal)]


class _Handler(ClientHandler):
    """Answers by these addresses and without middlewares, beside a client that has all of them."""

    def __init__(self) -> None:
        super().__init__()
        with override_settings(MIDDLEWARE=[]):
            self.load_middleware()

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        request.urlconf = __name__
        try:
            return super().get_response(request)
        finally:
            set_urlconf(None)  # or this thread would go on making addresses by it


def minimal_client() -> Client:
    client = Client()
    client.handler = _Handler()
    return client
