"""The npm channel against the real CLI and verdaccio: out once, refused with other bytes, and seen to be served."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from chittyactions import process
from chittyactions.errors import ArtifactError, BadAnswer, ConfigError, CredentialError, Refused
from chittyactions.publish.model import Status
from chittyactions.publish.npm_cli import default_registry, npm_registry_url
from chittylocal import Fault, Local
from publish.npm.packages import ENVIRONMENT, NODE, Publisher, release, the_npm

pytestmark = pytest.mark.engines


def test_published_then_already(publisher: Publisher) -> None:
    """The first run publishes, the second finds the same bytes and sends nothing."""
    first = publisher.publish("1.0.0")
    assert (first.status, [(p.name, p.after) for p in first.pointers]) == (Status.PUBLISHED, [("latest", "1.0.0")])
    assert first.urls == (f"{publisher.local.npm.url}{publisher.name}/-/{publisher.name.split('/')[1]}-1.0.0.tgz",)
    again = publisher.publish("1.0.0")
    assert (again.status, again.urls) == (Status.ALREADY, first.urls)
    assert publisher.sent() == ["/·"]


def test_other_bytes_are_refused(publisher: Publisher) -> None:
    """A version never changes: the error shows what is there and what was built, and nothing is sent."""
    publisher.publish("1.0.0")
    there = publisher.local.npm.packument(publisher.name)
    assert there
    with pytest.raises(ConfigError) as raised:
        publisher.publish("1.0.0", "changed")
    assert there["versions"]["1.0.0"]["dist"]["integrity"] in raised.value.why
    assert publisher.release("1.0.0", "changed").integrity in raised.value.why
    assert publisher.sent() == ["/·"]


def test_build_metadata_is_no_version_of_its_own(publisher: Publisher) -> None:
    """npm drops it, so a rerun finds 1.0.0 for 1.0.0+a, and 1.0.0+b is the same version with other bytes."""
    assert publisher.publish("1.0.0+a").status is Status.PUBLISHED
    assert publisher.versions == ["1.0.0"]
    assert publisher.publish("1.0.0+a").status is Status.ALREADY
    with pytest.raises(ConfigError, match=r"1\.0\.0 is out already, with other bytes"):
        publisher.publish("1.0.0+b")


def test_what_npm_packs(publisher: Publisher, tmp_path: Path) -> None:
    """A tarball of the real `npm pack`, with a path so long that tar needs an extended header, is installed by npm."""
    source = tmp_path / "source"
    long = source / ("a" * 90) / ("ü" * 60)
    long.mkdir(parents=True)
    (long / "b.txt").write_text("deep", "utf-8")
    (source / "index.js").write_text("module.exports = 'packed'\n", "utf-8")
    (source / "package.json").write_text(json.dumps({"name": publisher.name, "version": "1.0.0"}), "utf-8")
    npm = [str(NODE / "npm"), "--cache", str(tmp_path / "cache")]
    env = {"PATH": f"{NODE}{os.pathsep}/usr/bin", "HOME": str(tmp_path)}
    done = subprocess.run([*npm, "pack", "--silent"], cwd=source, env=env, capture_output=True, text=True, check=True)
    data = (source / done.stdout.strip()).read_bytes()
    result = publisher.channel().publish(release(tmp_path / "f", data, "1.0.0", publisher.name), dry_run=False)
    assert result.status is Status.PUBLISHED
    user = tmp_path / "user"
    user.mkdir()
    registry = f"--registry={publisher.local.npm.url}"
    install = [*npm, "install", publisher.name, registry, "--prefix", str(user), "--no-audit"]
    subprocess.run(install, cwd=user, env=env, capture_output=True, check=True)
    said = subprocess.run(
        [NODE / "node", "-p", f"require({publisher.name!r})"], cwd=user, capture_output=True, text=True, check=True
    )
    assert said.stdout == "packed\n"


@pytest.mark.parametrize(
    "settings, fields, sent",
    [
        ({"access": "public"}, {}, "public"),
        ({}, {"publishConfig": {"access": "restricted"}}, "restricted"),
        ({"access": "public"}, {"publishConfig": {"access": "restricted"}}, "public"),
        ({}, {}, None),
    ],
)
def test_access(publisher: Publisher, settings: dict[str, Any], fields: dict[str, Any], sent: str | None) -> None:
    """The workflow's access counts, then the package's; without either, npm's own."""
    publisher.publish("1.0.0", fields=fields, **settings)
    assert [entry["access"] for entry in publisher.local.npm.published() if entry["name"] == publisher.name] == [sent]


