"""`python -m chittylocal up`, as a person starts and stops it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

import chittylocal
from chittylocal.demo.main import DEMOS

PYTHON_PATH = Path(chittylocal.__file__).parent.parent
Up = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """Start the command; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        env = {"PYTHONPATH": str(PYTHON_PATH), "PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "-m", "chittylocal", *arguments],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def banner(process: subprocess.Popen[str]) -> str:
    """What it prints until it is ready."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Stop with"):
            break
    return "".join(lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped(up: Up, tmp_path: Path, web: requests.Session, number: signal.Signals) -> None:
    """The table names the services, the environment file points at them, and a signal ends all."""
    file = tmp_path / "local.env"
    process = up("up", "--env-file", str(file), "--fault", "registry * /health status status=500", "--tls")
    shown = banner(process)
    for service in ("ChittyConnect", "Cloudflare API", "ChittyRegistry", "ChittyBeacon", "GitHub id tokens", "TLS"):
        assert service in shown
    assert file.stat().st_mode & 0o777 == 0o600
    env = dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines())
    assert env["CHITTYCONNECT_API_KEY"] not in shown
    assert env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] not in shown
    assert web.get(f"{env['CHITTYREGISTRY_URL']}/health").status_code == 500
    types = f"{env['CHITTYCONNECT_URL']}/api/credentials/types"
    assert web.get(types, headers={"X-ChittyOS-API-Key": env["CHITTYCONNECT_API_KEY"]}).status_code == 200
    process.send_signal(number)
    rest, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert "nothing is left running" in rest
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_repositories_is_served(up: Up, tmp_path: Path, web: requests.Session) -> None:
    """The environment points at them, git's address and a token among it, and the token is not shown."""
    for name in ("acme/shop", "acme/till"):
        (tmp_path / "made" / name).mkdir(parents=True)
        (tmp_path / "made" / name / "README.md").write_text("# Hello\n", "utf-8")
    file = tmp_path / "local.env"
    shown = banner(up("up", "--env-file", str(file), "--repositories", str(tmp_path / "made")))
    env = dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines())
    assert "2 repositories of" in shown
    assert env["GITHUB_TOKEN"] not in shown
    assert env["GITHUB_SERVER_URL"] == env["GITHUB_API_URL"]
    headers = {"Authorization": f"Bearer {env['GITHUB_TOKEN']}"}
    listed = web.get(f"{env['GITHUB_API_URL']}/orgs/acme/repos", headers=headers).json()
    assert [one["full_name"] for one in listed] == ["acme/shop", "acme/till"]


def test_a_folder_without_repositories_is_refused(up: Up, tmp_path: Path) -> None:
    """Somebody meant another one."""
    process = up("up", "--repositories", str(tmp_path))
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "there is no folder OWNER/NAME in it" in errors


def test_the_help_names_every_demo(up: Up) -> None:
    """Each is worth to be found."""
    shown, _ = up("--help").communicate(timeout=20)
    assert all(f"demo {name}" in shown for name in DEMOS if name != "deploy")


def test_the_identity_and_the_claims_are_chosen(up: Up, tmp_path: Path, web: requests.Session) -> None:
    """No API key for `oidc`, and the id token is a run of one's own repository."""
    file = tmp_path / "local.env"
    banner(up("up", "--env-file", str(file), "--identity", "oidc", "--repository", "acme/shop", "--allow", "acme"))
    text = file.read_text("utf-8")
    assert "CHITTYCONNECT_API_KEY" not in text
    env = dict(line.split("=", 1) for line in text.splitlines())
    available = web.get(f"{env['CHITTYCONNECT_URL']}/api/github-actions/available").json()
    assert "ACME" in available["allowed_organizations"]


