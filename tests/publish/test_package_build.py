"""The action package-build on whole repositories: strangers' code runs, no credential is near it, one tar comes out."""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chittyactions.entries import package_build
from chittyactions.inputs import Inputs
from chittyactions.publish.artifact import take_over
from chittyactions.publish.model import Release
from chittyactions.publish.source import read_source
from deploy.workers import ROOT, environment, write_worker
from protocol.runner import ActionRun, ActionRunner
from publish.releases import COMMIT

pytestmark = [pytest.mark.engines, pytest.mark.protocol]

PACKAGE: dict[str, str] = {
    "package.json": json.dumps(
        {
            "name": "@chittyos/hello",
            "version": "1.2.3",
            "type": "module",
            "bin": {"hello": "dist/cli.js"},
            "files": ["dist"],
            "scripts": {
                "build": "node build.mjs",
                "test": "node -e \"console.log('tests ran')\"",
                "prepack": "node -e \"console.log('{'); require('fs').writeFileSync('dist/packed.txt', 'yes')\"",
            },
        }
    ),
    "package-lock.json": json.dumps(
        {
            "name": "@chittyos/hello",
            "version": "1.2.3",
            "lockfileVersion": 3,
            "requires": True,
            "packages": {"": {"name": "@chittyos/hello", "version": "1.2.3", "bin": {"hello": "dist/cli.js"}}},
        }
    ),
    "build.mjs": 'import { mkdirSync, writeFileSync } from "node:fs";\n'
    'mkdirSync("dist", { recursive: true });\n'
    'writeFileSync("dist/cli.js", "#!/usr/bin/env node\\nconsole.log(1)\\n");\n'
    'writeFileSync("seen.json", JSON.stringify(process.env));\n',
}


def build(
    runner: ActionRunner,
    files: Mapping[str, str],
    inputs: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
) -> ActionRun:
    """Run the action on a repository with these files."""
    write_worker(runner.workspace, files)
    given = {"service_name": "hello", "node_version": "24", **(inputs or {})}
    path = f"{environment()['PATH']}:{ROOT / '.tools/uv/bin'}"
    facts = {"PATH": path, "GITHUB_SHA": COMMIT, "GITHUB_REF": "refs/heads/main"}
    return runner.run("package-build", given, env={**facts, **(env or {})})


def edited(**changes: Any) -> dict[str, str]:
    """PACKAGE with its package.json changed."""
    return {**PACKAGE, "package.json": json.dumps({**json.loads(PACKAGE["package.json"]), **changes})}


def taken(runner: ActionRunner, run: ActionRun, tmp_path: Path, ref: str = "refs/heads/main", **inputs: Any) -> Release:
    """The release, as the publish job takes it over."""
    platforms = inputs.pop("platforms", "")
    source = read_source(runner.workspace, service="hello", ref=ref, **inputs)
    tar = Path(run.outputs["artifact"])
    folder = tmp_path / "release"
    return take_over(tar, folder, source=source, service="hello", commit=COMMIT, ref=ref, platforms=platforms)


def failure(run: ActionRun) -> str:
    """The one error that the run ended with."""
    assert run.returncode == 1, run.log
    (error,) = run.errors
    return error


def test_a_package_is_packed(action_runner: ActionRunner, tmp_path: Path) -> None:
    """Install, build, tests, npm pack with its scripts: one tar that the publish job takes over."""
    run = build(action_runner, PACKAGE, {"publish_npm": "true"})
    assert run.returncode == 0, run.log
    assert (run.errors, run.warnings) == ([], [])
    order = ["npm ci", "npm run build", "npm run test", "npm pack", "Packed in"]
    assert [run.log.index(text) for text in order] == sorted(run.log.index(text) for text in order)
    assert "tests ran" in run.log
    assert set(run.outputs) == {"artifact", "artifact_name", "version", "tarball", "integrity", "sha256"}
    assert run.outputs["artifact_name"] == Path(run.outputs["artifact"]).name == "chittyops-package-hello.tar"
    assert (run.outputs["version"], run.outputs["tarball"]) == ("1.2.3", "chittyos-hello-1.2.3.tgz")
    assert "### Packed `@chittyos/hello` 1.2.3" in run.summary
    release = taken(action_runner, run, tmp_path, npm=True)
    assert release.integrity == run.outputs["integrity"]
    with tarfile.open(release.tarball.path) as tar:
        assert set(tar.getnames()) == {"package/package.json", "package/dist/cli.js", "package/dist/packed.txt"}


