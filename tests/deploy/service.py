"""A service with its repository and its builds, deployed by the real action and wrangler to a local account."""

from __future__ import annotations

import hashlib
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chittyactions.deploy.artifact import Manifest, Module, fingerprints, pack
from chittyactions.deploy.config import read_plan
from chittylocal import Local
from deploy.workers import NODE, TOOL_CACHE
from protocol.runner import ActionRun, ActionRunner, RunningAction

WELL = "{ status: 'ok' }"
CONFIG: dict[str, Any] = {
    "name": "hello",
    "main": "src/index.js",
    "compatibility_date": "2026-10-01",
    "workers_dev": True,
    "preview_urls": True,
    "version_metadata": {"binding": "CF_VERSION_METADATA"},
}
COMMITS = tuple(hashlib.sha1(f"commit {number}".encode()).hexdigest() for number in range(8))
BOUNDARY = "between-the-parts"


def worker(body: str = WELL, status: int = 200, *, named: bool = True, extra: str = "") -> str:
    """A Worker whose every answer is `body` (JavaScript) with `status`; it names its version when `named`."""
    header = ", headers: { 'X-Chitty-Version': env.CF_VERSION_METADATA?.id ?? '' }" if named else ""
    answer = f"Response.json({body}, {{ status: {status}{header} }})"
    return f"export default {{ fetch: (request, env) => {answer} }};\n{extra}"


SICK = worker("{ status: 'down' }", 503)


