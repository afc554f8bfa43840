"""One service's pull request: its repository fetched, judged, mended as `chittyops check --fix` would, and proposed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from chittyactions.compliance.checkout import open_checkout
from chittyactions.compliance.claims import asked, connect_claim
from chittyactions.compliance.fixing.plan import Plan, plan_fixes
from chittyactions.compliance.fixing.values import known_values
from chittyactions.compliance.fixing.write import write
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.remediation.once import in_doubt
from chittyactions.compliance.remediation.pace import LimitReached, Pace
from chittyactions.compliance.remediation.pull_text import (
    BRANCH,
    NOTHING_LEFT,
    PASSES,
    Tip,
    body_of,
    ended,
    fixes_of,
    message_of,
    title_of,
)
from chittyactions.compliance.remediation.pulls import Move, Neighbours, Owners, Step, step
from chittyactions.compliance.remediation.run import Row
from chittyactions.compliance.remediation.wanted import State, Wanted
from chittyactions.compliance.repository import Observed, Repository
from chittyactions.ecosystem.git_alone import quiet
from chittyactions.ecosystem.git_fetch import fetch_commit
from chittyactions.ecosystem.git_push import CONFIG, git, push
from chittyactions.ecosystem.github import GitHub
from chittyactions.ecosystem.github_contents import Contents
from chittyactions.ecosystem.github_pulls import PullRequest, PullRequests
from chittyactions.ecosystem.github_wire import SERVICE
from chittyactions.entries.checking import Examined, Inquiry, examine
from chittyactions.entries.fixing import CODEOWNERS
from chittyactions.entries.hub import Hub
from chittyactions.errors import Refused, ServiceError

LARGEST = 100 * 1024 * 1024
"""Bytes of a file: GitHub takes no larger one."""
STILL = "1970-01-01"
"""A date for what has one, so that another day is no other change."""


@dataclass(frozen=True)
class Laid:
    """A repository's files in a folder, as of a commit of its default branch `base`."""

    folder: Path
    base: str
    commit: str


@dataclass(frozen=True)
class Proposal:
    """What would be written to a repository. `fixes` is its digest, "" for nothing."""

    laid: Laid
    plan: Plan
    fixes: str
    owners: Owners

    @property
    def body(self) -> str:
        """The pull request's text."""
        return body_of(self.plan.changes, self.plan.left, self.fixes)


