"""The action worker-build on whole repositories: strangers' code runs, no credential is near it, one tar comes out."""

from __future__ import annotations

import http.server
import io
import json
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chittyactions.deploy.artifact import unpack
from chittyactions.deploy.config import read_plan
from chittyactions.deploy.prepare import prepare_checkout, prepare_upload
from deploy.workers import COMMIT, MODULE, WORKERS, environment, write_worker
from protocol.runner import ActionRun, ActionRunner

pytestmark = [pytest.mark.engines, pytest.mark.protocol]

SERVICE = {
    "wrangler.jsonc": """{
      // comments stay
      "name": "hello", "main": "src/index.ts", "compatibility_date": "2026-01-01",
      "vars": { "REGION": "eu" },
      "env": { "staging": { "vars": { "REGION": "test" } } },
    }""",
    "src/index.ts": 'import { word } from "dep"; import { made } from "./made";\n'
    "export default { fetch(): Response { return new Response(word + made); } };\n",
    "dep/package.json": '{"name": "dep", "version": "1.0.0", "type": "module", "main": "index.js"}',
    "dep/index.js": 'export const word = "dependency";\n',
    "build.mjs": 'import { writeFileSync } from "node:fs";\n'
    "const env = process.env.CLOUDFLARE_ENV ?? '';\n"
    "writeFileSync('src/made.ts', `export const made: string = ${JSON.stringify(env)};`);\n"
    "writeFileSync('seen.json', JSON.stringify(process.env));\n",
    "package.json": json.dumps(
        {
            "name": "hello",
            "private": True,
            "scripts": {"build": "node build.mjs", "test": "node -e \"console.log('tests ran')\""},
            "dependencies": {"dep": "file:dep"},
        }
    ),
    "package-lock.json": json.dumps(
        {
            "name": "hello",
            "lockfileVersion": 3,
            "requires": True,
            "packages": {
                "": {"name": "hello", "dependencies": {"dep": "file:dep"}},
                "dep": {"version": "1.0.0"},
                "node_modules/dep": {"resolved": "dep", "link": True},
            },
        }
    ),
}


def build(
    runner: ActionRunner, files: dict[str, str], inputs: dict[str, str] | None = None, env: dict[str, str] | None = None
) -> ActionRun:
    """Run the action on a repository with these files."""
    write_worker(runner.workspace, files)
    given = {"service_name": "hello", "include_beacon": "false", "node_version": "24", **(inputs or {})}
    return runner.run("worker-build", given, env={"PATH": environment()["PATH"], "GITHUB_SHA": COMMIT, **(env or {})})


def edited(**changes: Any) -> dict[str, str]:
    """SERVICE with its package.json changed."""
    return {**SERVICE, "package.json": json.dumps({**json.loads(SERVICE["package.json"]), **changes})}


def test_a_service_is_built(action_runner: ActionRunner, tmp_path: Path) -> None:
    """Packages, build, tests, bundle: one tar that the deploy job takes, with outputs that name it."""
    run = build(action_runner, SERVICE)
    assert run.returncode == 0, run.log
    assert run.errors == []
    assert run.warnings == []
    order = ["npm ci", "npm run build", "npm run test", "wrangler 4.164.0 deploy --dry-run", "Built in"]
    assert [run.log.index(text) for text in order] == sorted(run.log.index(text) for text in order)
    assert "tests ran" in run.log
    tar = Path(run.outputs["artifact"])
    assert run.outputs["artifact_name"] == tar.name == "chittyops-worker-hello-production.tar"
    assert set(run.outputs) == {"artifact", "artifact_name", "bundle_size", "sha256"}
    assert "### Built `hello`" in run.summary
    plan = read_plan(action_runner.workspace, ".", service="hello", environment="production")
    upload = prepare_upload(plan, tar, tmp_path / "clean", commit=COMMIT)
    assert "dependency" in (upload.folder / "modules/index.js").read_text()
    assert int(run.outputs["bundle_size"]) == upload.bundle_size > 0


def test_an_environment_is_built(action_runner: ActionRunner, tmp_path: Path) -> None:
    """The build knows its environment, and the tar is of that one."""
    run = build(action_runner, SERVICE, {"environment": "staging"})
    assert run.returncode == 0, run.log
    tar = Path(run.outputs["artifact"])
    assert tar.name == "chittyops-worker-hello-staging.tar"
    plan = read_plan(action_runner.workspace, ".", service="hello", environment="staging")
    upload = prepare_upload(plan, tar, tmp_path / "clean", commit=COMMIT)
    assert '"staging"' in (upload.folder / "modules/index.js").read_text()


