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


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of the package, installed from a copy of what is tracked."""
    place = tmp_path_factory.mktemp("installed")
    subprocess.run([UV, "venv", "--quiet", place / "venv"], check=True)
    python = place / "venv" / "bin" / "python"
    source = place / "source"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    for name in filter(None, tracked.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, source], check=True)
    return place / "venv" / "bin" / "chittyops"


def run(command: Path, sample: str, place: Path) -> subprocess.CompletedProcess[str]:
    """`chittyops local run` of a sample, with nothing of this machine's but its registries."""
    shutil.copytree(ROOT / "examples" / sample, place / "hello", ignore=shutil.ignore_patterns("node_modules", "dist"))
    return subprocess.run(
        [command, "local", "run"], cwd=place / "hello", text=True, check=False,
        capture_output=True, stdin=subprocess.DEVNULL,
        env={"HOME": str(place / "home"), **{name: os.environ[name] for name in KEPT if name in os.environ}},
    )  # fmt: skip


def test_an_installed_package_runs_a_plain_folder(installed: Path, tmp_path: Path) -> None:
    """The wheel carries actions, workflows and sample; tools come from wheels and registries."""
    done = run(installed, "worker", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The workflow succeeded" in done.stdout
    assert "Issued: CLOUDFLARE_API_TOKEN. Revoked: CLOUDFLARE_API_TOKEN." in done.stdout


def test_an_installed_package_publishes(installed: Path, tmp_path: Path) -> None:
    """The npm registry is installed by the wheel's npm, before the workflow starts, and said."""
    done = run(installed, "package", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.index("Installing verdaccio") < done.stdout.index("Publishing @chittyos/greet 1.0.0")