class PullKeeper:
    """Keeps the pull request of one service on its branch. Methods raise ChittyError."""

    def __init__(self, hub: Hub, pace: Pace, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._hub = hub
        self._pace = pace
        self._environ = environ
        self._say = say

    def keep(self, aim: Wanted, neighbours: Neighbours, *, rehearse: bool) -> Row:
        """Bring branch and pull request to what they should be. With `rehearse` GitHub is only read."""
        repository, branch = aim.repository, BRANCH
        client, base_url = self._hub.client(repository), self._hub.base_url
        pulls = PullRequests(client, repository=repository, token="", base_url=base_url)
        contents = Contents(client, repository=repository, token="", base_url=base_url)
        me, there = self._hub.login(repository), pulls.of(branch)
        if aim.state is State.WELL and not any(one.state == "open" for one in there):
            return _row(aim, Step(Move.KEEP, "passes, and has no pull request"), None)
        with tempfile.TemporaryDirectory(prefix="chittyops-") as folder:
            if aim.state is State.FAILS or not neighbours.alone:
                laid = self._laid_out(repository, contents, Path(folder) / "work")
                if why := neighbours.why_not(aim.service.name, _named_by(laid.folder)):
                    return _row(aim, Step(Move.LEAVE, why), None)
            tip = self._tip(contents, repository, branch, Path(folder) / "tip")
            proposal = None if aim.state is State.WELL else self._proposal(aim, laid)
            wanted = (proposal.fixes, proposal.body) if proposal else ("", "")
            found = step(*wanted, there, tip, me, proposal.owners if proposal else Owners.KNOWN)
            if found.move is Move.CREATE and proposal and tip and not found.pushes:
                found = replace(found, pushes=self._has(repository, proposal.laid.base, tip))
            if rehearse:
                return replace(_row(aim, found, found.pull), steps=found.changes)
            if found.pushes and proposal:
                commit = self._committed(proposal, me)
                self._push(laid.folder, repository, branch, commit, tip.commit if tip else "")
            return _row(aim, found, self._told(found, proposal, pulls, aim, branch))

    def _told(
        self, found: Step, proposal: Proposal | None, pulls: PullRequests, aim: Wanted, branch: str
    ) -> PullRequest | None:
        if found.move is Move.CREATE and proposal:
            return self._open(pulls, aim, branch, proposal)
        if found.move is Move.EDIT and proposal and found.pull:
            return pulls.edit(found.pull.number, proposal.body)
        if found.move is Move.CLOSE and found.pull:
            why = PASSES if aim.state is State.WELL else NOTHING_LEFT
            return pulls.close(found.pull.number, ended(why))
        return found.pull

    def _open(self, pulls: PullRequests, aim: Wanted, branch: str, proposal: Proposal) -> PullRequest:
        try:
            title = title_of(aim.service.name)
            return pulls.open(branch=branch, base=proposal.laid.base, title=title, body=proposal.body)
        except ServiceError as failure:
            code = getattr(failure, "code", "")
            if code == "no commits":
                raise _without_commits(aim.repository, branch, proposal.laid.base) from None
            if code != "pull request exists" and not in_doubt(failure):
                raise
            opened = next((one for one in pulls.of(branch) if one.state == "open"), None)
            if opened is None:
                raise
            return opened

    # -- the repository ------------------------------------------------------------------------------------------------

    def _tip(self, contents: Contents, repository: str, branch: str, folder: Path) -> Tip | None:
        """The branch as it is, None where there is none."""
        commit = contents.head(branch)
        if commit is None:
            return None
        self._fetch(repository, commit, folder, largest=0)
        env = quiet(self._environ, {})
        shown = git(folder, ["cat-file", "commit", commit], env, what=f"{branch} of {repository} could not be read.")
        about, _, message = shown.partition("\n\n")
        return Tip(commit, about.split("\n", 1)[0].removeprefix("tree "), message)

    def _laid_out(self, repository: str, contents: Contents, folder: Path) -> Laid:
        """The newest commit of the default branch, in a folder."""
        base = contents.about().default_branch
        commit = contents.head(base) or ""
        folder.mkdir()
        self._fetch(repository, commit, folder / ".git", largest=LARGEST)
        (folder / ".git" / "config").write_text(CONFIG, "utf-8")
        what = f"{repository} could not be laid out on the disk."
        git(folder, ["checkout", "--quiet", "--detach", commit], quiet(self._environ, {}), what=what)
        return Laid(folder, base, commit)

    def _proposal(self, aim: Wanted, laid: Laid) -> Proposal:
        examined = _examined(aim, laid.folder, laid.base)
        owners, known = self._owners(examined, aim.repository)
        today = datetime.now(timezone.utc).date()
        registry = examined.assembled.registry
        values = known_values(examined.verdict, examined.repository, registry, owners=owners, today=today)
        plan = plan_fixes(examined.verdict, examined.repository, values)
        still = plan_fixes(examined.verdict, examined.repository, {**values, "DATE": STILL})
        return Proposal(laid, plan, fixes_of(still.changes), known)

    def _has(self, repository: str, base: str, tip: Tip) -> bool:
        """Whether a branch has the tip of ours in its history."""
        return self._github(repository).compare(base, tip.commit) in ("behind", "identical")

    def _github(self, repository: str) -> GitHub:
        client = self._hub.client(repository)
        return GitHub(client, repository=repository, token="", base_url=self._hub.base_url)

    def _owners(self, examined: Examined, repository: str) -> tuple[tuple[str, ...], Owners]:
        """Who is to stand in CODEOWNERS where it lacks, as GitHub tells. Raises LimitReached."""
        if not any(one.id == CODEOWNERS and one.outcome is Outcome.FAIL for one in examined.verdict.checks):
            return (), Owners.KNOWN
        try:
            return self._github(repository).owners(), Owners.KNOWN
        except LimitReached:
            raise
        except ServiceError as error:
            self._say(f"GitHub did not say who owns {repository}. {error.what}")
            untold = isinstance(error, Refused) and error.status in (403, 404) and not error.code
            return (), Owners.UNTOLD if untold else Owners.UNKNOWN

    def _committed(self, proposal: Proposal, me: str) -> str:
        """The commit that holds the changes; the branch it will be on is not touched."""
        folder, changes = proposal.laid.folder, proposal.plan.changes
        written, hindered = write(folder, changes)
        what = "The changes could not be committed."
        if hindered or len(written) != len(changes):
            raise ServiceError(what, service="git", why=f"{hindered[0].path}: {hindered[0].reason}.", fix="Run again.")
        who = {"user.name": me, "user.email": f"{me}@users.noreply.github.com", "commit.gpgSign": "false"}
        env = quiet(self._environ, who)
        git(folder, ["add", "--", *(one.path for one in changes)], env, what=what)
        tree = git(folder, ["write-tree"], env, what=what)
        message = message_of(changes, tree, proposal.fixes)
        return git(folder, ["commit-tree", tree, "-p", proposal.laid.commit, "-m", message], env, what=what)

    def _fetch(self, repository: str, commit: str, folder: Path, *, largest: int) -> None:
        token = self._hub.token(repository)
        fetch_commit(repository, commit, folder, token=token, environ=self._environ, largest=largest)

    def _push(self, folder: Path, repository: str, branch: str, commit: str, expected: str) -> None:
        self._pace.before_change()
        self._pace.changed()
        token = self._hub.token(repository)
        push(folder, repository, branch, commit, expected=expected, token=token, environ=self._environ)


def _without_commits(repository: str, branch: str, base: str) -> ServiceError:
    return ServiceError(
        f"GitHub opens no pull request of {branch} in {repository}.",
        service=SERVICE,
        why=f"The branch has nothing that {base} lacks: somebody merged it, or wrote it anew, meanwhile.",
        fix="Run again: what still lacks is proposed anew.",
        docs="remediation.md#pull-requests",
    )


def _examined(aim: Wanted, folder: Path, base: str) -> Examined:
    """The verdict on the files, with the service as the audit knows it."""
    one = aim.service
    inquiry = Inquiry(
        folder=folder,
        given=asked(one.name, one.type, one.tier, one.domain),
        config="",
        fail_on="",
        opted_in=True,
        slug=aim.repository,
        commit="",
        today=datetime.now(timezone.utc).date(),
    )
    return examine(inquiry, lambda _service, _assembled: Observed(default_branch=base))


def _named_by(folder: Path) -> str:
    """Which service the files at a repository's root are about, "" where they do not say."""
    claim = connect_claim(Repository(*open_checkout(folder)), [], bare=False)
    return claim.name if claim else ""


def _row(aim: Wanted, found: Step, pull: PullRequest | None) -> Row:
    acts = found.move in (Move.CREATE, Move.EDIT, Move.CLOSE)
    number, url = (pull.number, pull.html_url) if pull else (0, "")
    return Row(aim.service.key, aim.repository, found.move.value, found.why, number, url, acts=acts)


__all__ = ["PullKeeper"]
