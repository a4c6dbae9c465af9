"""Take the README's pictures from the running demo: ``make up``, then ``.venv/bin/python scripts/screenshots.py``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
PAGES = {"today": "/", "customers": "/customers/", "retention": "/retention/", "classes": "/segments/"}
EMAIL, PASSWORD = "grace@harbour.example", "tenure demo 2026"


def sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/accounts/login/")
    page.fill("input[name=login]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_load_state("networkidle")


def main(base: str) -> None:
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        sign_in(page, base)
        for name, path in PAGES.items():
            page.goto(base + path)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}.png")
        page.goto(f"{base}/customers/?sort=spend")
        page.locator("tbody th a").first.click()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / "record.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
