"""The channel, over a real tap and a real download address: the tap is written last, once, and only upward."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from chittyactions.errors import ChittyError, ConfigError, ServiceError
from chittyactions.publish.formula import FormulaError
from chittyactions.publish.model import Result, Status
from chittylocal import Fault
from publish.homebrew.ruby import load, program
from publish.homebrew.samples import SAMPLES
from publish.homebrew.street import Street

pytestmark = pytest.mark.engines

THREE = ("darwin-arm64", "darwin-x64", "linux-x64")
PATH = "Formula/hello.rb"


def test_a_release_and_the_next(street: Street) -> None:
    """The first release makes the formula, the same again finds it, the next edits it: two commits in all."""
    first = street.release("1.0.0")
    made = street.channel().publish(first, dry_run=False)
    assert made.status is Status.PUBLISHED
    assert (made.pointers[0].name, made.pointers[0].before, made.pointers[0].after) == (PATH, "", "1.0.0")
    assert made.urls[0].startswith(f"https://github.com/{street.repository}/commit/")
    assert made.urls[1] == f"{street.shop.url}/hello@1.0.0"
    assert "is new in the tap" in made.notes[0]
    text = street.text()
    again = street.channel().publish(first, dry_run=False)
    assert (again.status, again.notes, street.text()) == (Status.ALREADY, (), text)
    following = street.release("1.1.0")
    edited = street.channel().publish(following, dry_run=False)
    assert (edited.status, edited.pointers[0].before) == (Status.PUBLISHED, "1.0.0")
    assert street.messages()[:2] == ["hello 1.1.0", "hello 1.0.0"]
    assert street.text() == text.replace("1.0.0", "1.1.0").replace(first.tarball.sha256, following.tarball.sha256)
    (said,) = load([street.text()])
    assert said["linux-x64"]["sha256"] == following.tarball.sha256


def test_a_lower_version_demotes_nobody(street: Street) -> None:
    """1.0.0 after 1.1.0 leaves the tap alone, says why, and asks for no download."""
    street.channel().publish(street.release("1.1.0"), dry_run=False)
    street.shop.asked.clear()
    late = street.channel().publish(street.release("1.0.0"), dry_run=False)
    assert (late.status, late.pointers[0].why) == (Status.SKIPPED, "1.1.0 is higher")
    assert street.messages()[0] == "hello 1.1.0"
    assert street.shop.asked == []


@pytest.mark.parametrize("mode", ["commit", "pull-request", "dispatch"])
def test_build_metadata_moves_no_formula(street: Street, mode: str) -> None:
    """Of versions that differ in it alone the tap keeps the one that it has, as R2 does, so that no two take turns."""
    street.channel().publish(street.release("1.0.0+1"), dry_run=False)
    text = street.text()
    for version in ("1.0.0+2", "1.0.0"):
        other = street.channel(mode=mode).publish(street.release(version), dry_run=False)
        assert (other.status, other.pointers[0].after) == (Status.SKIPPED, "1.0.0+1")
        assert other.pointers[0].why == "1.0.0+1 is of the same rank"
    assert street.channel(mode=mode).publish(street.release("1.0.0+1"), dry_run=False).status is Status.ALREADY
    assert (street.text(), street.messages()[0]) == (text, "hello 1.0.0+1")
    assert street.local.github.dispatches(street.repository) == []
    assert street.channel(mode=mode).publish(street.release("1.0.1"), dry_run=False).status is Status.PUBLISHED


@pytest.mark.parametrize("mode", ["commit", "dispatch"])
def test_a_short_version_becomes_a_whole_one(street: Street, mode: str) -> None:
    """1.4 and 1.4.0 are one version, and no other rank keeps the release from the tap."""
    short = 'class Hello < Formula\n  url "https://x.example/hello-1.4.tgz"\n  sha256 "' + "a" * 64 + '"\nend\n'
    street.local.github.push(street.repository, {PATH: short})
    assert street.channel(mode=mode).publish(street.release("1.4.0"), dry_run=False).status is Status.PUBLISHED


def test_a_prerelease_does_not_ask_the_tap(street: Street) -> None:
    """Homebrew's users get stable versions: not even a token is needed."""
    result = street.channel().publish(street.release("2.0.0-rc.1"), dry_run=False)
    assert result.status is Status.SKIPPED
    assert "is a prerelease" in result.pointers[0].why
    assert street.local.requests("github") == []


