"""Headless Chromium for tests: a page, looked at in several ways in one start of the browser."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from browser import DRIVER, NODE, provide


@dataclass(frozen=True)
class Seen:
    """What came of one view: values of its expressions, messages, requests, milliseconds, faults, roles."""

    values: list[Any]
    said: list[str]
    asked: list[str]
    loaded: float
    faults: list[dict[str, Any]]
    roles: dict[str, int]


def look(html: str, folder: Path, *views: dict[str, Any]) -> list[Seen]:
    """Open a page as each view asks; tools/chromium/look.mjs says what a view can ask."""
    page = folder / "page.html"
    page.write_text(html, "utf-8")
    orders = json.dumps({"page": page.as_uri(), "views": views})
    done = subprocess.run(
        [NODE, DRIVER, provide()], input=orders, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return [Seen(**one) for one in json.loads(done.stdout)]
