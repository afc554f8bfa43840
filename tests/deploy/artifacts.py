"""Artifacts, honest ones and others, for the tests of what the deploy job makes of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from chittyactions import tarball
from chittyactions.deploy.artifact import fingerprints
from chittyactions.deploy.plan import Plan
from chittyactions.deploy.prepare import prepare_upload
from chittyactions.errors import ArtifactError
from deploy.workers import COMMIT, MODULE

CODE = MODULE.encode()
DIGEST = hashlib.sha256(CODE).hexdigest()
PAGE = b"<h1>hi</h1>"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def manifest_of(plan: Plan, **changes: Any) -> dict[str, Any]:
    """The manifest of an honest build of `plan`, with some fields changed."""
    honest = {
        "version": 1,
        "service": plan.service,
        "environment": plan.environment,
        "script": plan.script,
        "commit": COMMIT,
        "isolated": True,
        "wrangler": "4.164.0",
        "main": "index.js",
        "modules": [{"path": "index.js", "kind": "esm", "size": len(CODE), "sha256": DIGEST}],
        "assets": [{"path": "index.html", "size": len(PAGE), "sha256": sha(PAGE)}],
        "bundle_size": len(CODE),
        "bundle_gzip": 50,
        "settings": fingerprints(plan.settings),
    }
    return {**honest, **changes}


def write_tar(path: Path, manifest: Any, *contents: bytes) -> Path:
    """An artifact in the right form around any manifest."""
    listed = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    tarball.write(path, [("manifest.json", listed), *((f"files/{sha(c)}", c) for c in contents)])
    return path


def refuses(plan: Plan, tar: Path, tmp_path: Path, match: str) -> None:
    """The artifact is refused for the reason given, and nothing was written outside the folder."""
    clean = tmp_path / "inner" / "clean"
    with pytest.raises(ArtifactError) as caught:
        prepare_upload(plan, tar, clean, commit=COMMIT)
    assert match.lower() in f"{caught.value.what} {caught.value.why}".lower()
    outside = {p.name for p in tmp_path.rglob("*") if p.is_file() and clean not in p.parents}
    assert outside <= {"a.tar", "wrangler.jsonc"}