@pytest.mark.parametrize("there", [b"", b"hello-1.0.0.tgz 1.0.1"], ids=["nothing", "other bytes of that size"])
def test_the_tap_waits_for_what_is_served(street: Street, there: bytes) -> None:
    """While the public url serves anything but the release, the tap is not touched."""
    release = street.release("1.0.0", served=False)
    if there:
        street.shop.files["/hello@1.0.0"] = there
    with pytest.raises(ChittyError):
        street.channel().publish(release, dry_run=False)
    assert street.shop.asked
    assert street.writes() == []


def test_a_url_that_comes_late(street: Street) -> None:
    """What is not served yet is asked for again."""
    release = street.release("1.0.0", served=False)
    street.shop.meanwhile = lambda: street.shop.stock(release)
    assert street.channel(wait_seconds=10.0).publish(release, dry_run=False).status is Status.PUBLISHED
    assert street.shop.asked == ["/hello@1.0.0"] * 2


@pytest.mark.parametrize("version, platforms", [("1.0.1", ()), ("1.0.2", THREE)], ids=["one file", "platforms"])
def test_the_usual_address(street: Street, version: str, platforms: tuple[str, ...]) -> None:
    """Without a public_url, users download from gitChitty, which reads the bucket: by version, or by file."""
    release = street.release(version, platforms, served=False)
    with pytest.raises(ServiceError):
        street.channel(public_url="").publish(release, dry_run=False)
    for file in release.files:
        street.local.r2.put("chittyos-packages", f"hello/{version}/{file.name}", file.path.read_bytes())
    result = street.channel(public_url="").publish(release, dry_run=False)
    names = [f"/{file.name}" for file in release.files] if platforms else [""]
    assert list(result.urls[1:]) == [f"https://git.chitty.cc/hello@{version}{name}" for name in names]


def test_each_platform_has_its_own_url(street: Street) -> None:
    """Every platform's file is fetched from its own address, and named in the formula with it."""
    release = street.release("1.0.0", THREE)
    result = street.channel(public_url="{service}@{version}/{file}").publish(release, dry_run=False)
    places = [f"{street.shop.url}/hello@1.0.0/hello-{name}.tar.gz" for name in THREE]
    assert list(result.urls[1:]) == places
    assert street.shop.asked == [place.removeprefix(street.shop.url) for place in places]
    (said,) = load([street.text()])
    for file, place in zip(release.files, places, strict=True):
        assert (said[file.platform]["url"], said[file.platform]["sha256"]) == (place, file.sha256)


def test_a_file_for_musl_steps_back(street: Street) -> None:
    """Beside a file for the usual C library, the one for musl is not Homebrew's; two of one kind are refused."""
    names = ("linux-x64-musl", "linux-x64", "linux-arm64-musl", "windows-x64")
    channel = street.channel(public_url="{service}@{version}/{file}")
    assert channel.publish(street.release("1.0.0", names), dry_run=False).status is Status.PUBLISHED
    assert [f"{name}.tar" in street.text() for name in names] == [False, True, True, False]
    again = channel.publish(street.release("1.0.0", names), dry_run=False)
    assert [note.partition(" ")[0] for note in again.notes] == [f"hello-{names[at]}.tar.gz" for at in (0, 3)]
    with pytest.raises(ConfigError, match="are both for linux-amd64"):
        channel.publish(street.release("1.1.0", ("linux-x64", "linux-amd64")), dry_run=False)


