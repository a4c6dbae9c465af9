"""The one difference: grouping names every column, since the key is ``(tenant_id, id)``."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    def allows_group_by_selected_pks_on_model(self, model: Any) -> bool:
        """Only global tables depend on ``id`` alone."""
        return super().allows_group_by_selected_pks_on_model(model) and not _has_tenant(model)


def _has_tenant(model: Any) -> bool:
    return any(field.name == "tenant" for field in model._meta.local_fields)


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
