"""Makes docs/pictures/*.png from a running demo: ``python docs/make_pictures.py http://localhost:8000 PASSWORD``.

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


# Who looks at what: (account of the demo, or nobody), then name of the picture and address; "... a" is clicked on the
# page before.
VISITS = {
    "": (
        ("portal", "/"),
        ("portal-list", "/lists/sampling/"),
        ("portal-file", "main a[href^='/e/']"),
        ("portal-statistics", "/statistics/"),
    ),
    "demo-office": (
        ("cockpit", "/desk/cockpit/"),
        ("enterprises", "/desk/enterprises/?problems=any"),
        ("quality-file", "main table a >> nth=0"),
        ("deliveries", "/desk/deliveries/"),
        ("exchange", "/desk/deliveries/exchange/"),
        ("me", "/desk/me/"),
        ("wall", "/desk/wall/"),
        ("indicators", "/desk/indicators/"),
        ("identity", "/desk/identity/"),
        ("book", "/desk/book/"),
    ),
    "demo-head": (("publication", "/desk/publication/"),),
    "demo-auditor": (("ledger", "/desk/audit/ledger/"),),
    "demo-bank": (
        ("bank", "/bank/"),
        ("bank-file", "main table a >> nth=0"),
    ),
    "demo-owner": (
        ("corner", "/firm/"),
        ("corner-file", "/firm/file/"),
        ("corner-undertakings", "/firm/undertakings/"),
    ),
}


def keep(page: Page, name: str) -> None:
    """What the window shows, as a small PNG."""
    page.wait_for_timeout(1000)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(128)
    image.save(PICTURES / f"{name}.png", optimize=True)


def main(base: str, password: str) -> None:
    """Sign in as each, open each page, keep what is seen."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=shutil.which("chromium") or "", args=FLAGS)
        for ending, (width, height) in SIZES.items():
            for login, pages in VISITS.items():
                page = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN").new_page()
                if login:
                    page.goto(f"{base}/account/login/")
                    page.fill("input[name=login]", login)
                    page.fill("input[name=password]", password)
                    page.click("main button[type=submit], main form button")
                    page.wait_for_url(lambda url: "/login/" not in url)
                for name, where in pages:
                    if where.startswith("/"):
                        answer = page.goto(f"{base}{where}")
                        assert answer is not None, where
                        assert answer.ok, f"{where}: {answer.status}"
                    else:
                        page.click(where)
                        page.wait_for_load_state()
                    keep(page, f"{name}{ending}")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