def test_the_same_commit_gives_the_same_bytes(action_runner: ActionRunner, tmp_path: Path) -> None:
    """Building again makes the same release, so that a rerun of everything finds what is out already."""
    first = build(action_runner, PACKAGE)
    again = build(action_runner, PACKAGE)
    assert first.outputs["sha256"] == again.outputs["sha256"] != ""


def test_the_build_gets_no_credential(action_runner: ActionRunner) -> None:
    """A token that is in the job all the same does not reach the project's programs, and is warned of by its name."""
    secrets = {
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "oidc-canary-value",
        "CHITTYCONNECT_API_KEY": "connect-canary-value",
        "NPM_TOKEN": "npm-canary-value",
        "TAP_TOKEN": "tap-canary-value",
        "ACTIONS_RUNTIME_TOKEN": "runtime-canary-value",
    }
    run = build(action_runner, PACKAGE, env=secrets)
    assert run.returncode == 0, run.log
    seen = (action_runner.workspace / "seen.json").read_text()
    assert "canary" not in seen
    assert not {"GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "CHITTY_INPUTS"} & set(json.loads(seen))
    (warning,) = run.warnings
    assert all(name in warning for name in secrets if name != "ACTIONS_RUNTIME_TOKEN")
    assert not run.leaks(secrets)


MONOREPO = {
    "package.json": '{"name": "root", "private": true, "workspaces": ["packages/*"]}',
    "packages/a/package.json": '{"name": "@chittyos/a", "version": "2.0.0-beta.1", "dependencies": {"b": "^1.0.0"}}',
    "packages/a/index.js": "module.exports = 1;\n",
    "packages/b/package.json": '{"name": "b", "version": "1.0.0", "private": true}',
    "package-lock.json": json.dumps(
        {
            "name": "root",
            "lockfileVersion": 3,
            "requires": True,
            "packages": {
                "": {"name": "root", "workspaces": ["packages/*"]},
                "node_modules/@chittyos/a": {"resolved": "packages/a", "link": True},
                "node_modules/b": {"resolved": "packages/b", "link": True},
                "packages/a": {"name": "@chittyos/a", "version": "2.0.0-beta.1", "dependencies": {"b": "^1.0.0"}},
                "packages/b": {"name": "b", "version": "1.0.0"},
            },
        }
    ),
}


def test_a_workspace_is_packed(action_runner: ActionRunner, tmp_path: Path) -> None:
    """`package` names one of a monorepo; its tag carries its name, and its prerelease version is kept."""
    ref = "refs/tags/@chittyos/a@2.0.0-beta.1"
    run = build(action_runner, MONOREPO, {"package": "@chittyos/a", "publish_npm": "true"}, {"GITHUB_REF": ref})
    assert run.returncode == 0, run.log
    release = taken(action_runner, run, tmp_path, ref, package="@chittyos/a", npm=True)
    assert (release.name, str(release.version)) == ("@chittyos/a", "2.0.0-beta.1")
    assert release.tarball.name == "chittyos-a-2.0.0-beta.1.tgz"
    assert run.outputs["artifact_name"] == "chittyops-package-hello-chittyos-a.tar"


@pytest.mark.parametrize(
    "folder, package, name",
    [
        (".", "", "chittyops-package-hello.tar"),
        ("packages/a", "", "chittyops-package-hello-packages-a.tar"),
        (".", "./packages/b.c/", "chittyops-package-hello-packages-b.c.tar"),
        ("js", "@chittyos/a", "chittyops-package-hello-js-chittyos-a.tar"),
        ("..", "../é", "chittyops-package-hello.tar"),
    ],
)
def test_packages_of_one_service_have_names_of_their_own(folder: str, package: str, name: str) -> None:
    """One run may build several: GitHub keeps an artifact by its name."""
    inputs = {"service_name": "hello", "working_directory": folder, "package": package}
    wanted = package_build.read_inputs(Inputs(inputs))
    assert package_build.default_artifact({"RUNNER_TEMP": "/t"}, wanted) == Path("/t") / name


def test_ranges_of_the_workspace_are_refused(action_runner: ActionRunner) -> None:
    """npm packs `workspace:` as it stands, and nobody could install the package: refused, with the remedy."""
    files = {
        "package.json": '{"private": true, "workspaces": ["a"]}',
        "a/package.json": '{"name": "a", "version": "1.0.0", "peerDependencies": {"b": "workspace:^"}, '
        '"peerDependenciesMeta": {"b": {"optional": true}}}',
    }
    error = failure(build(action_runner, files, {"package": "a", "build_command": "true"} | {"working_directory": "."}))
    assert "b@workspace:^" in error


@pytest.mark.parametrize(
    "changes,inputs,env,match",
    [
        ({"private": True}, {"publish_npm": "true"}, {}, "private"),
        ({"name": "Hello World"}, {}, {}, "Hello World"),
        ({"version": "1.2"}, {}, {}, "1.2"),
        ({}, {}, {"GITHUB_REF": "refs/tags/v1.2.4"}, "tag v1.2.4 does not agree"),
        ({}, {"package": "nope"}, {}, "no workspaces"),
        ({}, {"working_directory": "../.."}, {}, "outside the repository"),
    ],
)
def test_what_is_wrong_already_costs_no_build(
    changes: dict[str, Any],
    inputs: dict[str, str],
    env: dict[str, str],
    match: str,
    action_runner: ActionRunner,
) -> None:
    """What is committed is judged before anything runs."""
    run = build(action_runner, edited(**changes), inputs, env)
    assert match in failure(run)
    assert not (action_runner.workspace / "seen.json").exists()
    assert run.outputs == {}


def test_a_build_that_changes_the_version_is_refused(action_runner: ActionRunner) -> None:
    """The version that goes out is the committed one, whatever the scripts make of package.json."""
    script = "node -e \"const p = require('./package.json'); p.version = '9.9.9'; "
    script += "require('fs').writeFileSync('package.json', JSON.stringify(p))\""
    run = build(action_runner, edited(scripts={"prepack": script}))
    assert "@chittyos/hello@9.9.9" in failure(run)
    assert not list(action_runner.temp.glob("*.tar"))


def test_a_private_file_is_not_published(action_runner: ActionRunner) -> None:
    """A package with an .env in it is stopped before it leaves the job."""
    files = edited(files=["dist", "config"], scripts={}) | {"config/.env": "TOKEN=x", "config/.env.example": "TOKEN="}
    assert "config/.env" in failure(build(action_runner, files))


def test_a_failing_step_names_itself(action_runner: ActionRunner) -> None:
    """The first step that fails ends the build with its name and its last lines, and nothing is handed over."""
    run = build(action_runner, edited(scripts={"build": "node -e \"console.log('why it broke'); process.exit(3)\""}))
    error = failure(run)
    assert "npm run build" in error
    assert "exit code 3" in error
    assert "why it broke" in error
    assert run.outputs == {}


BACKEND = """
import io, os, tarfile, time, zipfile
NAME, VERSION = "chitty_hello", "1.0rc2"
META = f"Metadata-Version: 2.1\\nName: chitty-hello\\nVersion: {VERSION}\\n"
def build_sdist(folder, settings=None):
    name = f"{NAME}-{VERSION}"
    with tarfile.open(os.path.join(folder, name + ".tar.gz"), "w:gz") as tar:
        for file, text in (("PKG-INFO", META), ("pyproject.toml", open("pyproject.toml").read()),
                           ("backend.py", open("backend.py").read())):
            member = tarfile.TarInfo(f"{name}/{file}")
            member.size, member.mtime, member.uname = len(text), time.time(), "somebody"
            tar.addfile(member, io.BytesIO(text.encode()))
    return name + ".tar.gz"
def build_wheel(folder, settings=None, metadata=None):
    name, info = f"{NAME}-{VERSION}-py3-none-any.whl", f"{NAME}-{VERSION}.dist-info"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr(f"{info}/METADATA", META)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""
"""A builder that lies in the repository, so that no index has to be asked for one."""


def test_a_python_package_is_built(action_runner: ActionRunner, tmp_path: Path) -> None:
    """A source distribution and a wheel, by uv; the version is said as SemVer; the source is the same each time."""
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "chitty-hello"\nversion = "1.0rc2"\n',
        "backend.py": BACKEND,
    }
    run = build(action_runner, files, env={"SOURCE_DATE_EPOCH": "1700000000"})
    assert run.returncode == 0, run.log
    assert run.outputs["version"] == "1.0.0-rc.2"
    release = taken(action_runner, run, tmp_path)
    names = [file.name for file in release.files]
    assert names == ["chitty_hello-1.0rc2.tar.gz", "chitty_hello-1.0rc2-py3-none-any.whl"]
    with tarfile.open(release.tarball.path) as tar:
        assert {(member.mtime, member.uname) for member in tar} == {(1700000000, "")}
    again = build(action_runner, files, env={"SOURCE_DATE_EPOCH": "1700000000"})
    assert again.outputs["integrity"] == run.outputs["integrity"]


def test_files_of_any_build(action_runner: ActionRunner, tmp_path: Path) -> None:
    """A Go repository: built by its command, versioned by its tag, one archive for each platform, all by name."""
    files = {"go.mod": "module github.com/chittyos/hello\n", "main.go": "package main\nfunc main() {}\n"}
    command = "mkdir -p dist\nfor p in darwin-arm64 linux-x64; do echo $p > dist/hello-$p.tar.gz; done\n"
    command += "echo sums > dist/SHA256SUMS"
    platforms = "darwin-arm64=dist/*-darwin-arm64.tar.gz, linux-x64=dist/*-linux-x64.tar.gz"
    ref = "refs/tags/v0.3.0"
    inputs = {"build_command": command, "platforms": platforms, "files": "dist/*"}
    run = build(action_runner, files, inputs, {"GITHUB_REF": ref})
    assert run.returncode == 0, run.log
    release = taken(action_runner, run, tmp_path, ref, platforms=platforms)
    assert {file.name: file.platform for file in release.files} == {
        "SHA256SUMS": "",
        "hello-darwin-arm64.tar.gz": "darwin-arm64",
        "hello-linux-x64.tar.gz": "linux-x64",
    }
    assert (release.ecosystem, str(release.version)) == ("go", "0.3.0")
    assert release.platforms == ("darwin-arm64", "linux-x64")


@pytest.mark.parametrize("inputs,match", [({}, "build_command"), ({"build_command": "true"}, "Nothing says which")])
def test_a_crate_needs_to_be_told(inputs: dict[str, str], match: str, action_runner: ActionRunner) -> None:
    """For Rust and Go, what to build and which files to release has to be said; the error shows how."""
    run = build(action_runner, {"Cargo.toml": '[package]\nname = "hello"\nversion = "1.0.0"\n'}, inputs)
    assert match in failure(run)


def test_the_time_of_the_commit_dates_the_files(action_runner: ActionRunner) -> None:
    """Builders are told the commit's time, not today's."""
    write_worker(action_runner.workspace, PACKAGE)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x", "--date=@1700000000"]):
        env = {**environment(), "GIT_COMMITTER_DATE": "@1700000000"}
        subprocess.run([*git, *command], cwd=action_runner.workspace, env=env, check=True)
    assert build(action_runner, PACKAGE, {"build_command": "node build.mjs"}).returncode == 0
    seen = json.loads((action_runner.workspace / "seen.json").read_text())
    assert seen["SOURCE_DATE_EPOCH"] == "1700000000"


def test_inputs_that_can_not_be_used_lead_to_their_page(action_runner: ActionRunner) -> None:
    """All of them in one message, with the part of the page that describes them."""
    run = build(action_runner, PACKAGE, {"service_name": "a b", "publish_npm": "maybe"})
    assert run.returncode == 2
    assert "2 inputs cannot be used" in run.errors[0]
    assert "package-build.md#inputs" in run.errors[0]