def test_the_build_gets_no_credential(action_runner: ActionRunner) -> None:
    """A token that is in the job all the same does not reach the project's programs, and is warned of by its name."""
    secrets = {
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "oidc-canary-value",
        "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:9/oidc-canary-url",
        "CLOUDFLARE_API_TOKEN": "cloudflare-canary-value",
        "CHITTYCONNECT_API_KEY": "connect-canary-value",
        "ACTIONS_RUNTIME_TOKEN": "runtime-canary-value",
    }
    run = build(action_runner, SERVICE, env=secrets)
    seen = (action_runner.workspace / "seen.json").read_text()
    assert "canary" not in seen
    assert {"GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_PATH", "CHITTY_INPUTS"} & set(
        json.loads(seen)
    ) == set()
    assert [w for w in run.warnings if "CLOUDFLARE_API_TOKEN" in w and "ACTIONS_ID_TOKEN_REQUEST_URL" in w]
    assert "canary" not in run.stdout


def test_output_of_the_build_gives_no_orders(action_runner: ActionRunner) -> None:
    """What a build prints can't set outputs, add masks, stop commands or end a group."""
    orders = ["::add-mask::hello", "::stop-commands::x", "::error::forged", "  ::warning::forged", "##[error]forged"]
    script = "for (const line of " + json.dumps(orders) + ") console.log(line);\n"
    run = build(
        action_runner,
        {**edited(scripts={"test": "node print.mjs"}), "print.mjs": script, "src/made.ts": "export const made = 1;"},
    )
    assert run.returncode == 0, run.log
    assert (run.errors, run.warnings) == ([], [])
    assert "hello" in run.log


@pytest.mark.parametrize(
    "scripts,step",
    [
        ({"build": "node -e \"console.error('the cause'); process.exit(3)\""}, "npm run build"),
        ({"test": "node -e \"console.log('the cause'); process.exit(3)\""}, "npm run test"),
    ],
)
def test_the_step_that_failed_is_named(scripts: dict[str, str], step: str, action_runner: ActionRunner) -> None:
    """The annotation names the step and has its last lines; nothing is handed over."""
    run = build(action_runner, {**edited(scripts=scripts), "src/made.ts": ""})
    assert run.returncode == 1
    assert f"`{step}` failed with exit code" in run.errors[0]
    assert "the cause" in run.errors[0]
    assert run.outputs == {}


def test_a_bundle_that_fails(action_runner: ActionRunner) -> None:
    """A module that is not there: wrangler's own words, under the step's name."""
    run = build(action_runner, {**edited(scripts={}), "src/index.ts": 'import "./missing";'})
    assert run.returncode == 1
    assert "deploy --dry-run` failed" in run.errors[0]
    assert "missing" in run.errors[0]


def test_a_lock_that_does_not_fit(action_runner: ActionRunner) -> None:
    """`npm ci` refuses a lock that is not the project's; the build says so."""
    run = build(action_runner, edited(dependencies={"dep": "file:dep", "other": "file:other"}))
    assert run.returncode == 1
    assert "`npm ci --no-audit --no-fund` failed" in run.errors[0]


@pytest.mark.parametrize(
    "inputs,said",
    [
        ({"environment": "qa"}, "no environment qa"),
        ({"working_directory": "../other"}, "outside the repository"),
        ({"wrangler_version": "latest"}, "wrangler_version"),
        ({"service_name": ""}, "service_name is required"),
        ({"servicename": "x"}, "there is no such input"),
    ],
)
def test_mistakes_cost_no_build(inputs: dict[str, str], said: str, action_runner: ActionRunner) -> None:
    """What is wrong with inputs or configuration is told before the project's code runs."""
    run = build(action_runner, SERVICE, inputs)
    assert run.returncode in (1, 2)
    assert said in run.errors[0]
    assert not (action_runner.workspace / "node_modules").exists()


def test_a_build_that_changes_its_configuration(action_runner: ActionRunner) -> None:
    """What is deployed where is committed; a build that edits it is told which key it changed."""
    script = (
        "import { readFileSync, writeFileSync } from 'node:fs';\n"
        "const text = readFileSync('wrangler.jsonc', 'utf8').replace('\"eu\"', '\"moon\"');\n"
        "writeFileSync('wrangler.jsonc', text); writeFileSync('src/made.ts', 'export const made = 1;');\n"
    )
    run = build(action_runner, {**SERVICE, "build.mjs": script})
    assert run.returncode == 1
    assert "The build changed wrangler.jsonc: vars.REGION." in run.errors[0]
    assert "moon" not in run.errors[0]


