"""What a package names of the machine stays there: npm reads a repository's HEAD, and publishes where that leads."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from chittyactions.cancel import Cancellation
from chittyactions.entries.package_publish import Step
from chittyactions.errors import ArtifactError, ConfigError
from chittyactions.publish import npm_tarball
from chittyactions.publish.model import Status
from chittyactions.publish.npm_unpack import check_unpacking, compare
from chittylocal import Local
from publish.npm.packages import ENVIRONMENT, Publisher, release, tarball, the_npm
from publish.npm.test_token_goes_nowhere_else import raw_publish

pytestmark = pytest.mark.engines

ENVIRON = "ref: /proc/self/environ\n"


def with_git(name: str, head: str = ENVIRON) -> bytes:
    manifest = json.dumps({"name": name, "version": "1.0.0"})
    return tarball({"package/package.json": manifest, "package/.git/HEAD": head})


def test_npm_publishes_its_environment(publisher: Publisher, tmp_path: Path) -> None:
    """The refusal is needed: npm alone puts the token into the public data of such a package."""
    raw_publish(publisher, with_git(publisher.name), tmp_path)
    assert publisher.local.npm_token in json.dumps(publisher.local.npm.packument(publisher.name))


@pytest.mark.parametrize("trusted", [False, True])
def test_a_repository_in_the_package(local: Local, tmp_path: Path, name: str, *, trusted: bool) -> None:
    """The check and the publish refuse it, by a token and by the job's identity, and nothing is published."""
    job = local.env("oidc") if trusted else {}
    publisher = Publisher(local, tmp_path, name, token="" if trusted else None, environ=job)
    Publisher(local, tmp_path / "user", name).publish("0.9.0")
    made = release(tmp_path / "f", with_git(name), "1.0.0", name)
    runner = SimpleNamespace(environ={**ENVIRONMENT, "RUNNER_TEMP": str(publisher.temp)}, info=publisher.said.append)
    step = Step(runner, SimpleNamespace(registry_url=local.npm.url), Cancellation())  # type: ignore[arg-type]
    with pytest.raises(ArtifactError, match="tarball is refused"):
        step._check_npm(made)
    with pytest.raises(ArtifactError, match="Git repository"):
        publisher.channel().publish(made, dry_run=False)
    assert publisher.versions == ["0.9.0"]
    stored = json.dumps(local.npm.packument(name))
    assert local.npm_token not in stored
    assert job.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", local.npm_token) not in stored


def test_npm_finds_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that our own look passes over is found where npm's code put it, even one that leads nowhere."""
    monkeypatch.setattr(npm_tarball, "_judge_path", lambda *_: None)
    file = tmp_path / "it.tgz"
    file.write_bytes(with_git("hello", "a" * 40))
    with pytest.raises(ArtifactError, match="npm that publishes finds a Git repository"):
        check_unpacking(the_npm(), file, environ=ENVIRONMENT, temp=tmp_path)


def test_a_repository_above(publisher: Publisher) -> None:
    """npm looks for one in the folders above too: a commit may be published, and what a file says may not."""
    git = publisher.temp / ".git"
    git.mkdir()
    (git / "secret").write_text("of the machine", "utf-8")
    (git / "HEAD").write_text("ref: secret", "utf-8")
    with pytest.raises(ArtifactError, match="another gitHead"):
        publisher.publish("1.0.0")
    (git / "HEAD").write_text("b" * 40, "utf-8")
    assert publisher.publish("1.0.0").status is Status.PUBLISHED


JUDGED = {"name": "hello", "version": "v1.0.0+5", "publishConfig": {"access": "public"}}
READ = {**JUDGED, "version": "1.0.0", "readme": "x"}


@pytest.mark.parametrize(
    "judged, found",
    [
        (JUDGED, READ),
        (JUDGED, {**READ, "gitHead": "a" * 40}),
        (JUDGED, {**READ, "gitHead": "a" * 64}),
        ({**JUDGED, "gitHead": "main"}, {**READ, "gitHead": "main"}),
    ],
)
def test_npm_reads_what_was_judged(judged: dict[str, object], found: dict[str, object]) -> None:
    """npm cleans a version, adds a commit, and keeps what the package itself says of that."""
    compare(judged, found)


@pytest.mark.parametrize(
    "field, value",
    [
        ("name", "evil"),
        ("version", "1.0.1"),
        ("publishConfig", {"access": "public", "proxy": "x"}),
        ("tag", "latest"),
        ("private", True),
        ("gitHead", "a" * 41),
        ("gitHead", "a" * 40 + "\n"),
        ("gitHead", ["a" * 40]),
    ],
)
def test_npm_reads_something_else(field: str, value: object) -> None:
    """Whatever decides over the publish has to be as it was judged."""
    with pytest.raises(ArtifactError, match=f"another {field}"):
        compare(JUDGED, {**READ, field: value})


@pytest.mark.parametrize(
    "path",
    [".git/HEAD", ".GIT/HEAD", ".git./HEAD", ".git /HEAD", "．git/HEAD", ".git", "deep/.git/HEAD"],  # noqa: RUF001
)
def test_every_spelling(tmp_path: Path, path: str) -> None:
    """What some file system takes for `.git` is refused, in whatever folder of the package."""
    file = tmp_path / "it.tgz"
    file.write_bytes(tarball({"package/package.json": "{}", f"package/{path}": "x"}))
    with pytest.raises(ArtifactError, match="Git repository"):
        npm_tarball.read_manifest(file)


def test_files_about_git_are_plain_files(tmp_path: Path) -> None:
    """`.gitignore` and `.github/` are content."""
    file = tmp_path / "it.tgz"
    file.write_bytes(tarball({"package/package.json": "{}", "package/.gitignore": "x", "package/.github/a": "x"}))
    assert npm_tarball.read_manifest(file) == b"{}"


def test_rights_of_the_machine_stay(tmp_path: Path, publisher: Publisher) -> None:
    """For `directories.bin: "."` npm would make files outside of its folder executable: it never sees the package."""
    victim = tmp_path / "victim"
    victim.write_text("private")
    victim.chmod(0o600)
    manifest = json.dumps({"name": publisher.name, "version": "1.0.0", "directories": {"bin": "."}})
    made = tarball({"package/package.json": manifest, f"package{victim}": "x"})
    runner = SimpleNamespace(environ={**ENVIRONMENT, "RUNNER_TEMP": str(publisher.temp)}, info=publisher.said.append)
    step = Step(runner, SimpleNamespace(registry_url=publisher.local.npm.url), Cancellation())  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"directories\.bin"):
        step._check_npm(release(tmp_path / "f", made, "1.0.0", publisher.name))
    assert victim.stat().st_mode & 0o777 == 0o600
