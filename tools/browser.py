"""A headless Chromium in user space, from locked npm packages: fetched when a test of a page first wants one.

    python tools/browser.py     have it in place, and print its version

`make setup` leaves it out: it is 120 MB, and only the tests of the dashboard need it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from provision import ROOT, TOOLS, Tool, ToolMissingError, run
from recipes import ONLINE, install_npm, package_version
from setup import make_one, only_one

FOLDER = TOOLS / "chromium"
DRIVER = ROOT / "tools/chromium/look.mjs"
"""Opens a page and says what is there; reads its orders as JSON on stdin."""


def make_chromium(_report: Callable[[str], None]) -> str:
    """The browser and what drives it; unpacked into its own folder."""
    install_npm(ROOT / "tools/chromium", FOLDER)
    run([NODE, DRIVER, FOLDER, "--unpack"])
    return package_version(FOLDER / "node_modules/@sparticuz/chromium")


NODE = TOOLS / "node/bin/node"

CHROMIUM = Tool(
    "chromium",
    make_chromium,
    FOLDER / "unpacked/chromium",
    f"{ONLINE}; only the tests of the dashboard need it",
    needs=("node",),
    locks=("tools/chromium/package-lock.json",),
    essential=False,
)


def provide() -> Path:
    """The folder of the browser, made where it is not in place. Raises ToolMissingError."""
    if CHROMIUM.version() is None:
        with only_one():
            reason = make_one(CHROMIUM) if CHROMIUM.version() is None else None
        if reason:
            raise ToolMissingError(reason)
    return FOLDER


if __name__ == "__main__":
    try:
        provide()
    except ToolMissingError as error:
        sys.exit(f"chromium can't be had: {error}\n  fix: {CHROMIUM.remedy}.")
    print(CHROMIUM.version())