GENERATES = {
    **SERVICE,
    "build.mjs": """
import { mkdirSync, writeFileSync } from "node:fs";
mkdirSync(".wrangler/deploy", { recursive: true });
mkdirSync("dist", { recursive: true });
writeFileSync(".wrangler/deploy/config.json", JSON.stringify({ configPath: "../../dist/wrangler.json" }));
writeFileSync("dist/index.js", 'export default { fetch() { return new Response("generated"); } };');
const config = { name: "hello", main: "index.js", compatibility_date: "2026-01-01", no_bundle: true };
writeFileSync("dist/wrangler.json", JSON.stringify(config));
""",
}


def test_a_generated_configuration_is_not_separated(action_runner: ActionRunner) -> None:
    """A framework that redirects wrangler to its own output is told so, with the input that lets it work."""
    run = build(action_runner, GENERATES)
    assert run.returncode == 1
    assert "generates its own wrangler configuration (dist/wrangler.json)" in run.errors[0]
    assert "isolation: off" in run.log


def test_a_generated_configuration_without_isolation(action_runner: ActionRunner, tmp_path: Path) -> None:
    """With isolation off it is used, and the tar has sizes and no files."""
    run = build(action_runner, GENERATES, {"isolation": "off"})
    assert run.returncode == 0, run.log
    tar = Path(run.outputs["artifact"])
    assert unpack(tar, tmp_path / "x", lambda _: None).files == ()
    plan = read_plan(action_runner.workspace, ".", service="hello", environment="production", isolated=False)
    upload = prepare_checkout(plan, action_runner.workspace, ".", tar, tmp_path / "y", commit=COMMIT)
    assert upload.config == (action_runner.workspace / "dist/wrangler.json").resolve()
    assert (upload.code, upload.bundle_size > 0) == ((), True)


def test_a_redirect_above_the_folder_is_not_followed(action_runner: ActionRunner, tmp_path: Path) -> None:
    """A parent folder's generated configuration belongs to somebody else."""
    files = {
        **{f"apps/api/{name}": text for name, text in SERVICE.items()},
        ".wrangler/deploy/config.json": '{"configPath": "../../evil.json"}',
        "evil.json": '{"name": "evil", "main": "evil.js"}',
    }
    run = build(action_runner, files, {"working_directory": "apps/api"})
    assert run.returncode == 0, run.log
    plan = read_plan(action_runner.workspace, "apps/api", service="hello", environment="production")
    upload = prepare_upload(plan, Path(run.outputs["artifact"]), tmp_path / "clean", commit=COMMIT)
    assert "dependency" in (upload.folder / "modules/index.js").read_text()


def test_a_workspace_of_a_monorepo(action_runner: ActionRunner) -> None:
    """The lock at the root is installed, the folder's scripts run, and the folder's Worker is bundled."""
    files = {
        "package.json": '{"private": true, "workspaces": ["apps/*", "libs/*"]}',
        "package-lock.json": json.dumps(
            {
                "lockfileVersion": 3,
                "requires": True,
                "packages": {
                    "": {"workspaces": ["apps/*", "libs/*"]},
                    "apps/api": {"name": "api", "dependencies": {"lib": "*"}},
                    "libs/lib": {"name": "lib", "version": "1.0.0"},
                    "node_modules/api": {"resolved": "apps/api", "link": True},
                    "node_modules/lib": {"resolved": "libs/lib", "link": True},
                },
            }
        ),
        "apps/api/package.json": '{"name": "api", "dependencies": {"lib": "*"}, "scripts": {"test": "echo api tests"}}',
        "apps/api/wrangler.toml": 'name = "hello"\nmain = "index.js"\ncompatibility_date = "2026-01-01"\n',
        "apps/api/index.js": 'import { x } from "lib"; export default { fetch() { return new Response(x); } };',
        "libs/lib/package.json": '{"name": "lib", "version": "1.0.0", "type": "module", "main": "i.js"}',
        "libs/lib/i.js": 'export const x = "from the library";',
    }
    run = build(action_runner, files, {"working_directory": "apps/api"})
    assert run.returncode == 0, run.log
    assert "api tests" in run.log


def test_a_worker_without_packages(action_runner: ActionRunner) -> None:
    """No package.json: wrangler bundles what there is."""
    run = build(action_runner, WORKERS["classic"], {"service_name": "classic"})
    assert run.returncode == 0, run.log
    assert "nothing to install" in run.log


