"""On the real registry: reruns, slow runs and runs at once move no tag down, and one version is out once."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from chittyactions.errors import ChittyError, ConfigError
from chittyactions.process import Finished
from chittyactions.publish.model import Result, Status
from chittyactions.publish.npm_cli import NpmSession
from chittylocal import Fault
from publish.npm.packages import Publisher

pytestmark = pytest.mark.engines


def test_reruns_and_maintenance_releases_demote_nobody(publisher: Publisher) -> None:
    """1.0.0 again after 1.1.0 changes nothing; 1.0.1 gets the tag of its line; a beta takes no latest."""
    for version in ("1.0.0", "1.1.0"):
        publisher.publish(version)
    assert publisher.publish("1.0.0").status is Status.ALREADY
    assert publisher.tags == {"latest": "1.1.0"}
    publisher.publish("1.0.1")
    publisher.publish("2.0.0-beta.1")
    assert publisher.tags == {"latest": "1.1.0", "release-1.0": "1.0.1", "beta": "2.0.0-beta.1"}


def test_a_first_version_that_is_a_prerelease(publisher: Publisher) -> None:
    """The registry gives it latest, as every registry does; the result says so, and the first stable one takes it."""
    first = publisher.publish("1.0.0-rc.1", fields={"publishConfig": {"tag": "latest"}})
    assert [(p.name, p.after, p.why) for p in first.pointers] == [
        ("latest", "1.0.0-rc.1", "the registry gives it to a package's first version"),
        ("rc", "1.0.0-rc.1", ""),
    ]
    publisher.publish("1.0.0")
    assert publisher.tags == {"latest": "1.0.0", "rc": "1.0.0-rc.1"}


def test_the_packages_own_tag_is_a_default(publisher: Publisher) -> None:
    """publishConfig.tag counts where the workflow names none, and `latest` is never a prerelease's."""
    config = {"publishConfig": {"tag": "canary"}}
    publisher.publish("1.0.0", fields=config)
    publisher.publish("1.1.0", fields=config, dist_tag="next")
    assert {tag: publisher.tags[tag] for tag in ("canary", "next")} == {"canary": "1.0.0", "next": "1.1.0"}
    with pytest.raises(ConfigError, match="dist_tag asks for latest"):
        publisher.publish("2.0.0-beta.1", dist_tag="latest")


def test_a_tag_is_repaired_where_that_moves_it_up(publisher: Publisher) -> None:
    """A version that is out without its tag gets it by a rerun, which says that the version was out already."""
    publisher.publish("1.0.0")
    publisher.publish("1.1.0", dist_tag="next")
    again = publisher.publish("1.1.0")
    assert (again.status, [(p.name, p.before, p.after) for p in again.pointers]) == (
        Status.ALREADY,
        [("latest", "1.0.0", "1.1.0"), ("next", "1.1.0", "1.1.0")],
    )
    assert publisher.tags == {"latest": "1.1.0", "next": "1.1.0"}


