"""Django's admin with our site."""

from django.contrib.admin.apps import AdminConfig


class OperationsConfig(AdminConfig):
    default_site = "crm.operations.site.OperationsSite"