def test_assets_with_a_private_file(action_runner: ActionRunner) -> None:
    """A dotenv file among the assets would be published: it stops the build, and .assetsignore lets it go on."""
    files = {**WORKERS["assets alone"], "dist/.env": "TOKEN=canary"}
    run = build(action_runner, files, {"service_name": "site"})
    assert run.returncode == 1
    assert "'.env' would publish what is private" in run.errors[0]
    run = build(action_runner, {"dist/.assetsignore": ".env*\n"}, {"service_name": "site"})
    assert run.returncode == 0, run.log
    assert b"canary" not in Path(run.outputs["artifact"]).read_bytes()


def test_a_cancelled_build_leaves_nothing_running(action_runner: ActionRunner) -> None:
    """Cancelled in the middle of a step, its program and what that started are ended, and no artifact is named."""
    script = (
        "import { spawn } from 'node:child_process';\n"
        "const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' });\n"
        "console.log('at work: ' + child.pid);\n"
    )
    write_worker(action_runner.workspace, {**SERVICE, "build.mjs": script})
    given = {"service_name": "hello", "include_beacon": "false", "node_version": "24"}
    env = {"PATH": environment()["PATH"], "GITHUB_SHA": COMMIT}
    running = action_runner.start_action("worker-build", given, env)
    deadline = time.monotonic() + 60
    while not any("at work" in line for line in running.lines):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    grandchild = int(next(line for line in running.lines if "at work" in line).split()[-1])
    running.cancel()
    run = running.wait()
    assert (run.returncode, run.outputs) == (130, {})
    assert run.errors[0].startswith("The job was cancelled.")
    assert run.stderr == ""
    while alive(grandchild):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Registry(http.server.ThreadingHTTPServer):
    """An npm registry with one package, or none."""

    def __init__(self, package: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.package = package
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.server_port}"


def tarball() -> bytes:
    """The package as npm packs it."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, text in (
            ("package.json", '{"name": "@chittycorp/app-beacon", "version": "1.2.3"}'),
            ("index.js", MODULE),
        ):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return data.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers npm's GETs."""

    server: Registry

    def do_GET(self) -> None:
        name = self.path.lower().replace("%2f", "/").strip("/")
        self.server.asked.append(name)
        body, status = b'{"error": "Not found"}', 404
        if self.server.package and name == self.server.package:
            dist = {"tarball": f"{self.server.url}/beacon.tgz"}
            version = {"name": name, "version": "1.2.3", "dist": dist}
            data = {"name": name, "dist-tags": {"latest": "1.2.3"}, "versions": {"1.2.3": version}}
            body, status = json.dumps(data).encode(), 200
        elif name == "beacon.tgz":
            body, status = tarball(), 200
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A registry on this machine."""
    server = Registry()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def with_beacon(runner: ActionRunner, registry: Registry, files: dict[str, str]) -> ActionRun:
    env = {
        "npm_config_registry": registry.url,
        "npm_config_cache": str(runner.temp / "npm"),
        "npm_config_fetch_retries": "0",
    }
    return build(runner, files, {"include_beacon": "true"}, env)


def test_a_beacon_that_does_not_exist_warns(action_runner: ActionRunner, registry: Registry) -> None:
    """The build goes on without it, says so once, and asks for no package of another scope."""
    run = with_beacon(action_runner, registry, SERVICE)
    assert run.returncode == 0, run.log
    assert len(run.warnings) == 1
    assert "@chittycorp/app-beacon is not on the registry" in run.warnings[0]
    assert {name for name in registry.asked if not name.startswith("-/")} == {"@chittycorp/app-beacon"}


def test_a_beacon_that_exists_is_installed(action_runner: ActionRunner, registry: Registry) -> None:
    """It is added for this build alone, in the exact version that was seen."""
    registry.package = "@chittycorp/app-beacon"
    committed = SERVICE["package.json"]
    run = with_beacon(action_runner, registry, SERVICE)
    assert run.returncode == 0, run.log
    assert run.warnings == []
    assert "npm add @chittycorp/app-beacon@1.2.3" in run.log
    assert (action_runner.workspace / "node_modules/@chittycorp/app-beacon/index.js").is_file()
    assert (action_runner.workspace / "package.json").read_text() == committed
    assert (action_runner.workspace / "node_modules/dep").exists()


def test_a_beacon_among_the_dependencies(action_runner: ActionRunner, registry: Registry) -> None:
    """What the project installs itself is not looked up."""
    files = edited(devDependencies={"@chittycorp/app-beacon": "file:dep"})
    run = with_beacon(
        action_runner, registry, {name: text for name, text in files.items() if name != "package-lock.json"}
    )
    assert "is among the dependencies already" in run.log
    assert "@chittycorp/app-beacon" not in registry.asked
