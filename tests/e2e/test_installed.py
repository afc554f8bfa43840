"""The package on its own: `pip install`, then `chittyops local run` from a folder without git, with nothing set up."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from e2e.harness import ROOT

pytestmark = pytest.mark.timeout(300)
UV = ROOT / ".tools" / "uv" / "bin" / "uv"
KEPT = ("PATH", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "UV_DEFAULT_INDEX")


def test_an_installed_package_runs_a_plain_folder(tmp_path: Path) -> None:
    """The wheel carries actions, workflows and sample; tools come from wheels and registries."""
    subprocess.run([UV, "venv", "--quiet", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    source = tmp_path / "source"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    for name in filter(None, tracked.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, source], check=True)
    shutil.copytree(ROOT / "examples" / "worker", tmp_path / "hello", ignore=shutil.ignore_patterns("node_modules"))
    done = subprocess.run(
        [tmp_path / "venv" / "bin" / "chittyops", "local", "run"], cwd=tmp_path / "hello", text=True, check=False,
        capture_output=True, stdin=subprocess.DEVNULL,
        env={"HOME": str(tmp_path / "home"), **{name: os.environ[name] for name in KEPT if name in os.environ}},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The workflow succeeded" in done.stdout
    assert "Issued: CLOUDFLARE_API_TOKEN. Revoked: CLOUDFLARE_API_TOKEN." in done.stdout
