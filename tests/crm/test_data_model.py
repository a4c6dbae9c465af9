import re
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.test import SimpleTestCase

OURS = ("crm", "customers", "segmentation", "maintenance", "feedback", "retention", "planning")


class DataModel(SimpleTestCase):
    def test_the_page_names_every_model_and_no_other(self):
        page = (Path(settings.BASE_DIR) / "docs/data-model.md").read_text()
        listed = {
            (app, name)
            for app, names in re.findall(r"^\| (\w+) \| ([A-Z][\w, ]+) \|", page, re.MULTILINE)
            for name in names.split(", ")
        }
        models = {
            (m._meta.app_label, m.__name__) for app in OURS for m in apps.get_app_config(app).get_models()
        }
        self.assertEqual(listed, models)