def test_a_dry_run_reads_only(publisher: Publisher) -> None:
    """It says what would be done, asks for no token, and sends nothing."""
    planned = publisher.publish("1.0.0", dry_run=True, token="")
    assert (planned.status, publisher.sent()) == (Status.SKIPPED, [])
    assert "would be published" in planned.notes[0]
    publisher.publish("1.0.0")
    again = publisher.publish("1.0.0", dry_run=True)
    assert (again.status, again.notes) == (Status.ALREADY, (f"{publisher.name} 1.0.0 is out already.",))
    publisher.publish("1.1.0", dist_tag="next")
    assert publisher.publish("1.1.0", dry_run=True).status is Status.SKIPPED


def test_a_dry_run_says_where_it_would_be(publisher: Publisher) -> None:
    """Before and after the publish the address is the one that the registry gives out: Homebrew may name it."""
    planned = publisher.publish("1.0.0", dry_run=True)
    done = publisher.publish("1.0.0")
    again = publisher.publish("1.0.0", dry_run=True)
    assert planned.urls == done.urls == again.urls
    assert len(done.urls) == 1


def test_a_dry_run_tells_what_the_publish_would_lack(publisher: Publisher) -> None:
    """Nothing to sign in by ends the run that is not dry; where nothing is to be sent, nothing is lacking."""
    lacking = publisher.publish("1.0.0", dry_run=True, token="").notes[-1]
    assert "would fail" in lacking
    assert "NPM_TOKEN" in lacking
    unproved = publisher.publish("1.0.0", dry_run=True, provenance="true").notes[-1]
    assert "Provenance needs an id token" in unproved
    publisher.publish("1.0.0")
    assert len(publisher.publish("1.0.0", dry_run=True, token="").notes) == 1


def test_the_registry_is_asked_until_it_serves_it(publisher: Publisher) -> None:
    """A packument that lags and a tarball that is not there yet delay the end, and change nothing of it."""
    missing = Fault("status", status=404, times=2)
    publisher.local.fault("npm", "GET", f"/{publisher.name}/-/*", missing)
    publisher.local.fault("npm", "GET", f"/{publisher.name}", Fault("status", status=404, skip=2, times=2))
    assert publisher.publish("1.0.0").status is Status.PUBLISHED
    tarballs = [path for path in publisher.sent("GET") if path.endswith(".tgz")]
    assert len(tarballs) == 3


def test_what_is_never_served_is_unknown(publisher: Publisher) -> None:
    """The registry took it and does not show it: neither published nor failed, and the message says what was seen."""
    publisher.local.fault("npm", "GET", f"/{publisher.name}/-/*", Fault("status", status=404))
    result = publisher.publish("1.0.0", wait_seconds=0.5)
    assert result.status is Status.UNKNOWN
    assert "its address does not answer" in str(result.failure)
    publisher.local.clear_faults()
    assert publisher.publish("1.0.0").status is Status.ALREADY


def test_a_token_that_is_not_valid(publisher: Publisher) -> None:
    """It is told as such, with what to do, and never shown."""
    publisher.publish("1.0.0")
    with pytest.raises(CredentialError) as raised:
        publisher.publish("1.1.0", token="npm_not-valid")
    assert "HTTP 401" in str(raised.value)
    assert "npm_not-valid" not in str(raised.value) + "".join(publisher.said)


@pytest.mark.parametrize(
    "status, error, words",
    [
        (402, "You must sign up for private packages", "Set access: public in the workflow"),
        (403, "You do not have permission to publish this package", "Check on the registry that the token's owner"),
        (403, "Cannot publish over previously published version", "Raise the version"),
        (404, "Not found", "the spelling of its scope"),
        (413, "Payload Too Large", "Leave files out"),
    ],
)
def test_refusals_are_explained(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch, status: int, error: str, words: str
) -> None:
    """Each refusal of the registry leads to what a person can do about it."""
    monkeypatch.setattr("chittyactions.publish.npm.CONFLICT_SECONDS", 0.2)
    publisher.local.fault("npm", "PUT", f"/{publisher.name}", Fault("status", status=status, body={"error": error}))
    with pytest.raises(Refused) as raised:
        publisher.publish("1.0.0")
    assert (raised.value.status, raised.value.code) == (status, f"E{status}")
    assert words in raised.value.fix
    assert error in raised.value.why


