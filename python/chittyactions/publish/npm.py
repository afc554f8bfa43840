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

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from chittyactions.errors import AnswerLost, ArtifactError, BadAnswer, ChittyError, CredentialError, ServiceError
from chittyactions.http import ONLY_ASKED, Client
from chittyactions.publish import npm_tags
from chittyactions.publish.model import Release, Result, Say, Status
from chittyactions.publish.npm_cli import SECONDS, NpmCli, NpmSession
from chittyactions.publish.npm_identity import Identity
from chittyactions.publish.npm_registry import Packument, Registry
from chittyactions.publish.npm_said import PAGE, SERVICE, Said, explain, said
from chittyactions.publish.npm_tagger import TRIES, Tagger, again, repairs, result_of
from chittyactions.publish.npm_unpack import check_unpacking
from chittyactions.publish.npm_wish import Wish, hashes, wish_for

CONFLICT_SECONDS = 120.0
"""For a version that the registry says is there to be seen there: what it shows may be some minutes old."""


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
        self._deadline = client.deadline
        self._registry = Registry(client, registry, token)
        self._identity = Identity(token, provenance, environ)
        self._dist_tag = dist_tag or "auto"
        self._access = access
        self._environ = environ
        self._temp = temp
        self._say = say
        self._tagger = Tagger(self._registry, self._identity, client.deadline, say)
        self._redact = redact
        self._wait_seconds = wait_seconds
        self._call_seconds = call_seconds

    def publish(self, release: Release, *, dry_run: bool) -> Result:
        """Put `release` out. Raises ChittyError when nothing is known to be out; else the result has the failure."""
        wish = wish_for(release, dist_tag=self._dist_tag, access=self._access, registry_url=self._registry.url)
        before = self._first_look(wish.name)
        there = wish.is_in(before)
        result = (
            self._rehearsed(wish, before, there=there) if dry_run else self._done(release, wish, before, there=there)
        )
        return replace(result, notes=(*result.notes, *self._tagger.doubts(wish, before, result)))

    def _done(self, release: Release, wish: Wish, before: Packument, *, there: bool) -> Result:
        url = self._registry.url
        changes, notes = repairs(wish, before) if there else ({}, [])
        if there and not changes:
            return result_of(Status.ALREADY, wish, before, before, notes)
        self._identity.check(wish.name, exists=bool(before.versions))
        provenance = self._identity.provenance(self._cli, url, wish.package, public=lambda: self._is_public(wish))
        with NpmSession(
            self._cli, registry=url, scope=wish.package.scope, token=self._identity.token, provenance=provenance,
            environ=self._environ, temp=self._temp, redact=self._redact, seconds=self._call_seconds,
        ) as session:  # fmt: skip
            if there:
                return self._tagger.repaired(session, wish, before, changes)
            return self._published(session, release, wish, before)

    def _first_look(self, name: str) -> Packument:
        """What is there before anything is sent, so that an answer which is lost leaves nothing unknown."""
        try:
            return self._registry.packument(name) or Packument()
        except (AnswerLost, BadAnswer) as lost:
            if isinstance(lost, BadAnswer) and not lost.status:
                raise
            raise ServiceError(
                lost.what,
                service=lost.service,
                why=lost.why if isinstance(lost, AnswerLost) else f"{lost.why} {ONLY_ASKED}".lstrip(),
                fix=lost.fix or "Run again when the registry is well.",
                docs=lost.docs or f"{PAGE}#other-registries",
            ) from None

    def _is_public(self, wish: Wish) -> bool:
        """Whether the package is there for anybody, or will be."""
        if wish.access or not wish.package.scope:
            return wish.access != "restricted"
        return self._registry.shows_to_anybody(wish.name)

    def _rehearsed(self, wish: Wish, before: Packument, *, there: bool) -> Result:
        changes: dict[str, str] = {}
        if there:
            changes, notes = repairs(wish, before)
            notes.insert(0, f"{wish} is out already.")
        else:
            tag = npm_tags.choose(wish.version, wish.tag, before.tags)
            notes = [f"{wish} would be published to {self._registry.url} under the tag {tag}."]
        notes += [f"The tag {tag} would be moved up to {target}." for tag, target in changes.items()]
        status = Status.ALREADY if there and not changes else Status.SKIPPED
        if status is Status.SKIPPED and (lacking := self._identity.lacking(wish.package, exists=bool(before.versions))):
            notes.append(f"A run that is not dry would fail: {lacking}")
        held = before.versions.get(wish.number)
        url = held.tarball if held else self._registry.address(wish.name, wish.number)
        return Result("npm", status, urls=(url,), notes=tuple(notes))

    # -- publishing --------------------------------------------------------------------------------------------

    def _published(self, session: NpmSession, release: Release, wish: Wish, before: Packument) -> Result:
        tag = npm_tags.choose(wish.version, wish.tag, before.tags)
        tarball = session.folder / "package.tgz"
        shutil.copyfile(release.tarball.path, tarball)
        if hashes(tarball)[0] != wish.integrity:
            raise ArtifactError(f"{release.tarball.name} changed while it was read.", fix="Run the workflow again.")
        check_unpacking(self._cli, tarball, environ=self._environ, temp=self._temp)
        self._say(f"Publishing {wish} under the tag {tag}")
        try:
            status = self._send(session, tarball, wish, tag)
            now = self._served(wish, release.tarball.size)
        except AnswerLost as failure:
            now = self._tagger.look(wish, Packument(), [])
            if wish.number not in now.versions:
                return Result("npm", Status.UNKNOWN, failure=failure)
            settled = self._tagger.settled(session, Status.UNKNOWN, wish, tag, before, now)
            return replace(settled, status=Status.UNKNOWN, failure=failure)
        return self._tagger.settled(session, status, wish, tag, before, now)

    def _send(self, session: NpmSession, tarball: Path, wish: Wish, tag: str) -> Status:
        """Publish, again where that may help. PUBLISHED, or ALREADY when somebody else was faster with these bytes.

        Raises AnswerLost when it may be out and the registry does not tell.
        """
        lost = False
        for attempt in range(1, TRIES + 1):
            done = session.publish(tarball, tag=tag, access=wish.access)
            if done.code == 0:
                return Status.PUBLISHED
            failure = said(done)
            lost = lost or failure.lost
            if self._appeared(wish, failure):
                if lost:
                    self._say(f"The answer was lost; the registry has {wish} with these bytes")
                return Status.PUBLISHED if lost else Status.ALREADY
            if not again(failure, f"publish {wish}", attempt, self._deadline, self._say):
                error = explain(
                    failure, f"publish {wish}", name=wish.name, identity=self._identity.refused(wish.name, failure)
                )
                raise _unknown(wish, error) if lost else error
        raise AssertionError("the loop returns or raises")

    def _appeared(self, wish: Wish, failure: Said) -> bool:
        """Whether the registry has these bytes after `failure`. Raises ConfigError where it has others.

        It is asked whatever npm says. A registry that says that the version is there is given a while to show it.
        """
        deadline = self._deadline.within(CONFLICT_SECONDS if failure.taken else 0.0)
        while True:
            try:
                packument = self._registry.packument(wish.name)
            except (CredentialError, ServiceError) as error:
                if not (failure.taken or failure.passing):
                    return False
                raise _unknown(wish, error) from None
            if packument and wish.is_in(packument):
                return True
            if deadline.remaining <= 0:
                return False
            self._say(f"{SERVICE} says that {wish} is there, and does not show it yet")
            deadline.pause(5.0)

    def _served(self, wish: Wish, size: int) -> Packument:
        """The packument that has the version, once its bytes are served too. Raises AnswerLost at the deadline."""
        deadline = self._deadline.within(self._wait_seconds)
        pause, seen, told = 0.1, "it does not know the version", deadline.remaining
        while True:
            try:
                packument = self._registry.packument(wish.name)
                if packument and wish.is_in(packument):
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


def _unknown(wish: Wish, error: ChittyError) -> AnswerLost:
    return AnswerLost(
        f"Whether {wish} was published is unknown.",
        service=SERVICE,
        why=f"{error.what} {error.why} The registry does not show it so far.",
        fix="Run again: what is out is found and left as it is.",
        docs=f"{PAGE}#unknown",
    )


def _not_served(wish: Wish, seen: str, seconds: float) -> AnswerLost:
    return AnswerLost(
        f"npm published {wish}, and the registry does not serve it after {seconds:g} s: {seen}.",
        service=SERVICE,
        why="The registry is slow to show it, or something in between answered in its place.",
        fix="Run again in a while: what is out is found and left as it is.",
        docs=f"{PAGE}#unknown",
    )
