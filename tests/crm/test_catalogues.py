"""Texts the code speaks stand in every catalogue: what reads the code for them misses those within f-strings."""

import ast
from pathlib import Path

from babel.messages.pofile import read_po
from django.conf import settings
from django.test import SimpleTestCase

APPS = ("crm", "customers", "segmentation", "maintenance", "feedback", "retention", "planning")
SAYS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}


class Complete(SimpleTestCase):
    def test_every_text_of_the_code_is_translated(self):
        told = set(self.texts())
        self.assertIn("Previous", told)
        for language in ("zh_Hans", "zh_Hant"):
            with self.subTest(language=language):
                self.assertEqual(told - self.known(language), set())

    def texts(self):
        for app in APPS:
            for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    said = isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAYS
                    if said and isinstance(node.args[0], ast.Constant):
                        yield node.args[0].value

    def known(self, language):
        path = Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.po"
        with path.open("rb") as file:
            found = {message.id: message.string for message in read_po(file) if message.id}
        return {
            one if isinstance(one, str) else one[0]
            for one, said in found.items()
            if all(said if isinstance(said, tuple) else (said,))
        }