def test_one_platform_that_is_not_served_holds_back_all(street: Street) -> None:
    """A formula never names a file that is not there, so that none of the platforms moves alone."""
    release = street.release("1.0.0", THREE)
    del street.shop.files["/hello@1.0.0/hello-linux-x64.tar.gz"]
    with pytest.raises(ServiceError):
        street.channel(public_url="{service}@{version}/{file}").publish(release, dry_run=False)
    assert street.writes() == []


@pytest.mark.parametrize(
    "public_url, reason",
    [("{service}@{version}", "the same address"), ("{nothing}", "https"), ("{0}", "https"), ("a b", "https")],
)
def test_an_address_that_can_not_be(street: Street, public_url: str, reason: str) -> None:
    """A template that gives two files one address, or makes none, is refused before anything is asked."""
    release = street.release("1.0.0", THREE[:2])
    with pytest.raises(ConfigError) as refused:
        street.channel(public_url=public_url).publish(release, dry_run=False)
    assert reason in str(refused.value)
    assert (street.shop.asked, street.local.requests("github")) == ([], [])


def test_a_dry_run_writes_nothing(street: Street) -> None:
    """What would be done is told; nobody is asked to change anything, and nothing needs to be served."""
    result = street.channel().publish(street.release("1.0.0", served=False), dry_run=True)
    assert result.status is Status.SKIPPED
    assert result.notes[0] == f"A dry run: {PATH} in {street.repository} would name 1.0.0."
    assert (street.writes(), street.shop.asked) == ([], [])
    street.channel().publish(street.release("1.0.0"), dry_run=False)
    again = street.channel().publish(street.release("1.0.0"), dry_run=True)
    assert again.notes == (f"A dry run: {PATH} in {street.repository} would go on to name 1.0.0.",)


def test_a_form_that_is_not_known_is_told_at_once(street: Street) -> None:
    """A formula that can't be edited is refused before any download is waited for."""
    street.local.github.push(street.repository, {PATH: "class Hello < Formula\n  url download_url\nend\n"})
    with pytest.raises(FormulaError, match="left as it is"):
        street.channel().publish(street.release("1.0.0"), dry_run=False)
    assert street.shop.asked == []


def test_somebody_elses_change_is_kept(street: Street) -> None:
    """The tap moved while the download was waited for: the new text is edited, and both changes are there."""
    street.channel().publish(street.release("1.0.0"), dry_run=False)
    theirs = street.text().replace('desc "Says hello"', 'desc "Says hello, louder"')
    street.shop.meanwhile = lambda: street.local.github.push(street.repository, {PATH: theirs})
    street.channel().publish(street.release("1.1.0"), dry_run=False)
    assert "louder" in street.text()
    assert "hello@1.1.0" in street.text()


def test_a_higher_version_that_came_meanwhile_stays(street: Street) -> None:
    """A slow run finds a higher version when it comes to write: it leaves it."""
    street.channel().publish(street.release("1.0.0"), dry_run=False)
    street.release("1.2.0")
    slow = street.release("1.1.0")
    theirs = street.text().replace("1.0.0", "1.2.0")
    street.shop.meanwhile = lambda: street.local.github.push(street.repository, {PATH: theirs})
    result = street.channel().publish(slow, dry_run=False)
    assert (result.status, result.pointers[0].why) == (Status.SKIPPED, "1.2.0 is higher")
    assert street.text() == theirs


