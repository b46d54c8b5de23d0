"""Makes docs/pictures/*.png from a running demo: ``python docs/make_pictures.py http://localhost:8000 LOGIN PASSWORD``.

The pages are looked at with the system's Chromium, at 1440 and at 390 pixels; the pictures are reduced to 128 colours.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
SIZES = {"": (1440, 960), "-phone": (390, 844)}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


def keep(page: Page, name: str) -> None:
    """What the window shows, as a small PNG."""
    page.wait_for_timeout(1000)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(128)
    image.save(PICTURES / f"{name}.png", optimize=True)


def main(base: str, login: str, password: str) -> None:
    """Sign in, open each page, keep what is seen."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=shutil.which("chromium") or "", args=FLAGS)
        for ending, (width, height) in SIZES.items():
            page = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN").new_page()
            page.goto(f"{base}/")
            keep(page, f"portal{ending}")
            page.goto(f"{base}/account/login/")
            page.fill("input[name=login]", login)
            page.fill("input[name=password]", password)
            page.click("main button[type=submit], main form button")
            page.wait_for_url(f"{base}/desk/**")
            keep(page, f"cockpit{ending}")
            page.goto(f"{base}/desk/enterprises/?problems=any")
            keep(page, f"enterprises{ending}")
            page.click("main table a >> nth=0")
            keep(page, f"quality-file{ending}")
            page.goto(f"{base}/desk/deliveries/")
            keep(page, f"deliveries{ending}")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:4])
