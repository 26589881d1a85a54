"""`make screenshot`: draws the README's picture, a slide of the built deck, with the machine's own browser."""

from __future__ import annotations

from pathlib import Path

import chrome
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "site/docker/index.html"
PICTURE = ROOT / ".github/slide.png"
SLIDE = "lecture-seule"


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chrome.find(), args=chrome.flags(), chromium_sandbox=False)
        page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
        page.goto(f"{PAGE.as_uri()}#/{SLIDE}")
        page.wait_for_function("document.documentElement.classList.contains('qd-ready')")
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