def test_two_at_once(street: Street) -> None:
    """Of two runs of one release, one publishes and the other finds it there: one commit."""
    release = street.release("1.0.0")
    results: list[Result] = []
    runs = [
        threading.Thread(target=lambda: results.append(street.channel().publish(release, dry_run=False)))
        for _ in range(2)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert sorted(result.status.value for result in results) == ["already", "published"]
    assert street.messages().count("hello 1.0.0") == 1


def test_a_lost_answer_is_cleared_up(street: Street) -> None:
    """The commit was made and its answer lost: the tap tells, and the release counts as published."""
    street.local.fault(
        "github", "PUT", f"/repos/{street.repository}/contents/{PATH}", Fault("reset", times=1, after_effect=True)
    )
    result = street.channel().publish(street.release("1.0.0"), dry_run=False)
    assert result.status is Status.PUBLISHED
    assert street.messages().count("hello 1.0.0") == 1


def test_a_pull_request(street: Street) -> None:
    """The change is proposed once; until it is merged the tap stays where it was, and a rerun finds the proposal."""
    street.channel().publish(street.release("1.0.0"), dry_run=False)
    before = street.text()
    release = street.release("1.1.0")
    made = street.channel(mode="pull-request").publish(release, dry_run=False)
    again = street.channel(mode="pull-request").publish(release, dry_run=False)
    assert [made.status, again.status] == [Status.PUBLISHED, Status.ALREADY]
    assert "/pull/" in made.urls[0]
    assert made.urls[0] == again.urls[0]
    assert made.pointers[0].after == "1.0.0"
    assert street.text() == before
    assert "hello@1.1.0" in street.text(branch="chittyops/hello-1.1.0")
    older = street.channel(mode="pull-request").publish(street.release("1.0.1"), dry_run=False)
    assert (older.status, older.pointers[0].why) == (Status.SKIPPED, "1.1.0 is proposed already")


def test_a_maintainers_work_on_a_pull_request_stays(street: Street) -> None:
    """What people change on its branch is left, and the pointer still tells what the tap itself has."""
    street.channel().publish(street.release("1.0.0"), dry_run=False)
    release, branch = street.release("1.1.0"), "chittyops/hello-1.1.0"
    channel = street.channel(mode="pull-request")
    channel.publish(release, dry_run=False)
    theirs = street.text(branch=branch).replace('depends_on "node"', 'depends_on "node@22"')
    street.local.github.push(street.repository, {PATH: theirs}, "theirs", branch)
    again = channel.publish(release, dry_run=False)
    assert (again.status, again.pointers[0].before, again.pointers[0].after) == (Status.ALREADY, "1.0.0", "1.0.0")
    assert street.text(branch=branch) == theirs


@pytest.mark.parametrize("folder", ["", "HomebrewFormula/"])
def test_the_taps_other_formulae_stay_in_sight(street: Street, folder: str) -> None:
    """Homebrew reads one folder of a tap: a new formula is made in the one that has the others."""
    street.repository += "-own"
    street.local.github.repository(street.repository, {f"{folder}other.rb": SAMPLES["npm"].text})
    made = street.channel().publish(street.release("1.0.0"), dry_run=False)
    assert made.pointers[0].name == f"{folder}hello.rb"
    assert "class Hello" in street.text(f"{folder}hello.rb")
    with pytest.raises(FormulaError, match="Homebrew would not find"):
        street.channel(formula=PATH).publish(street.release("1.1.0"), dry_run=False)


def test_an_event(street: Street) -> None:
    """A tap that updates itself is told what today's is told; a form that we can't edit is its own affair."""
    odd = "class Hello < Formula\n  url download_url\nend\n"
    street.local.github.push(street.repository, {PATH: odd})
    release = street.release("1.0.0")
    assert street.channel(mode="dispatch").publish(release, dry_run=False).status is Status.PUBLISHED
    payload = {
        "formula": "hello",
        "version": "1.0.0",
        "sha256": release.tarball.sha256,
        "url": f"{street.shop.url}/hello@1.0.0",
    }
    assert street.local.github.dispatches(street.repository) == [
        {"event_type": "update-formula", "client_payload": payload}
    ]
    assert street.text() == odd


def test_an_event_for_what_is_there_is_not_sent(street: Street) -> None:
    """A tap that has the release already, or a higher one, is told nothing; nor is one told of several files."""
    release = street.release("1.1.0")
    street.channel().publish(release, dry_run=False)
    channel = street.channel(mode="dispatch")
    assert channel.publish(release, dry_run=False).status is Status.ALREADY
    assert channel.publish(street.release("1.0.0"), dry_run=False).status is Status.SKIPPED
    with pytest.raises(ConfigError, match="room for one file"):
        street.channel(mode="dispatch", public_url="{file}/{version}").publish(
            street.release("1.2.0", THREE, served=False), dry_run=False
        )
    assert street.local.github.dispatches(street.repository) == []


def test_an_event_demotes_nobody(street: Street) -> None:
    """The version is read in forms that we can't edit too: an event is sent upward, once, and else it is told why."""
    first, release = street.release("1.0.0"), street.release("1.1.0")
    street.channel().publish(first, dry_run=False)
    odd = street.text().replace("  sha256", '  mirror "https://m.example/hello-1.1.0.tgz"\n  sha256')
    street.local.github.push(street.repository, {PATH: odd})
    channel = street.channel(mode="dispatch")
    assert channel.publish(release, dry_run=False).status is Status.PUBLISHED
    updated = odd.replace("hello@1.0.0", "hello@1.1.0").replace(first.tarball.sha256, release.tarball.sha256)
    street.local.github.push(street.repository, {PATH: updated})
    assert channel.publish(first, dry_run=False).pointers[0].why == "1.1.0 is higher"
    assert channel.publish(release, dry_run=False).status is Status.ALREADY
    assert len(street.local.github.dispatches(street.repository)) == 1
    street.local.github.push(street.repository, {PATH: odd.replace("1.0.0", "now").replace("1.1.0", "now")})
    assert "could not be read" in channel.publish(release, dry_run=False).notes[0]


def test_ruby_has_the_last_word(street: Street, tmp_path: Path) -> None:
    """Where Ruby is on the runner it reads the text first, and a no of it keeps the tap as it is."""
    release = street.release("1.0.0")
    folder = tmp_path / "bin"
    folder.mkdir()
    environ = {"PATH": f"{folder}:/usr/bin:/bin"}
    refusing = folder / "ruby"
    refusing.write_text("#!/bin/sh\necho 'syntax error' >&2\nexit 1\n")
    refusing.chmod(0o755)
    with pytest.raises(FormulaError, match="left as it is"):
        street.channel(environ=environ).publish(release, dry_run=False)
    assert street.writes() == []
    program(folder)
    assert street.channel(environ=environ).publish(release, dry_run=False).status is Status.PUBLISHED
    assert not any("no Ruby" in line for line in street.said)


def test_without_ruby_that_is_told(street: Street) -> None:
    """Who relies on Ruby's word learns that it was not asked."""
    street.channel().publish(street.release("1.0.0"), dry_run=False)
    assert f"There is no Ruby on this runner: {PATH} was not read by it." in street.said


@pytest.mark.parametrize("path", ["Casks/cask_arch.rb", "Formula/o/on_blocks.rb"])
def test_a_cask_or_a_formula_by_letter(street: Street, path: str) -> None:
    """What lies in another of Homebrew's places is found there, and edited there."""
    name = Path(path).stem
    street.local.github.push(street.repository, {path: SAMPLES[name].text.replace("verified:", "referer:")})
    release = street.release("2.0.0", ("darwin-arm64", "darwin-x64", "linux-x64"))
    channel = street.channel(formula=name, public_url="{version}/{platform}")
    street.shop.files |= {f"/2.0.0/{file.platform}": file.path.read_bytes() for file in release.files}
    if name == "cask_arch":
        with pytest.raises(FormulaError, match="one url for darwin-arm64 and darwin-x64"):
            channel.publish(release, dry_run=False)
        return
    assert channel.publish(release, dry_run=False).status is Status.PUBLISHED
    assert release.files[2].sha256 in street.text(path)


def test_a_new_cask_is_asked_for_by_its_path(street: Street) -> None:
    """A path in Casks/ makes a cask; a name makes a formula."""
    release = street.release("1.0.0", THREE[:2])
    channel = street.channel(formula="Casks/hello.rb", public_url="{service}@{version}/{file}")
    assert channel.publish(release, dry_run=False).status is Status.PUBLISHED
    (said,) = load([street.text("Casks/hello.rb")])
    assert said["darwin-x64"]["install"] == ['binary "hello"']
