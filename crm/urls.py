"""Addresses. Apps are named as strings, so that the kernel imports none of them."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

APPS = ("customers", "segmentation", "maintenance", "feedback", "retention", "planning")

urlpatterns = [
    path("", include("crm.dashboard.urls")),
    path("", include("crm.people.urls")),
    path("", include("crm.health.urls")),
    path("", include("crm.notifications.urls")),
    path("", include("crm.offline.urls")),
    path("", include("crm.background.urls")),
    path("", include("crm.exports.urls")),
    path("", include("crm.webhooks.urls")),
    path("", include("crm.saved_views.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("crm.api.urls")),
    *[path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")],
]

handler400 = "crm.api.problems.bad_request"
handler404 = "crm.api.problems.page_not_found"
handler500 = "crm.api.problems.server_error"
