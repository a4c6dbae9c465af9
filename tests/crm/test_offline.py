import json
import struct

from django.conf import settings

from tests.cases import BrowserTestCase

STATIC = settings.BASE_DIR / "static"


class Offline(BrowserTestCase):
    def test_the_page_shows_nothing_of_a_company_even_to_a_member(self):
        page = self.sign_in(self.alice).get("/offline/")
        self.assertContains(page, "No connection")
        self.assertNotContains(page, self.acme.name)
        self.assertNotContains(page, "Alice")

    def test_the_worker_stands_at_the_root_and_keeps_only_that_page(self):
        answer = self.client.get("/service-worker.js")
        self.assertEqual(answer["Content-Type"], "text/javascript")
        self.assertIn('"/offline/"', answer.content.decode())
        self.assertNotIn("cache.put", answer.content.decode())
        self.assertIn("script-src 'self'", answer["Content-Security-Policy"])


class Manifest(BrowserTestCase):
    def test_names_icons_that_are_there_in_the_size_they_say(self):
        manifest = json.loads((STATIC / "manifest.webmanifest").read_text())
        drawn = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
        self.assertEqual(
            {(icon["sizes"], icon["purpose"]) for icon in drawn},
            {(f"{size}x{size}", purpose) for size in (192, 512) for purpose in ("any", "maskable")},
        )
        for icon in drawn:
            width, height = struct.unpack(">II", (STATIC / icon["src"]).read_bytes()[16:24])
            self.assertEqual(f"{width}x{height}", icon["sizes"])
