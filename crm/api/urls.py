"""Addresses of the API and its description."""

from django.urls import include, path

from crm.api import docs, router

urlpatterns = [
    path("v1/", include(router.router().urls)),
    path("schema/", docs.schema, name="api-schema"),
    path("docs/", docs.page, name="api-docs"),
]