def test_a_slow_run_of_a_lower_version(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """1.0.0 looked before 1.1.0 was out and published after it: latest ends at 1.1.0."""
    publisher.publish("0.9.0")
    send = NpmSession.publish

    def late(session: NpmSession, tarball: Path, **how: str) -> Finished:
        monkeypatch.setattr(NpmSession, "publish", send)
        publisher.publish("1.1.0")
        return send(session, tarball, **how)

    monkeypatch.setattr(NpmSession, "publish", late)
    result = publisher.publish("1.0.0")
    assert result.status is Status.PUBLISHED
    assert publisher.tags == {"latest": "1.1.0", "release-1.0": "1.0.0"}
    assert [(p.name, p.before, p.after, p.why) for p in result.pointers] == [
        ("latest", "0.9.0", "1.1.0", "1.1.0 is higher"),
        ("release-1.0", "", "1.0.0", ""),
    ]


def test_a_slow_run_beside_another_tag(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """2.0.0 was next until 2.0.1 was: the slow run of 1.0.1 leaves latest, and says what to run if that is wrong."""
    publisher.publish("1.0.0")
    send = NpmSession.publish

    def late(session: NpmSession, tarball: Path, **how: str) -> Finished:
        monkeypatch.setattr(NpmSession, "publish", send)
        for version in ("2.0.0", "2.0.1"):
            publisher.publish(version, dist_tag="next")
        return send(session, tarball, **how)

    monkeypatch.setattr(NpmSession, "publish", late)
    (note,) = publisher.publish("1.0.1").notes
    assert note.startswith("2.0.0 came out during this run, perhaps under another tag, so latest was not moved up")
    assert note.endswith(f"run `npm dist-tag add {publisher.name}@2.0.0 latest`.")
    assert publisher.tags == {"latest": "1.0.1", "next": "2.0.1"}


@pytest.fixture
def passed_by(publisher: Publisher) -> Publisher:
    """A slow run of 1.0.0 took `latest` from 1.1.0, and was killed before it put that right."""
    with publisher.session() as session:
        for version in ("1.1.0", "1.0.0"):
            made = publisher.release(version).tarball.path
            shutil.copyfile(made, session.folder / "it.tgz")
            assert session.publish(session.folder / "it.tgz", tag="latest", access="").code == 0
    assert publisher.tags == {"latest": "1.0.0"}
    return publisher


COMMAND = "latest led to 1.0.0 before this run, and 1.1.0 came out shortly before 1.0.0"


def test_after_a_killed_slow_run(passed_by: Publisher) -> None:
    """No later run guesses: `latest` stays what it is, and a note has the command, until a higher version takes it."""
    for dry_run in (True, False):
        (note,) = (note for note in passed_by.publish("1.0.0", dry_run=dry_run).notes if note.startswith(COMMAND))
        assert note.endswith(f"`npm dist-tag add {passed_by.name}@1.1.0 latest`.")
    assert passed_by.publish("0.9.0").notes[0].startswith(COMMAND)
    assert passed_by.publish("1.0.1").notes[0].startswith(COMMAND)
    assert passed_by.tags == {"latest": "1.0.1", "release-0.9": "0.9.0"}
    assert passed_by.publish("1.2.0").notes == ()
    assert passed_by.tags == {"latest": "1.2.0", "release-0.9": "0.9.0"}


def test_a_rerun_of_the_version_that_a_slow_run_passed_by(passed_by: Publisher) -> None:
    """Who runs 1.1.0 again asks for its tag by name: it is moved up, and there is nothing to note."""
    again = passed_by.publish("1.1.0")
    assert (again.status, again.notes) == (Status.ALREADY, ())
    assert passed_by.tags == {"latest": "1.1.0"}


def test_a_line_under_another_tag_takes_no_latest(publisher: Publisher) -> None:
    """2.0.0 was never anybody's latest: that its tag went on to 2.1.0 doesn't make it so, however 1.0.x goes on."""
    publisher.publish("1.0.0")
    for version in ("2.0.0", "2.1.0"):
        publisher.publish(version, dist_tag="next")
    for version in ("1.0.1", "1.0.1", "1.0.2"):
        publisher.publish(version)
        assert publisher.tags == {"latest": version, "next": "2.1.0"}


def test_a_deprecated_version_is_put_up_by_no_rerun(publisher: Publisher) -> None:
    """Who puts latest back and deprecates the bad 2.0.0 may run its job again: that moves nothing, and says why."""
    for version in ("1.9.0", "2.0.0"):
        publisher.publish(version)
    with publisher.session() as session:
        assert session.dist_tag(publisher.name, "1.9.0", "latest").code == 0
        assert session._run("deprecate", f"{publisher.name}@2.0.0", "broken").code == 0
    for dry_run in (True, False):
        again = publisher.publish("2.0.0", dry_run=dry_run)
        assert again.status is Status.ALREADY
        (note,) = (note for note in again.notes if "is deprecated" in note)
        assert note.startswith(f"{publisher.name} 2.0.0 is deprecated, so the tag latest was not moved up to it.")
        assert note.endswith(f"run `npm dist-tag add {publisher.name}@2.0.0 latest`.")
    assert publisher.tags == {"latest": "1.9.0"}


def test_a_persons_rollback_stays(publisher: Publisher) -> None:
    """Who puts `latest` back from a bad 2.0.0 finds it on the good line after every version of that line."""
    for version in ("1.9.0", "2.0.0"):
        publisher.publish(version)
    with publisher.session() as session:
        assert session.dist_tag(publisher.name, "1.9.0", "latest").code == 0
    for version in ("1.9.1", "1.9.2", "1.9.2"):
        publisher.publish(version)
        assert publisher.tags == {"latest": version}


def test_tags_are_put_right_after_a_lost_answer_too(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry shows 1.0.0 and does not serve its file in time: unknown, and `latest` is at 1.1.0 all the same."""
    publisher.publish("0.9.0")
    send = NpmSession.publish

    def late(session: NpmSession, tarball: Path, **how: str) -> Finished:
        monkeypatch.setattr(NpmSession, "publish", send)
        publisher.publish("1.1.0")
        publisher.local.fault("npm", "GET", f"/{publisher.name}/-/*", Fault("status", status=404))
        return send(session, tarball, **how)

    monkeypatch.setattr(NpmSession, "publish", late)
    result = publisher.publish("1.0.0", wait_seconds=0.3)
    assert result.status is Status.UNKNOWN
    assert "does not serve it" in str(result.failure)
    assert publisher.tags == {"latest": "1.1.0", "release-1.0": "1.0.0"}


def both(publisher: Publisher, monkeypatch: pytest.MonkeyPatch, *texts: str) -> list[Result | ChittyError]:
    """Two publishes of 1.0.0 that have both looked before either sends."""
    together = Barrier(2)
    send = NpmSession.publish

    def at_once(session: NpmSession, tarball: Path, **how: str) -> Finished:
        together.wait(30)
        return send(session, tarball, **how)

    def one(text: str) -> Result | ChittyError:
        try:
            return publisher.publish("1.0.0", text)
        except ChittyError as error:
            return error

    monkeypatch.setattr(NpmSession, "publish", at_once)
    with ThreadPoolExecutor() as pool:
        return list(pool.map(one, texts))


def test_two_runs_of_one_version(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """One publishes, the other finds its own bytes there."""
    results = both(publisher, monkeypatch, "same", "same")
    statuses = sorted(result.status.value if isinstance(result, Result) else str(result) for result in results)
    assert statuses == ["already", "published"]
    assert (publisher.versions, publisher.tags) == (["1.0.0"], {"latest": "1.0.0"})


def test_two_runs_of_one_version_with_other_bytes(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """One publishes, the other fails and shows both integrities."""
    results = both(publisher, monkeypatch, "one", "other")
    errors = [result for result in results if isinstance(result, ConfigError)]
    assert [r.status for r in results if isinstance(r, Result)] == [Status.PUBLISHED], results
    for text in ("one", "other"):
        assert publisher.release("1.0.0", text).integrity in errors[0].why
