"""The npm channel: a package out exactly once, under tags that only move up, and seen to be served.

```
look (packument) ─ same bytes there ──────────────────────────┐
      │ other bytes: refused                                  ├─ tags put up ─ looked at again
      └ not there: npm publish ─ failed? look again ─ served? ┘
```
What npm says is never taken for what became of it: it exits with 0 on a proxy's page, and with 1 on an answer that was
lost after the effect. The registry is asked.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from semver import Version

from chittyactions.errors import AnswerLost, ArtifactError, ChittyError, ConfigError, ServiceError
from chittyactions.http import Client, backoff
from chittyactions.publish import npm_tags
from chittyactions.publish.model import Release, Result, Say, Status
from chittyactions.publish.npm_cli import SECONDS, NpmCli, NpmSession
from chittyactions.publish.npm_identity import Identity
from chittyactions.publish.npm_registry import Bytes, Packument, Registry
from chittyactions.publish.npm_said import PAGE, SERVICE, explain, said
from chittyactions.publish.package_json import PackageJson, judge_package

TRIES = 4
"""Of one publish, as long as its failure is one that passes."""

CONFLICT_SECONDS = 30.0
"""For a version that the registry says is there to be seen there."""

ROUNDS = 4
"""Of putting tags right, while others move them too."""


@dataclass(frozen=True)
class _Wish:
    """A release as npm has it: `version` is without build metadata, which npm drops; `tag` is the one asked for."""

    package: PackageJson
    version: Version
    integrity: str
    shasum: str
    tag: str
    access: str

    @property
    def number(self) -> str:
        """The version as the registry writes it."""
        return str(self.version)

    def __str__(self) -> str:
        return f"{self.package.name} {self.version}"


class NpmChannel:
    """Publishes to one registry.

    Args:
        client: for reading the registry.
        registry: from `npm_registry_url`.
        token: "" for trusted publishing, by the id token of `environ`.
        dist_tag: a name, or `auto`; access: `public`, `restricted` or ""; provenance: `true`, `false` or `auto`.
        temp: RUNNER_TEMP.
        wait_seconds: for the registry to serve what was sent. call_seconds: for one call of npm.
    """

    def __init__(
        self, cli: NpmCli, client: Client, *, registry: str, token: str = "", dist_tag: str = "auto",
        access: str = "", provenance: str = "auto", environ: Mapping[str, str], temp: Path, say: Say,
        redact: Callable[[str], str] = lambda text: text, wait_seconds: float = 300.0, call_seconds: float = SECONDS,
    ) -> None:  # fmt: skip
        self._cli = cli
        self._client = client
        self._url = registry
        self._registry = Registry(client, registry, token)
        self._identity = Identity(token, provenance, environ)
        self._dist_tag = dist_tag or "auto"
        self._access = access
        self._environ = environ
        self._temp = temp
        self._say = say
        self._redact = redact
        self._wait_seconds = wait_seconds
        self._call_seconds = call_seconds

    def publish(self, release: Release, *, dry_run: bool) -> Result:
        """Put `release` out. Raises ChittyError when nothing is known to be out; else the result has the failure."""
        wish = self._wish(release)
        before = self._registry.packument(wish.package.name) or Packument()
        there = self._same(before, wish)
        if dry_run:
            return self._dry(wish, before, there=there)
        if there:
            changes = npm_tags.repairs(wish.version, wish.tag, before.tags)
            if not changes:
                return self._result(Status.ALREADY, wish, before, before)
        self._identity.check(wish.package.name, exists=bool(before.versions))
        provenance = self._identity.provenance(
            self._cli, self._url, wish.package, wish.access, exists=bool(before.versions)
        )
        with NpmSession(
            self._cli, registry=self._url, scope=wish.package.scope, token=self._identity.token, provenance=provenance,
            environ=self._environ, temp=self._temp, redact=self._redact, seconds=self._call_seconds,
        ) as session:  # fmt: skip
            if there:
                return self._repaired(session, wish, before, changes)
            return self._published(session, release, wish, before)

    # -- before ------------------------------------------------------------------------------------------------

    def _wish(self, release: Release) -> _Wish:
        if release.ecosystem != "npm":
            raise ConfigError(
                f"{release.name} is no npm package.",
                why=f"The release was built from a {release.ecosystem} project.",
                fix="Set publish_npm: false.",
                docs=f"{PAGE}#other-ecosystems",
            )
        path, version = release.tarball.path, release.version.replace(build=None)
        package = judge_package(path, name=release.name, version=str(release.version), registry_url=self._url)
        integrity, shasum = _hashes(path)
        if integrity != release.integrity:
            raise ArtifactError(
                f"{release.tarball.name} is not the file that was built.",
                why=f"Its integrity is {integrity}; the release says {release.integrity}.",
                fix="Run the workflow again; if it comes back, look at what else runs on this machine.",
                docs=f"{PAGE}#artifact",
            )
        config = package.publish_config
        wanted = self._dist_tag if self._dist_tag != "auto" else str(config.get("tag") or "auto")
        if wanted == "latest" and self._dist_tag == "auto" and version.prerelease:
            wanted = "auto"  # the package's default is for its stable versions
        access = self._access or str(config.get("access") or "")
        return _Wish(package, version, integrity, shasum, wanted, access)

    def _same(self, packument: Packument, wish: _Wish) -> bool:
        """Whether the version is there with these bytes. Raises ConfigError when it is there with others."""
        held = packument.versions.get(wish.number)
        if held is None:
            return False
        if wish.integrity in held.integrity.split() or (not held.integrity and held.shasum == wish.shasum):
            return True
        raise _other_bytes(wish, held)

    def _dry(self, wish: _Wish, before: Packument, *, there: bool) -> Result:
        if there:
            changes = npm_tags.repairs(wish.version, wish.tag, before.tags)
            notes = [f"{wish} is out already."]
            notes += [f"The tag {tag} would be moved up to {target}." for tag, target in changes.items()]
        else:
            tag = npm_tags.choose(wish.version, wish.tag, before.tags)
            notes = [f"{wish} would be published to {self._url} under the tag {tag}."]
        return Result("npm", Status.SKIPPED, notes=tuple(notes))

    # -- publishing --------------------------------------------------------------------------------------------

    def _published(self, session: NpmSession, release: Release, wish: _Wish, before: Packument) -> Result:
        tag = npm_tags.choose(wish.version, wish.tag, before.tags)
        tarball = session.folder / "package.tgz"
        tarball.write_bytes(release.tarball.path.read_bytes())
        if _hashes(tarball)[0] != wish.integrity:
            raise ArtifactError(f"{release.tarball.name} changed while it was read.", fix="Run the workflow again.")
        self._say(f"Publishing {wish} under the tag {tag}")
        try:
            status = self._send(session, tarball, wish, tag)
            now = self._served(wish, release.tarball.size)
        except AnswerLost as failure:
            return Result("npm", Status.UNKNOWN, failure=failure)
        return self._settle(session, status, wish, tag, before, now)

    def _send(self, session: NpmSession, tarball: Path, wish: _Wish, tag: str) -> Status:
        """Publish, again where that may help. PUBLISHED, or ALREADY when somebody else was faster with these bytes."""
        lost = False
        what = f"publish {wish}"
        for attempt in range(1, TRIES + 1):
            done = session.publish(tarball, tag=tag, access=wish.access)
            if done.code == 0:
                return Status.PUBLISHED
            failure = said(done)
            lost = lost or failure.lost
            look = CONFLICT_SECONDS if failure.taken_for_sure else 0.0
            if (failure.taken or failure.passing) and self._appeared(wish, look):
                if lost:
                    self._say(f"The answer was lost; the registry has {wish} with these bytes")
                return Status.PUBLISHED if lost else Status.ALREADY
            wait = backoff(attempt + 1)
            if not failure.passing or attempt == TRIES or wait >= self._client.deadline.remaining:
                error = explain(
                    failure, what, name=wish.package.name,
                    identity=self._identity.refused(wish.package.name, failure),
                )  # fmt: skip
                raise _unknown(wish, error) if failure.lost else error
            self._say(
                f"npm could not {what} ({failure.code}). Trying again in {wait:.1f} s ({attempt} of {TRIES} made)"
            )
            self._client.deadline.pause(wait)
        raise AssertionError("the loop returns or raises")

    def _appeared(self, wish: _Wish, seconds: float) -> bool:
        """Whether the registry has these bytes, looked for `seconds`. Raises ConfigError where it has others."""
        deadline = self._client.deadline.within(seconds)
        while True:
            packument = self._registry.packument(wish.package.name)
            if packument and self._same(packument, wish):
                return True
            if deadline.remaining <= 0:
                return False
            deadline.pause(1.0)

    def _served(self, wish: _Wish, size: int) -> Packument:
        """The packument that has the version, once its bytes are served too. Raises AnswerLost at the deadline."""
        deadline = self._client.deadline.within(self._wait_seconds)
        pause, seen, told = 0.1, "it does not know the version", deadline.remaining
        while True:
            try:
                packument = self._registry.packument(wish.package.name)
                if packument and self._same(packument, wish):
                    seen = "its address does not answer"
                    got = self._registry.sha512(packument.versions[wish.number].tarball, size + 1)
                    if got == wish.integrity:
                        return packument
                    seen = f"its address serves {got}" if got else seen
            except ServiceError as failure:
                seen = failure.what.rstrip(".")
            if deadline.remaining <= 0:
                raise _not_served(wish, seen, self._wait_seconds)
            if told - deadline.remaining > 10:
                told = deadline.remaining
                self._say(f"Waiting for {SERVICE} to serve {wish}: {seen}")
            deadline.pause(pause)
            pause = min(5.0, pause * 2)

    # -- tags --------------------------------------------------------------------------------------------------

    def _settle(
        self, session: NpmSession, status: Status, wish: _Wish, tag: str, before: Packument, now: Packument
    ) -> Result:
        """Put the tags right that others, or this publish among others, have moved."""
        notes: list[str] = []
        for _ in range(ROUNDS):
            changes = npm_tags.moves(wish.version, tag, wish.tag, before, now)
            if not changes:
                break
            failure = self._move(session, wish, changes, notes)
            if failure:
                return self._result(Status.FAILED, wish, before, now, notes=notes, failure=failure)
            if notes:
                break
            now = self._registry.packument(wish.package.name) or now
        return self._result(status, wish, before, now, notes=notes)

    def _repaired(self, session: NpmSession, wish: _Wish, before: Packument, changes: Mapping[str, str]) -> Result:
        notes: list[str] = []
        failure = self._move(session, wish, changes, notes)
        now = self._registry.packument(wish.package.name) or before
        status = Status.FAILED if failure else Status.ALREADY
        return self._result(status, wish, before, now, notes=notes, failure=failure)

    def _move(
        self, session: NpmSession, wish: _Wish, changes: Mapping[str, str], notes: list[str]
    ) -> ChittyError | None:
        """Move tags up by npm. By trusted publishing a refusal is a note with what to run, else it is returned."""
        name = wish.package.name
        for tag, target in changes.items():
            self._say(f"Moving the tag {tag} up to {target}")
            for attempt in range(1, TRIES + 1):
                done = session.dist_tag(name, target, tag)
                now = self._registry.packument(name) if done.code else None
                if not done.code or (now and now.tags.get(tag) == target):
                    break
                failure = said(done)
                if failure.passing and attempt < TRIES:
                    self._client.deadline.pause(backoff(attempt + 1))
                    continue
                if not self._identity.token:
                    notes.append(
                        f"The tag {tag} could not be moved to {target} by trusted publishing; run "
                        f"`npm dist-tag add {name}@{target} {tag}` with an account that may."
                    )
                    break
                return explain(failure, f"move the tag {tag} of {name} to {target}", name=name, identity=None)
        return None

    # -- afterwards --------------------------------------------------------------------------------------------

    def _result(
        self, status: Status, wish: _Wish, before: Packument, now: Packument, *,
        notes: list[str] | None = None, failure: ChittyError | None = None,
    ) -> Result:  # fmt: skip
        held = now.versions.get(wish.number)
        return Result(
            "npm", status, urls=(held.tarball,) if held else (), pointers=npm_tags.pointers(wish.version, before, now),
            notes=tuple(notes or ()), failure=failure,
        )  # fmt: skip


def _hashes(path: Path) -> tuple[str, str]:
    """(integrity, SHA-1 in hex) of a file."""
    sha512, sha1 = hashlib.sha512(), hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            sha512.update(piece)
            sha1.update(piece)
    return "sha512-" + base64.b64encode(sha512.digest()).decode(), sha1.hexdigest()


def _other_bytes(wish: _Wish, held: Bytes) -> ConfigError:
    return ConfigError(
        f"{wish} is out already, with other bytes.",
        why=f"The registry has {held.integrity or 'SHA-1 ' + held.shasum}; this build has {wish.integrity}. "
        "A version never changes, so nothing was sent.",
        fix="Raise the version in package.json. If nothing was to change, the build does not make equal bytes of "
        "equal sources: look for times and paths in what it writes.",
        docs=f"{PAGE}#version-exists",
    )


def _unknown(wish: _Wish, error: ChittyError) -> AnswerLost:
    return AnswerLost(
        f"Whether {wish} was published is unknown.",
        service=SERVICE,
        why=f"{error.what} {error.why} The registry does not show it so far.",
        fix="Run again: what is out is found and left as it is.",
        docs=f"{PAGE}#unknown",
    )


def _not_served(wish: _Wish, seen: str, seconds: float) -> AnswerLost:
    return AnswerLost(
        f"npm published {wish}, and the registry does not serve it after {seconds:g} s: {seen}.",
        service=SERVICE,
        why="The registry is slow to show it, or something in between answered in its place.",
        fix="Run again in a while: what is out is found and left as it is.",
        docs=f"{PAGE}#unknown",
    )
