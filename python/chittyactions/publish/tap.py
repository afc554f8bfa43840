"""A Homebrew tap: one formula of it read and changed, by a commit, a pull request, or the tap's own workflow.

Every change names the blob that it replaces, so that nobody's work is overwritten and sending one again is safe. Where
an answer is lost, the tap is read again: what it holds tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from semver import Version

from chittyactions.ecosystem.github_contents import Contents, Pull
from chittyactions.errors import AnswerLost, BadAnswer, Refused, ServiceError
from chittyactions.http import LOST
from chittyactions.publish.model import Say
from chittyactions.publish.tap_change import Changes, Edit, Found, Moved, New, Written, holds, in_doubt
from chittyactions.publish.tap_places import CASKS, place, stem_of
from chittyactions.publish.tap_refusals import explained

__all__ = ["Edit", "Found", "Moved", "New", "Tap", "Written"]

EVENT = "update-formula"
"""The repository_dispatch event that a tap's workflow listens to."""


class Tap:
    """The tap in a repository on GitHub.

    Methods raise ServiceError with the cause as far as GitHub tells it, AnswerLost where nobody can know.
    """

    def __init__(self, contents: Contents, *, say: Say = lambda _: None) -> None:
        self._contents = contents
        self._changes = Changes(contents, say)
        self._branch = ""

    @property
    def repository(self) -> str:
        """The tap's repository, `owner/name`."""
        return self._contents.repository

    def find(self, formula: str) -> Found | None:
        """The formula or cask of that name, or at that path when it ends in `.rb`; None when the tap has none.

        Raises FormulaError where Homebrew would not read it there.
        """
        return self._find(formula, self._default_branch)

    def place(self, formula: str) -> str:
        """Where `find` looks: the path at which the tap has it, or else is to have it."""
        return self._place(formula, self._default_branch)

    def commit(self, formula: str, edit: Edit, message: str) -> Written:
        """Bring the formula to what `edit` makes of it, by a commit on the default branch."""
        with self._explained():
            return self._changes.change(lambda: self.find(formula), edit, message, self._default_branch)

    def put(self, path: str, text: str, blob_sha: str, message: str) -> str:
        """Replace the text whose id is `blob_sha` ("": make the file) by one commit on the default branch.

        Returns the commit's page. Raises Moved when the tap has another text there.
        """
        with self._explained():
            return self._changes.put(New(path, text), blob_sha, message, self._default_branch)

    def propose(self, formula: str, edit: Edit, *, version: Version, title: str, body: str) -> Written:
        """Bring the formula to what `edit` makes of it, by a pull request from a branch of its own.

        An open pull request of this version is people's to work on: what `edit` leaves of its branch's text stays.
        Nothing is proposed while a higher version is, so that merging in the wrong order demotes nobody.
        """
        with self._explained():
            found = self.find(formula)
            new = edit(found)
            if new is None or holds(found, new):
                return Written("", changed=False)
            prefix = _prefix(new.path)
            branch = f"{prefix}{version}"
            with self._asking():
                pulls = self._contents.open_pulls()
            for other in pulls:
                proposed = other.head.ref.removeprefix(prefix)
                known = other.head.ref.startswith(prefix) and Version.is_valid(proposed)
                if known and Version.parse(proposed) > version:
                    return Written(other.html_url, changed=False, why=f"{proposed} is proposed already")
            pull = next((pull for pull in pulls if pull.head.ref == branch), None)
            if pull:
                revised = self._changes.change(
                    lambda: self._find(formula, branch), lambda there: edit(there) if there else new, title, branch
                )
                return Written(pull.html_url, changed=self._retold(pull, body) or revised.changed)
            self._bring_branch(branch, new, title)
            return Written(self._open(branch, title, body).html_url, changed=True)

    def dispatch(self, *, formula: str, version: str, sha256: str, url: str) -> None:
        """Tell the tap's own workflow of a release. It is told once: a lost answer stays open."""
        payload = {"formula": formula, "version": version, "sha256": sha256, "url": url}
        with self._explained():
            self._contents.dispatch(EVENT, payload)

    # -- branches and pull requests ------------------------------------------------------------------------------------

    def _bring_branch(self, branch: str, new: New, message: str) -> None:
        """Have `new` on a branch that grows from the tap.

        A branch without a pull request is one that was left behind: it begins anew, unless it is the very change that
        is wanted.
        """

        def there() -> Found | None:
            with self._asking():
                return self._changes.read(new.path, branch)

        with self._asking():
            base = self._contents.head(self._default_branch)
            if base is None:
                raise BadAnswer(f"{self.repository} has no branch {self._default_branch}.", service="GitHub's API")
            at = self._contents.head(branch)
            done = at is not None and holds(there(), new) and self._contents.compare(base, at) == "ahead"
        if at is None:
            self._begin(branch, base)
        elif not done:
            self._contents.reset_branch(branch, base)
        self._changes.change(there, lambda _: new, message, branch)

    def _retold(self, pull: Pull, body: str) -> bool:
        """Bring the text of a pull request up to date, where only the commit in it is another: the rest is ours."""
        if _plain(pull.body) == _plain(body) or _without_commits(pull.body) != _without_commits(body):
            return False
        self._contents.edit_pull(pull.number, title=pull.title, body=body)
        return True

    def _begin(self, branch: str, base: str) -> None:
        try:
            self._contents.create_branch(branch, base)
        except ServiceError as failure:
            exists = isinstance(failure, Refused) and failure.code == "reference exists"
            if not exists and not (in_doubt(failure) and self._contents.head(branch)):
                raise

    def _open(self, branch: str, title: str, body: str) -> Pull:
        try:
            return self._contents.open_pull(head=branch, base=self._default_branch, title=title, body=body)
        except ServiceError as failure:
            exists = isinstance(failure, Refused) and failure.code == "pull request exists"
            if not exists and not in_doubt(failure):
                raise
            for pull in self._contents.open_pulls():
                if pull.head.ref == branch:
                    return pull
            raise

    # -- the repository ------------------------------------------------------------------------------------------------

    def _find(self, formula: str, branch: str) -> Found | None:
        path = self._place(formula, branch)
        with self._asking():
            return self._changes.read(path, branch)

    def _place(self, formula: str, branch: str) -> str:
        with self._asking():
            return place(self._contents.paths(branch), formula)

    @property
    def _default_branch(self) -> str:
        if not self._branch:
            with self._asking():
                self._branch = self._contents.about().default_branch
        return self._branch

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Within, nothing is changed: whatever is lost leaves nothing unknown."""
        with _reading(), self._explained():
            yield

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Within, a refusal says what it means for a tap; what a gateway lost is as unknown as any lost answer."""
        try:
            yield
        except Refused as refused:
            if refused.status in (*LOST, 500):
                raise AnswerLost(
                    refused.what,
                    service=refused.service,
                    why="GitHub lost the answer on the way: the request may have taken effect.",
                    fix="Run again: what is done is found and not done twice.",
                    docs="package-publish.md#unknown",
                ) from None
            raise explained(refused, self.repository) from None
        except BadAnswer as failure:
            raise explained(failure, self.repository) from None


@contextmanager
def _reading() -> Iterator[None]:
    """Within, nothing is changed: an answer that is lost, or that says nothing, leaves nothing unknown."""
    try:
        yield
    except (AnswerLost, BadAnswer) as lost:
        if isinstance(lost, BadAnswer) and not 200 <= lost.status < 300:
            raise
        raise ServiceError(
            lost.what,
            service=lost.service,
            why="Only a question was asked: the tap is as it was.",
            fix=lost.fix,
            docs="package-publish.md#homebrew-tap",
        ) from None


def _prefix(path: str) -> str:
    """How the branches of a formula are called before its version; a cask of its name has branches of its own."""
    return f"chittyops/{'casks/' if path.startswith(f'{CASKS}/') else ''}{stem_of(path)}-"


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


def _without_commits(text: str | None) -> str:
    return re.sub(r"\b[0-9a-f]{40}\b", "", _plain(text))
