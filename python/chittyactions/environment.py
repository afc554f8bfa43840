"""The locked environment of the second tier: hash-locked packages in a folder of their own, made once a runner.

Standard library only: this runs before there is anything else. The folder is keyed by the lock file's hash and the
interpreter, made under another name and renamed into place, so that a kill in between leaves nothing half-made.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from chittyactions.errors import ToolError

LOCK = "requirements/runtime.txt"

LOCKS = {
    "compliance-check": "requirements/compliance.txt",
    "ecosystem-audit": "requirements/audit.txt",
    "package-publish": "requirements/publish.txt",
}
"""Actions that need more than `LOCK` has; theirs holds all of that too."""

TRUST = "CHITTY_TRUST_TOOL_CACHE"
"""Set to 1 where no stranger's code ever ran before this job: a local run, a runner that lives for one job."""

JOB_TOOLS = "CHITTY_JOB_TOOLS"
"""The folder that the job's first step made for tools, told to the steps after it by GITHUB_ENV."""


def toolkit() -> Path:
    """The folder that holds this toolkit: the repository, or what an installed wheel carries of it."""
    package = Path(__file__).resolve().parent
    for root in (package.parents[1], package.parent / "chittylocal" / "toolkit"):
        if (root / LOCK).is_file():
            return root
    raise ToolError(
        "The toolkit's own files are incomplete.",
        why=f"{LOCK} is beside neither the package nor its repository.",
        fix="Check the toolkit out again, or install it again.",
    )


def trusts_tool_cache(environ: Mapping[str, str]) -> bool:
    """Whether what lies in RUNNER_TOOL_CACHE may be run.

    It outlives the job on a self-hosted runner, where an earlier build of anybody's code could have planted a tool
    that this job would run beside its token. A hosted runner is new for each job.
    """
    return environ.get("RUNNER_ENVIRONMENT") == "github-hosted" or environ.get(TRUST) == "1"


def tool_cache(environ: Mapping[str, str] = os.environ) -> Path:
    """Where tools are kept: the runner's cache where it is trusted, else a folder that this job made for itself.

    Such a folder is made here, under a name that nobody can know before, unless JOB_TOOLS tells of one already.
    """
    temp = environ.get("RUNNER_TEMP") or tempfile.gettempdir()
    if trusts_tool_cache(environ):
        return Path(environ.get("RUNNER_TOOL_CACHE") or temp) / "chittyops"
    return Path(environ.get(JOB_TOOLS) or tempfile.mkdtemp(prefix="chittyops-tools-", dir=temp))


def activate(cache: Path, action: str = "") -> None:
    """Make the action's locked packages importable in this process, and nothing else that the machine has installed."""
    folder = ensure(toolkit() / LOCKS.get(action, LOCK), cache)
    sys.path[:] = [p for p in sys.path if Path(p).name not in ("site-packages", "dist-packages")]
    sys.path.insert(0, str(folder))


def ensure(lock: Path, cache: Path) -> Path:
    """The folder with the packages of `lock`, installed when it is not there yet."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    folder = cache / f"python-{digest}-{sys.implementation.cache_tag}-{platform}"
    if folder.is_dir():
        return folder
    with made_whole(folder) as fresh:
        _install(lock, fresh)
    return folder


@contextmanager
def made_whole(folder: Path) -> Iterator[Path]:
    """An empty folder that takes the place of `folder` when the block ends well, and is gone when it does not."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        yield fresh
        try:
            fresh.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another job on this runner was faster
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def options(lock: Path, target: Path) -> list[str]:
    """What uv and pip are told alike."""
    told = ["--quiet", "--require-hashes", "--no-deps", "--only-binary=:all:", "--target", str(target), "-r", str(lock)]
    # uv hashes a download once, and later links the unpacked files of its cache: another job may have changed them.
    return told if trusts_tool_cache(os.environ) else [*told, "--no-cache-dir"]


def _install(lock: Path, target: Path) -> None:
    """Install by uv when the runner has it, else by pip: the same lock, the same hashes, no dependency resolved."""
    reasons = []
    for installer in _installers():
        done = subprocess.run([*installer, *options(lock, target)], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        reasons.append(_reason(done.stderr or done.stdout))
    raise ToolError(
        "The packages that this action needs could not be installed.",
        why="; ".join(dict.fromkeys(reasons)) or "This runner has neither uv nor pip.",
        fix="Give the runner access to a Python package index, or install uv or pip on it; then run again.",
        docs="worker-deploy.md#locked-environment",
    )


def _installers() -> Iterator[list[str]]:
    """Commands that install packages, the fastest first. The last makes itself a pip, where Python came without."""
    beside = Path(sys.executable).with_name("uv")
    uv = shutil.which("uv") or (str(beside) if beside.is_file() else None)
    if uv:
        yield [uv, "pip", "install", "--python", sys.executable]
    if find_spec("pip"):
        yield [sys.executable, "-I", "-m", "pip", "install", "--disable-pip-version-check"]
    elif not uv and find_spec("ensurepip"):
        with tempfile.TemporaryDirectory(prefix="chitty-pip-") as folder:
            venv = [sys.executable, "-I", "-m", "venv", folder]
            if subprocess.run(venv, capture_output=True, check=False).returncode == 0:
                yield [folder + "/bin/python", "-I", "-m", "pip", "install", "--disable-pip-version-check"]


def _reason(output: str) -> str:
    """What an installer says is wrong, on one line: its errors, at most 300 characters."""
    text = " ".join(output.split())
    return text[max(0, text.lower().find("error")) :][:300] or "the installer said nothing"
