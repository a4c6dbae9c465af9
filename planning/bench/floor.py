"""The floor of pages: the least Django does for 50 customers. Also the URLconf it is measured under."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

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
