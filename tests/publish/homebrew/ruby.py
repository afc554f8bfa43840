"""Real Ruby for the tests: it loads formulae with a small stand-in for Homebrew's words, and checks syntax."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
NODE = ROOT / ".tools/node/bin/node"
RUBY = ROOT / ".tools/ruby/node_modules/@ruby/3.4-wasm-wasi/dist/ruby.wasm"
LOADER = ROOT / "tools/ruby/load.mjs"


def load(texts: Sequence[str]) -> list[dict[str, Any]]:
    """What each formula says when Ruby runs it: by machine url, sha256, version …; or `{"error": …}`."""
    given = json.dumps([base64.b64encode(text.encode("utf-8", "surrogateescape")).decode() for text in texts])
    done = subprocess.run(command(), input=given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def program(folder: Path) -> Path:
    """A `ruby` for PATH, in `folder`: the real parser. The module itself always exits with 0."""
    path = folder / "ruby"
    words = " ".join(f"'{word}'" for word in command())
    path.write_text(f'#!/bin/sh\nsaid=$({words} "$@") || exit\necho "$said"\ntest "$said" = "Syntax OK"\n')
    path.chmod(0o755)
    return path


def command() -> list[str]:
    """How the loader is started. Its absence fails a test, and never skips it."""
    if not RUBY.is_file():
        pytest.fail("Ruby is missing (.tools/ruby): run `make setup`.")
    return [str(NODE), "--no-warnings", str(LOADER)]