def test_nothing_is_left_behind(publisher: Publisher) -> None:
    """The folder with the npmrc, npm's cache and the copy of the tarball goes, whatever the end."""
    publisher.publish("1.0.0")
    publisher.local.fault("npm", "PUT", "*", Fault("status", status=403))
    with pytest.raises(Refused):
        publisher.publish("1.1.0")
    assert list(publisher.temp.iterdir()) == []


def test_the_npmrc_holds_no_token(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is readable by its owner alone, and names a variable; the token is in no argument either."""
    seen: list[tuple[int, str, str]] = []

    def look(command: list[str], **how: Any) -> Any:
        file = Path(how["cwd"]).parent / ".npmrc-publish"
        seen.append((file.stat().st_mode & 0o777, file.read_text("utf-8"), " ".join(command)))
        return process.run(command, **how)

    monkeypatch.setattr("chittyactions.publish.npm_cli.run", look)
    publisher.publish("1.0.0")
    host = publisher.local.npm.url.partition("//")[2]
    assert [(mode, text) for mode, text, _ in seen] == [(0o600, f"//{host}:_authToken=${{CHITTY_NPM_TOKEN}}\n")]
    assert publisher.local.npm_token not in seen[0][2]


def test_bytes_that_changed_on_the_way(publisher: Publisher) -> None:
    """A tarball that is not the one of the artifact is refused before anything is asked."""
    made = publisher.release("1.0.0")
    shutil.copyfile(publisher.release("1.0.0", "changed").tarball.path, made.tarball.path)
    with pytest.raises(ArtifactError, match="is not the file that was built"):
        publisher.channel().publish(made, dry_run=False)
    assert publisher.sent("GET") == []


def test_an_address_in_other_letters(publisher: Publisher) -> None:
    """npm finds the token by the address as it writes it itself."""
    wanted = publisher.local.npm.url.replace("http://127.0.0.1", "HTTP://LocalHost")
    url = npm_registry_url(the_npm(), ENVIRONMENT, wanted)
    assert publisher.publish("1.0.0", registry=url).status is Status.PUBLISHED


def test_a_registry_that_sends_on(publisher: Publisher, local: Local) -> None:
    """GitLab sends on to npm's own registry for what it does not have: that is none there, and nobody follows."""
    place = f"https://npm.example/{quote(publisher.name, safe='@')}"
    sent_on = Fault("redirect", status=302, location=place, times=1)
    local.fault("npm", "GET", f"/{publisher.name}", sent_on)
    assert publisher.publish("1.0.0").status is Status.PUBLISHED


@pytest.mark.parametrize("place", ["https://npm.example/sign-in", "/hello", "http://["])
def test_any_other_redirect_is_no_answer(publisher: Publisher, local: Local, place: str) -> None:
    """A page to sign in at says nothing of the package; nothing is sent."""
    local.fault("npm", "GET", f"/{publisher.name}", Fault("redirect", status=302, location=place))
    with pytest.raises(BadAnswer, match="which is not followed"):
        publisher.publish("1.0.0")
    assert publisher.sent() == []


def test_a_registry_that_shows_nothing_to_strangers(publisher: Publisher, local: Local) -> None:
    """A private registry is read with the token."""
    publisher.publish("1.0.0")
    assert {entry["auth"] for entry in local.requests("npm")} == {"bearer"}


def test_the_address_of_the_registry() -> None:
    """npm's own where nobody names one; a token goes over https alone, but for this machine."""
    cli = the_npm()
    own = default_registry(cli, {**ENVIRONMENT, "npm_config_registry": "https://elsewhere.example/"})
    assert own.startswith("https://")
    assert "elsewhere" not in own
    assert npm_registry_url(cli, ENVIRONMENT) == own
    assert npm_registry_url(cli, {"CHITTY_NPM_URL": "http://127.0.0.1:1/npm"}) == "http://127.0.0.1:1/npm/"
    assert npm_registry_url(cli, {}, "https://npm.example/a") == "https://npm.example/a/"
    assert npm_registry_url(cli, {}, "HTTPS://NPM.Example:443/Api//") == "https://npm.example/Api/"
    assert npm_registry_url(cli, {}, "https://npm.example:8443") == "https://npm.example:8443/"
    assert npm_registry_url(cli, {}, "http://[::1]:80/npm") == "http://[::1]/npm/"
    for url in (
        "http://npm.example/",
        "https://u:p@npm.example/",
        "https://npm.example/?a=b",
        "npm.example",
        "https://",
    ):
        with pytest.raises(ConfigError, match="registry_url cannot be used"):
            npm_registry_url(cli, {}, url)
