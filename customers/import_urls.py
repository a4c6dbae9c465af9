"""Addresses of the import's steps, under ``/customers/import/``."""

from django.urls import path

from customers.views import imports

urlpatterns = [
    path("", imports.past, name="imports"),
    path("new/", imports.upload, name="new-import"),
    path("template/<str:kind>.csv", imports.template, name="import-template"),
    path("<uuid:pk>/", imports.import_page, name="import"),
    path("<uuid:pk>/columns/", imports.columns, name="import-columns"),
    path("<uuid:pk>/progress/", imports.progress, name="import-progress"),
    path("<uuid:pk>/begin/", imports.begin, name="begin-import"),
    path("<uuid:pk>/stop/", imports.stop, name="stop-import"),
    path("<uuid:pk>/mend/", imports.mend, name="mend-import"),
    path("<uuid:pk>/rows/", imports.bad_rows, name="import-rows"),
    path("<uuid:pk>/undo/", imports.undo, name="undo-import"),
    path("<uuid:pk>/errors/", imports.errors, name="import-errors"),
]
