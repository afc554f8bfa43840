"""A backend, a client of its Cloudflare API, a visitor of its edge, and the real wrangler pointed at it."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from chittylocal import Local
from chittylocal.cloudflare.tools import find_miniflare, find_node

EMPTY = "export default { fetch: () => new Response() };"


class Reply(NamedTuple):
    """What came back: status, headers, and the body, read as JSON where it is JSON."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def result(self) -> Any:
        """The envelope's result, of a success."""
        self.accepted()
        return self.body["result"]

    def accepted(self) -> None:
        """Fail unless the API did what it was asked."""
        assert self.body["success"], self.body["errors"]

    @property
    def code(self) -> int:
        """The first error's code, of a refusal."""
        return int(self.body["errors"][0]["code"])


def send(origin: str, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Reply:
    connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=60)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        data = answer.read()
    finally:
        connection.close()
    try:
        content = json.loads(data)
    except ValueError:
        content = data.decode("utf-8", "replace")
    return Reply(answer.status, dict(answer.headers), content)


def form(metadata: dict[str, Any], modules: dict[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    """A form as an uploader sends it, and its content type."""
    boundary = uuid.uuid4().hex
    parts = {"metadata": ("application/json", json.dumps(metadata).encode()), **modules}
    lines = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'.encode()
        + f"Content-Type: {kind}\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, (kind, data) in parts.items()
    )
    return lines + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


@dataclass
class Cloudflare:
    """A direct client of the API and a visitor of the edge."""

    local: Any

    def call(self, method: str, path: str, given: Any = None, *, token: str | None = None) -> Reply:
        """Ask the API; `path` is below the account's unless it starts with two slashes (`//zones`)."""
        where = path[1:] if path.startswith("//") else f"/accounts/{self.local.account_id}{path}"
        headers = {"Authorization": f"Bearer {token or self.local.cloudflare_token}"}
        body = None
        if isinstance(given, tuple):
            body, headers["Content-Type"] = given
        elif given is not None:
            body, headers["Content-Type"] = json.dumps(given).encode(), "application/json"
        return send(self.local.url, method, "/cloudflare/client/v4" + where, headers, body)

    def upload(self, script: str, code: str = EMPTY, *, deploy: bool = False, **metadata: Any) -> Reply:
        """Upload a Worker of one module: a version, or with `deploy` one that takes all traffic."""
        given = {"main_module": "index.js", "compatibility_date": "2026-10-01", "bindings": [], **metadata}
        method, path = ("PUT", "") if deploy else ("POST", "/versions")
        modules = {"index.js": ("application/javascript+module", code.encode())}
        return self.call(method, f"/workers/scripts/{script}{path}", form(given, modules))

    def deploy(self, script: str, code: str = EMPTY, **metadata: Any) -> str:
        """Upload and deploy a Worker on workers.dev; returns its version's id."""
        version = uuid.UUID(self.upload(script, code, deploy=True, **metadata).result["deployment_id"])
        self.call("POST", f"/workers/scripts/{script}/subdomain", {"enabled": True})
        return str(version)

    def give_traffic(self, script: str, shares: dict[str, float], query: str = "") -> Reply:
        """Make a deployment."""
        versions = [{"version_id": version, "percentage": percentage} for version, percentage in shares.items()]
        given = {"strategy": "percentage", "versions": versions}
        return self.call("POST", f"/workers/scripts/{script}/deployments{query}", given)

    def visit(self, host: str, path: str = "/", **headers: str) -> Reply:
        """Ask the edge as a browser would, by host name."""
        if "." not in host:
            host = f"{host}.{self.local.cloudflare.domain}"
        return send(self.local.url, "GET", path, {"Host": host, **headers})


@dataclass
class Wrangler:
    """The pinned wrangler in a project folder."""

    local: Local
    folder: Path

    def __call__(self, *arguments: str, stdin: str = "", fails: bool = False) -> list[dict[str, Any]]:
        """Run it; returns the entries of its output file, with a last one `{"stdout", "stderr"}`."""
        output = self.folder / f"output-{uuid.uuid4().hex}.ndjson"
        wrangler = Path(find_miniflare()).parents[3] / "wrangler/bin/wrangler.js"
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "CI": "1", "NO_COLOR": "1",
            "CLOUDFLARE_API_TOKEN": self.local.cloudflare_token, "CLOUDFLARE_ACCOUNT_ID": self.local.account_id,
            "WRANGLER_SEND_METRICS": "false", "WRANGLER_HIDE_BANNER": "true", "WRANGLER_LOG_SANITIZE": "true",
            "WRANGLER_LOG_PATH": str(self.folder / "logs"), "WRANGLER_OUTPUT_FILE_PATH": str(output),
            **self.local.env("none"),
        }  # fmt: skip
        done = subprocess.run(
            [find_node(), str(wrangler), *arguments],
            cwd=self.folder, env=environment, input=stdin, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        assert self.local.cloudflare.unknown == [], "wrangler called a route that nobody serves"
        entries = [json.loads(line) for line in output.read_text().splitlines()]
        return [*entries, {"stdout": done.stdout, "stderr": done.stderr}]

    def write(self, **files: str) -> None:
        """Put files into the project; `__` in a name is a dot, `___` a slash."""
        for name, content in files.items():
            path = self.folder / name.replace("___", "/").replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    """A running backend."""
    with Local(tmp_path / "state") as running:
        yield running


@pytest.fixture
def client_of() -> Callable[[Any], Cloudflare]:
    """A client for a backend that a test starts itself: it needs url, account_id and cloudflare_token."""
    return Cloudflare


@pytest.fixture
def cloudflare(local: Local) -> Cloudflare:
    """A client of the whole backend, workerd included."""
    return Cloudflare(local)


@pytest.fixture
def api(local: Local) -> Cloudflare:
    """A client of the API alone: nothing is tried in workerd, so that no Node is needed."""
    local.cloudflare.edge.verify = False
    return Cloudflare(local)


@pytest.fixture
def wrangler(local: Local, tmp_path: Path) -> Wrangler:
    """The real wrangler, in an empty project."""
    folder = tmp_path / "project"
    folder.mkdir()
    return Wrangler(local, folder)