@dataclass
class Service:
    """One service at one account. `config` is what is committed; `deploy` runs the action on a build of `code`."""

    runner: ActionRunner
    local: Local
    config: dict[str, Any] = field(default_factory=lambda: dict(CONFIG))
    environment: str = "production"
    isolated: bool = True
    env: dict[str, str] = field(default_factory=dict)

    @property
    def script(self) -> str:
        """The Worker's name."""
        return str(self.config["name"])

    @property
    def host(self) -> str:
        """Where it is on workers.dev."""
        return f"{self.script}.{self.local.cloudflare.domain}"

    def inputs(self, **changed: str) -> dict[str, str]:
        """The action's inputs, as the workflow hands them over."""
        return {
            "phase": "deploy",
            "service_name": self.script,
            "environment": self.environment,
            "health_timeout": "8s",
            "cloudflare_token": self.local.cloudflare_token,
            "account_id": self.local.account_id,
            **changed,
        }

    def job_env(self, commit: str) -> dict[str, str]:
        """The job's environment at a commit."""
        return {
            **self.local.env("none"),
            "PATH": f"{NODE}:/usr/local/bin:/usr/bin:/bin",
            "RUNNER_TOOL_CACHE": str(TOOL_CACHE),
            "GITHUB_SHA": commit,
            **self.env,
        }

    def build(self, code: str, commit: str) -> Path:
        """What worker-build would hand over for `code`, at `commit`."""
        (self.runner.workspace / "src").mkdir(parents=True, exist_ok=True)
        (self.runner.workspace / "src" / "index.js").write_text(code)
        (self.runner.workspace / "wrangler.json").write_text(json.dumps(self.config))
        plan = read_plan(
            self.runner.workspace, ".", service=self.script, environment=self.environment, isolated=self.isolated
        )
        data = code.encode()
        digest = hashlib.sha256(data).hexdigest()
        manifest = Manifest(
            service=self.script,
            environment=self.environment,
            script=plan.script,
            commit=commit,
            isolated=self.isolated,
            wrangler="4.164.0",
            main="index.js" if self.isolated else "",
            modules=(Module(path="index.js", size=len(data), sha256=digest, kind="esm"),) if self.isolated else (),
            assets=None,
            bundle_size=len(data),
            bundle_gzip=len(data),
            settings=fingerprints(plan.settings),
        )
        path = self.runner.temp / "worker.tar"
        pack(path, manifest, {digest: data} if self.isolated else {})
        return path

    def start(
        self, code: str, commit: int = 0, secrets: Mapping[str, str] | None = None, **inputs: str
    ) -> RunningAction:
        """Start the deploy of `code`; `commit` is an index into COMMITS."""
        tar = self.build(code, COMMITS[commit])
        env = self.job_env(COMMITS[commit])
        if secrets:
            env["WORKER_SECRETS"] = json.dumps(dict(secrets), ensure_ascii=False)
        return self.runner.start_action("worker-deploy", self.inputs(artifact=str(tar), **inputs), env)

    def deploy(self, code: str, commit: int = 0, secrets: Mapping[str, str] | None = None, **inputs: str) -> ActionRun:
        """Deploy `code` and wait for the end."""
        return self.start(code, commit, secrets, **inputs).wait(100)

    def settle(self) -> ActionRun:
        """The phase that comes last in the job, whatever came before."""
        return self.runner.run("worker-deploy", self.inputs(phase="settle"), self.job_env(COMMITS[0]))

    # -- what others do ----------------------------------------------------------------------------------------

    def seed(self, code: str = "", commit: int = 0, **metadata: Any) -> str:
        """Let a version serve that was deployed before, on workers.dev with previews; returns its id."""
        self._send("PUT", f"/scripts/{self.script}", code or worker(), commit, metadata)
        self.call("POST", f"/scripts/{self.script}/subdomain", {"enabled": True, "previews_enabled": True})
        return next(iter(self.traffic))

    def add_version(self, code: str = "", commit: int = 0, **metadata: Any) -> str:
        """Upload a further version without giving it traffic; returns its id."""
        version = self._send("POST", f"/scripts/{self.script}/versions", code or worker(), commit, metadata)["id"]
        return str(version)

    def _send(self, method: str, path: str, code: str, commit: int, metadata: dict[str, Any]) -> Any:
        given = {
            "main_module": "index.js",
            "compatibility_date": "2026-10-01",
            "bindings": [{"type": "version_metadata", "name": "CF_VERSION_METADATA"}],
            "annotations": {"workers/tag": COMMITS[commit], "workers/message": "size=100"},
            **metadata,
        }
        parts = (
            ("metadata", "application/json", json.dumps(given)),
            ("index.js", "application/javascript+module", code),
        )
        body = "".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
            f"Content-Type: {kind}\r\n\r\n{content}\r\n"
            for name, kind, content in parts
        )
        return self.call(method, path, f"{body}--{BOUNDARY}--\r\n", f"multipart/form-data; boundary={BOUNDARY}")

    # -- what there is now -------------------------------------------------------------------------------------

    @property
    def traffic(self) -> dict[str, float]:
        """Version id → percentage, of the newest deployment."""
        deployments = self.local.deployments(self.script)
        return {share["version_id"]: share["percentage"] for share in deployments[0]["versions"]} if deployments else {}

    @property
    def splits(self) -> list[dict[str, float]]:
        """The traffic of every deployment, oldest first."""
        return [
            {share["version_id"]: share["percentage"] for share in deployment["versions"]}
            for deployment in reversed(self.local.deployments(self.script))
        ]

    def call(self, method: str, path: str, body: object = None, kind: str = "application/json") -> Any:
        """Ask the local Cloudflare directly; `path` is below the account's, or absolute with two slashes."""
        where = path[1:] if path.startswith("//") else f"/accounts/{self.local.account_id}/workers{path}"
        connection = http.client.HTTPConnection(self.local.url.removeprefix("http://"), timeout=60)
        data = None if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
        headers = {"Authorization": f"Bearer {self.local.cloudflare_token}", "Content-Type": kind}
        connection.request(method, f"/cloudflare/client/v4{where}", body=data, headers=headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        assert answer["success"], answer["errors"]
        return answer["result"]

    def give(self, shares: Mapping[str, float]) -> None:
        """Make a deployment, as somebody else would."""
        versions = [{"version_id": version, "percentage": share} for version, share in shares.items()]
        self.call("POST", f"/scripts/{self.script}/deployments", {"strategy": "percentage", "versions": versions})

    def ask(self, host: str = "", path: str = "/health") -> tuple[int, Any]:
        """What a visitor gets: status, and the JSON."""
        connection = http.client.HTTPConnection(self.local.url.removeprefix("http://"), timeout=30)
        connection.request("GET", path, headers={"Host": host or self.host})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, json.loads(body) if body.startswith(b"{") else None
