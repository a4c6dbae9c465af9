"""Draw the app's icons in ``static/img`` from its two SVG files: ``.venv/bin/python scripts/app_icons.py``."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).resolve().parent.parent / "static"
ROUNDED, FULL = STATIC / "favicon.svg", STATIC / "img" / "app-icon.svg"
ICONS = [
    (ROUNDED, "app-192.png", 192),
    (ROUNDED, "app-512.png", 512),
    (FULL, "app-maskable-192.png", 192),
    (FULL, "app-maskable-512.png", 512),
    (FULL, "app-180.png", 180),
]


def main() -> None:
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for drawing, name, size in ICONS:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{drawing.read_text()}")
            page.screenshot(path=STATIC / "img" / name, omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
