"""The field of tags that every new company starts with, for companies that are older than it."""

import json

from django.db import migrations
from django.utils import translation
from django.utils.translation import gettext as _

_ADD = """
    INSERT INTO customers_customfield
        (tenant_id, id, record, key, label, kind, help, choices, required, personal, position, created_at, version)
    SELECT %(tenant)s::uuid, uuid7(), 'customer', 'tags', %(label)s, 'multi_choice', '', %(choices)s::jsonb, FALSE, FALSE,
           coalesce((SELECT max(position) FROM customers_customfield
                     WHERE tenant_id = %(tenant)s::uuid AND record = 'customer'), 0) + 1, now(), 1
    WHERE NOT EXISTS (SELECT FROM customers_customfield WHERE tenant_id = %(tenant)s::uuid AND record = 'customer'
                      AND (key = 'tags' OR lower(label) = lower(%(label)s)))
"""


def add_tags(apps, schema_editor):
    """Company by company, in its own context and language; a field of that key or name is left as it is."""
    tenants = apps.get_model("crm", "Tenant").objects.values_list("pk", "locale")
    with schema_editor.connection.cursor() as cursor:
        for tenant, locale in list(tenants):
            cursor.execute("SET LOCAL app.tenant_id = %s", [str(tenant)])
            with translation.override(locale):
                choices = [
                    {"value": "partner", "label": _("Partner")},
                    {"value": "reference", "label": _("Reference")},
                    {"value": "pays_late", "label": _("Pays late")},
                    {"value": "newsletter", "label": _("Newsletter")},
                ]
                given = {"tenant": str(tenant), "label": _("Tags"), "choices": json.dumps(choices)}
            cursor.execute(_ADD, given)
        cursor.execute("SET LOCAL app.tenant_id = ''")


class Migration(migrations.Migration):
    dependencies = [("customers", "0029_contact_checks"), ("crm", "0002_isolate")]

    operations = [migrations.RunPython(add_tags, migrations.RunPython.noop)]
