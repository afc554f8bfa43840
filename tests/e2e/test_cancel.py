"""A deploy that is stopped in the middle: what served before serves again, and only then the token goes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.harness import ROOT, Repository

pytestmark = pytest.mark.timeout(240)


def local_run(repository: Repository, state: Path) -> subprocess.Popen[str]:
    """`chittyops local run`, as a person starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "chittylocal", "run", str(repository.folder), "--state", str(state)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "python")}, cwd=repository.folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def deploying(state: Path) -> int:
    """The process of the step that deploys against this state."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
            mine = str(state.parent).encode() in (path.parent / "environ").read_bytes()
        except OSError:
            continue
        if mine and words[-2:-1] == [b"worker-deploy"]:
            return int(path.parent.name)
    raise AssertionError("no deploying step was found")


@pytest.mark.parametrize("kill", [False, True], ids=["cancelled", "killed"])
def test_a_stopped_deploy_restores_what_served(tmp_path: Path, kill: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is answered by the deploy itself; after a SIGKILL the settling step finds its journal."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    repository, state = Repository(tmp_path), tmp_path / "state"
    first = local_run(repository, state)
    shown, _ = first.communicate()
    assert first.returncode == 0, shown
    repository.edit("src/index.ts", lambda text: text.replace("status: 'ok'", "status: 'sick' as string"))
    repository.edit("test/hello.test.ts", lambda text: text.replace("status: 'ok'", "status: 'sick'"))
    repository.edit(
        ".github/workflows/deploy.yml",
        lambda text: text.replace("beacon: false", "beacon: false, strategy: direct, health_timeout: 100s"),
    )
    second = local_run(repository, state)
    assert second.stdout is not None
    log: list[str] = []
    stopped = False
    with second.stdout as lines:
        for line in lines:
            log.append(line)
            if not stopped and "/health" in line and '"sick"' in line:
                stopped = True
                if kill:
                    os.kill(deploying(state), signal.SIGKILL)
                else:
                    second.send_signal(signal.SIGINT)
    assert stopped, "".join(log)
    assert second.wait() == (1 if kill else 130), "".join(log)
    requests = [json.loads(line) for line in (state / "requests.ndjson").read_text().splitlines()]
    deployed = [e["at"] for e in requests if e["method"] == "POST" and e["path"].endswith("/scripts/hello/deployments")]
    revoked = [e["at"] for e in requests if e["method"] == "DELETE" and e["path"] == "/api/credentials/revoke"]
    assert len(revoked) == 2
    assert len(deployed) == 2, "one change to the sick version and one back"
    assert deployed[-1] < revoked[-1]
