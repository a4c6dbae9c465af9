"""What stands in the admin. Tables of others that say nothing to operators are taken off."""

from django.apps import apps
from django.contrib import admin

from crm.operations import companies, history, people, webhooks, work  # noqa: F401  register themselves

_OURS = {config.label for config in apps.get_app_configs() if config.name == "crm"}

for model in [model for model in admin.site._registry if model._meta.app_label not in _OURS]:
    admin.site.unregister(model)
for model, page in work.SCHEDULES:
    admin.site.register(model, page)
