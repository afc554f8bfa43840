"""Carries out by npm what npm_tags decides: tags put up, and notes where none is moved. Tries a call of npm again."""

from __future__ import annotations

from collections.abc import Mapping

from chittyactions.errors import ChittyError, CredentialError, ServiceError
from chittyactions.http import Deadline, backoff
from chittyactions.publish import npm_tags
from chittyactions.publish.model import Result, Say, Status
from chittyactions.publish.npm_cli import NpmSession
from chittyactions.publish.npm_identity import Identity
from chittyactions.publish.npm_registry import Packument, Registry
from chittyactions.publish.npm_said import Said, explain, said
from chittyactions.publish.npm_wish import Wish

TRIES = 4
"""Of one call of npm, as long as its failure is one that passes."""

ROUNDS = 4
"""Of putting tags right, while others move them too."""


class Tagger:
    """Moves the tags of packages of one registry, within the deadline."""

    def __init__(self, registry: Registry, identity: Identity, deadline: Deadline, say: Say) -> None:
        self._registry = registry
        self._identity = identity
        self._deadline = deadline
        self._say = say

    def doubts(self, wish: Wish, before: Packument, result: Result) -> list[str]:
        """A note where an earlier run may have left `latest` too low. It is left there: a person may mean it."""
        latest = before.tags.get("latest", "")
        now = npm_tags.read(next((held.after for held in result.pointers if held.name == "latest"), latest))
        passed = npm_tags.passed_by(before)
        if not passed or now is None or not npm_tags.above(str(passed[-1]), now):
            return []
        try:
            lost = npm_tags.lost_by(before, self._registry.times(wish.name))
        except (CredentialError, ServiceError) as error:
            return [f"When the versions of {wish.name} came out could not be read: {error.what}"]
        if not lost or not npm_tags.above(lost, now):
            return []
        why = f"latest led to {latest} before this run, and {lost} came out shortly before {latest}"
        command = f"`npm dist-tag add {wish.name}@{lost} latest`"
        return [f"{why}: a run that was ended early may have left it so. If it is not meant, run {command}."]

    def settled(
        self, session: NpmSession, status: Status, wish: Wish, tag: str, before: Packument, now: Packument
    ) -> Result:
        """Put the tags right that others, or this publish among others, have moved."""
        notes: list[str] = []
        failure: ChittyError | None = None
        for _ in range(ROUNDS):
            changes = npm_tags.moves(wish.version, tag, wish.tag, before, now)
            if not changes or notes or failure:
                break
            failure = self._move(session, wish, changes, notes)
            now = self.look(wish, now, notes)
        if other := npm_tags.unclear(tag, wish.tag, before, now):
            why = f"{other} came out during this run, perhaps under another tag, so {tag} was not moved up to it"
            notes.append(f"{why}. If it should be, run `npm dist-tag add {wish.name}@{other} {tag}`.")
        return result_of(Status.FAILED if failure else status, wish, before, now, notes, failure)

    def repaired(self, session: NpmSession, wish: Wish, before: Packument, changes: Mapping[str, str]) -> Result:
        """Put tags up to a version that was out before."""
        notes: list[str] = []
        failure = self._move(session, wish, changes, notes)
        now = self.look(wish, before, notes)
        return result_of(Status.FAILED if failure else Status.ALREADY, wish, before, now, notes, failure)

    def look(self, wish: Wish, last: Packument, notes: list[str]) -> Packument:
        """The package as it is now; as it was `last`, with a note, when the registry does not tell."""
        try:
            return self._registry.packument(wish.name) or last
        except ServiceError as failure:
            notes.append(f"Where the tags of {wish.name} lead now could not be read: {failure.what}")
            return last

    def _move(
        self, session: NpmSession, wish: Wish, changes: Mapping[str, str], notes: list[str]
    ) -> ChittyError | None:
        """Move tags up by npm. A refusal of trusted publishing is a note with what to run; else it is returned."""
        for tag, target in changes.items():
            what = f"move the tag {tag} of {wish.name} up to {target}"
            self._say(what[:1].upper() + what[1:])
            for attempt in range(1, TRIES + 1):
                done = session.dist_tag(wish.name, target, tag)
                if not done.code or self.look(wish, Packument(), []).tags.get(tag) == target:
                    break
                failure = said(done)
                if again(failure, what, attempt, self._deadline, self._say):
                    continue
                if self._identity.token:
                    return explain(failure, what, name=wish.name, identity=None)
                notes.append(
                    f"npm could not {what} by trusted publishing; run "
                    f"`npm dist-tag add {wish.name}@{target} {tag}` with an account that may."
                )
                break
        return None


def again(failure: Said, what: str, attempt: int, deadline: Deadline, say: Say) -> bool:
    """Whether to try once more, after a while."""
    wait = backoff(attempt + 1)
    if not failure.passing or attempt == TRIES or wait >= deadline.remaining:
        return False
    say(f"npm could not {what} ({failure.code}). Trying again in {wait:.1f} s ({attempt} of {TRIES} made)")
    deadline.pause(wait)
    return True


def repairs(wish: Wish, before: Packument) -> tuple[dict[str, str], list[str]]:
    """Tags to be moved up to a version that is out already, and why they are not."""
    changes = npm_tags.repairs(wish.version, wish.tag, before.tags)
    if not changes or not before.versions[wish.number].deprecated:
        return changes, []
    (tag,) = changes
    why = f"{wish} is deprecated, so the tag {tag} was not moved up to it"
    return {}, [f"{why}. If it should be, run `npm dist-tag add {wish.name}@{wish.number} {tag}`."]


def result_of(
    status: Status, wish: Wish, before: Packument, now: Packument,
    notes: list[str] | None = None, failure: ChittyError | None = None,
) -> Result:  # fmt: skip
    """What became of the package, with where it is and where its tags lead."""
    held = now.versions.get(wish.number)
    return Result(
        "npm", status, urls=(held.tarball,) if held else (), notes=tuple(notes or ()), failure=failure,
        pointers=npm_tags.pointers(wish.version, before, now),
    )  # fmt: skip