def test_the_state_is_kept_where_it_is_told(up: Up, tmp_path: Path) -> None:
    """`--state` stays after the end."""
    process = up("up", "--state", str(tmp_path / "state"))
    assert str(tmp_path / "state") in banner(process)
    process.terminate()
    process.communicate(timeout=10)
    assert (tmp_path / "state/requests.ndjson").exists()


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (["up", "--fault", "connect"], "SERVICE METHOD PATH KIND"),
        (["up", "--fault", "nosuchservice * * hang"], "no service is 'nosuchservice'; there are connect"),
        (["up", "--fault", "connect * * status status=abc"], "status is a number, not 'abc'"),
        (["up", "--port", "99999"], "to 65535, not '99999'"),
        (["up", "--claim", "actor"], "NAME=VALUE"),
        (["up", "--behaviour", "tomorrow"], "invalid choice"),
        ([], "COMMAND"),
    ],
)
def test_wrong_usage(up: Up, arguments: list[str], complaint: str) -> None:
    """Exit code 2, and what is wrong."""
    process = up(*arguments)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 2
    assert complaint in errors


def test_a_taken_port(up: Up, local: chittylocal.Local) -> None:
    """Exit code 1, and what to do."""
    process = up("up", "--port", local.url.rpartition(":")[2])
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "Choose another --port" in errors
    assert "Traceback" not in errors


def test_an_environment_file_that_cannot_be_written(up: Up, tmp_path: Path) -> None:
    """Exit code 1, and it is the file that the message is about."""
    process = up("up", "--env-file", str(tmp_path / "missing" / "x"))
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "--env-file" in errors
    assert "--port" not in errors


WORKER = b'export default { fetch() { return Response.json({ status: "ok" }) } };'


@pytest.mark.engines
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running(up: Up, tmp_path: Path, web: requests.Session, number: signal.Signals) -> None:
    """With a Worker being served by workerd, any end of the backend ends every process that it started."""
    file = tmp_path / "local.env"
    process = up("up", "--env-file", str(file))
    banner(process)
    env = dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines())
    deploy(web, env)
    host = {"Host": "hello.chittylocal.workers.dev"}
    assert web.get(f"{env['CHITTY_EDGE_URL']}/health", headers=host).json() == {"status": "ok"}
    started = descendants(process.pid)
    assert any("workerd" in name for name in started.values())
    process.send_signal(number)
    process.communicate(timeout=20)
    deadline = time.monotonic() + 5  # where it could not say goodbye, its children find out by themselves
    while started.keys() & processes().keys() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [name for pid, name in started.items() if pid in processes()] == []
    if number != signal.SIGKILL:
        assert process.returncode == 0
        assert list(tmp_path.iterdir()) == []


def deploy(web: requests.Session, env: dict[str, str]) -> None:
    """Upload the Worker with a token from ChittyConnect and give it its name on workers.dev."""
    asked = {"type": "cloudflare_workers_deploy", "context": {"service": "hello"}}
    key = {"X-ChittyOS-API-Key": env["CHITTYCONNECT_API_KEY"]}
    granted = web.post(f"{env['CHITTYCONNECT_URL']}/api/credentials/provision", json=asked, headers=key).json()
    credential = granted["credential"]
    script = f"{env['CLOUDFLARE_API_BASE_URL']}/accounts/{credential['account_id']}/workers/scripts/hello"
    bearer = {"Authorization": f"Bearer {credential['value']}"}
    metadata = json.dumps({"main_module": "hello.js", "compatibility_date": "2026-01-01"}).encode()
    parts = [
        ("metadata", (None, metadata, "application/json")),
        ("hello.js", ("hello.js", WORKER, "application/javascript+module")),
    ]
    assert web.put(script, files=parts, headers=bearer).status_code == 200
    subdomain = {"enabled": True, "previews_enabled": True}
    assert web.post(f"{script}/subdomain", json=subdomain, headers=bearer).status_code == 200


def processes() -> dict[int, tuple[int, str]]:
    """Every living process: its id → its parent's id and its name."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, fields = stat.read_text("utf-8").partition("(")[2].rpartition(")")
        except OSError:
            continue  # it ended meanwhile
        state, parent = fields.split()[:2]
        if state != "Z":
            found[int(stat.parent.name)] = (int(parent), name)
    return found


def descendants(pid: int) -> dict[int, str]:
    """The processes that one started, and theirs: id → name."""
    running = processes()
    found: dict[int, str] = {}
    parents = {pid}
    while parents:
        children = {child: name for child, (parent, name) in running.items() if parent in parents}
        found.update(children)
        parents = children.keys() - {pid}
    return found
