"""Change which versions serve, and only when what serves is still what this run made or found."""

from __future__ import annotations

import time
from collections.abc import Callable

from chittyactions.deploy.journal import Journal
from chittyactions.deploy.strategy import percent
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.ecosystem.cloudflare_answers import Deployment, Share
from chittyactions.errors import AnswerLost, BadAnswer, ChittyError, Refused, Superseded
from chittyactions.http import backoff

TRIES = 3
"""Times that a change of traffic is sent, when it is known that the one before had no effect."""

LOOKS = 4
"""Times that the deployments are read until a change shows."""

Split = tuple[Share, ...]


def whole(version_id: str) -> Split:
    """All traffic to one version."""
    return (Share(version_id=version_id, percentage=100),)


def shared(version_id: str, percentage: float, rest: str) -> Split:
    """`percentage` to one version and the rest to another; 0 % keeps it in reach of the override header."""
    if percentage >= 100:
        return whole(version_id)
    return (
        Share(version_id=version_id, percentage=percentage),
        Share(version_id=rest, percentage=100 - percentage),
    )


def same(one: Split, other: Split) -> bool:
    """Whether two splits give the same traffic to the same versions."""
    return _parts(one) == _parts(other)


def described(split: Split) -> str:
    """`1111… 100 %`, or `1111… 10 % + 2222… 90 %`."""
    return " + ".join(f"{share.version_id} {percent(share.percentage)}" for share in split) or "nothing"


def _parts(split: Split) -> dict[str, float]:
    return {share.version_id: share.percentage for share in split}


class Traffic:
    """The traffic of one Worker. Each change is journalled before it is sent and looked at after.

    `journal.entry` has to be begun. `expected` is the id of the deployment that serves as far as this run knows.
    """

    def __init__(
        self,
        api: Cloudflare,
        journal: Journal,
        *,
        say: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        assert journal.entry is not None
        self._api = api
        self._journal = journal
        self._say = say
        self._sleep = sleep
        self.script = journal.entry.script
        self._mark = journal.entry.mark
        self._steps = 0
        self.captured = journal.entry.captured
        self.given: Split = self.captured.versions
        """What this run gave the traffic to last."""
        self.found: Split | None = None
        """What serves of somebody else's, once that was seen."""
        self.expected = (journal.entry.made or (self.captured.id,))[-1]

    @property
    def changed(self) -> bool:
        """Whether a change was sent, or may have been."""
        assert self._journal.entry is not None
        return bool(self._journal.entry.made) or self._journal.entry.pending

    def give(self, split: Split, why: str) -> None:
        """Make `split` what serves. `why` goes into the deployment's message. Raises Superseded, ServiceError."""
        self._check(self._newest())
        self._send(split, why, restore=False)

    def hold(self) -> None:
        """Look that what this run gave serves still; changes nothing. Raises Superseded."""
        self._check(self._newest())

    def restore(self) -> bool:
        """Make exactly the captured split what serves. False: it does so already, nothing was sent.

        Raises Superseded when somebody else's deployment serves by now: that one stays.
        """
        assert self._journal.entry is not None
        newest = self._newest()
        if same(newest.versions, self.captured.versions) and not self._journal.entry.pending:
            return False  # a pending change may still come into effect, so that one is outdone
        if newest.id != self.captured.id and not self._ours(newest):
            raise self._superseded(newest)
        self.expected = newest.id
        self._send(self.captured.versions, "restore what served before", restore=True)
        return True

    def _send(self, split: Split, why: str, *, restore: bool) -> None:
        self._steps += 1
        step = f"{self._mark}/{self._steps}"
        message = f"{step}: {why}"
        for attempt in range(1, TRIES + 1):
            self._journal.note(pending=True)
            failure = self._try(split, message, restore)
            newest = self._look(step)
            if step in newest.message:  # also when the answer was lost
                self._note(newest.id)
                self.given = split
                return
            self._check(newest)
            self._journal.note(pending=False)
            if failure is None:
                raise BadAnswer(
                    "Cloudflare accepted a change of traffic and does not show it.",
                    service="Cloudflare's API",
                    why=f"Its newest deployment is still {newest.id}.",
                    fix="Look with `wrangler deployments list` at what serves, then run again.",
                )
            if attempt == TRIES or not _may_pass(failure):
                raise failure
            wait = backoff(attempt)
            self._say(f"{failure.what} It had no effect; trying again in {wait:.1f} s.")
            self._sleep(wait)

    def _try(self, split: Split, message: str, restore: bool) -> ChittyError | None:
        try:
            self._api.deploy(self.script, split, message, restore=restore)
        except (AnswerLost, BadAnswer, Refused) as failure:
            return failure
        return None

    def _look(self, step: str) -> Deployment:
        """The newest deployment, read again until it is the one of `step` or reading was enough."""
        newest = self._newest()
        for look in range(1, LOOKS):
            if step in newest.message or newest.id != self.expected:
                break
            self._sleep(0.2 * look)
            newest = self._newest()
        return newest

    def _note(self, deployment_id: str) -> None:
        assert self._journal.entry is not None
        self.expected = deployment_id
        self._journal.note(made=(*self._journal.entry.made, deployment_id), pending=False)

    def _newest(self) -> Deployment:
        deployments = self._api.deployments(self.script)
        if not deployments:
            self.found = ()
            raise Superseded(
                f"The Worker {self.script} is gone.",
                why="It was there when this run began; somebody deleted it meanwhile.",
                fix="Run again if it should be there.",
            )
        return deployments[0]

    def _ours(self, deployment: Deployment) -> bool:
        assert self._journal.entry is not None
        return deployment.id in self._journal.entry.made or f"{self._mark}/" in deployment.message

    def _check(self, newest: Deployment) -> None:
        if newest.id != self.expected:
            raise self._superseded(newest)

    def _superseded(self, newest: Deployment) -> Superseded:
        self.found = newest.versions
        author = f" by {newest.author_email}" if newest.author_email else ""
        return Superseded(
            f"Somebody else deployed {self.script} meanwhile, so this run stopped and changed nothing more.",
            why=(
                f"What serves is deployment {newest.id}{author} of {newest.created_on or 'just now'} "
                f"({described(newest.versions)}), not the one that this run made or found ({self.expected})."
            ),
            fix="Check that the other deploy is the one you want, or run this one again.",
            docs="worker-deploy.md#concurrency",
        )


def _may_pass(failure: ChittyError) -> bool:
    return not isinstance(failure, Refused) or failure.status >= 500 or failure.status in (408, 429)
