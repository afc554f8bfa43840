"""A Homebrew tap: one formula of it read and changed, by a commit, a pull request, or the tap's own workflow.

Every change names the blob that it replaces, so that nobody's work is overwritten and sending one again is safe. Where
an answer is lost, the tap is read again: what it holds tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from semver import Version

from chittyactions.ecosystem.github_contents import Contents, Pull
from chittyactions.errors import AnswerLost, BadAnswer, Refused, ServiceError
from chittyactions.http import LOST
from chittyactions.publish.model import Say
from chittyactions.publish.tap_change import Changes, Edit, Found, Moved, New, Written, holds, in_doubt
from chittyactions.publish.tap_refusals import explained

__all__ = ["Edit", "Found", "Moved", "New", "Tap", "Written", "stem_of"]

PLACES = (
    "Formula/{name}.rb", "Formula/{letter}/{name}.rb", "Casks/{name}.rb", "Casks/{letter}/{name}.rb",
    "HomebrewFormula/{name}.rb", "{name}.rb",
)  # fmt: skip
"""Where Homebrew looks in a tap, the usual place first."""
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
        """The formula or cask of that name, or at that path when it ends in `.rb`; None when the tap has none."""
        stem = stem_of(formula)
        places = [place.format(name=stem, letter=stem[:1]) for place in PLACES]
        with _reading(), self._explained():
            for path in [formula] if formula.endswith(".rb") else places:
                found = self._changes.read(path, self._default_branch)
                if found:
                    return found
        return None

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

        A branch and a pull request that are there are brought up to date. Nothing is proposed while a higher version
        is, so that merging in the wrong order demotes nobody.
        """
        with self._explained():
            found = self.find(formula)
            new = edit(found)
            if new is None or holds(found, new):
                return Written("", changed=False)
            prefix = f"chittyops/{stem_of(formula)}-"
            branch = f"{prefix}{version}"
            pulls = self._contents.open_pulls()
            for other in pulls:
                proposed = other.head.ref.removeprefix(prefix)
                known = other.head.ref.startswith(prefix) and Version.is_valid(proposed)
                if known and Version.parse(proposed) > version:
                    return Written(other.html_url, changed=False, why=f"{proposed} is proposed already")
            pull = next((pull for pull in pulls if pull.head.ref == branch), None)
            committed = self._bring_branch(branch, new, title, afresh=pull is None)
            if pull is None:
                return Written(self._open(branch, title, body).html_url, changed=True)
            if pull.title != title or _plain(pull.body) != _plain(body):
                pull = self._contents.edit_pull(pull.number, title=title, body=body)
                committed = True
            return Written(pull.html_url, changed=committed)

    def dispatch(self, *, formula: str, version: str, sha256: str, url: str) -> None:
        """Tell the tap's own workflow of a release. It is told once: a lost answer stays open."""
        payload = {"formula": formula, "version": version, "sha256": sha256, "url": url}
        with self._explained():
            self._contents.dispatch(EVENT, payload)

    # -- branches and pull requests ------------------------------------------------------------------------------------

    def _bring_branch(self, branch: str, new: New, message: str, *, afresh: bool) -> bool:
        """Have `new` on a branch that grows from the tap; tells whether a commit was needed.

        A branch without a pull request is one that was left behind: it begins anew (`afresh`), unless it is the very
        change that is wanted. One with a pull request may have commits of others, which stay.
        """

        def there() -> Found | None:
            return self._changes.read(new.path, branch)

        base = self._contents.head(self._default_branch)
        if base is None:
            raise BadAnswer(f"{self.repository} has no branch {self._default_branch}.", service="GitHub's API")
        at = self._contents.head(branch)
        if at is None:
            self._begin(branch, base)
        elif afresh and not (holds(there(), new) and self._contents.compare(base, at) == "ahead"):
            self._contents.reset_branch(branch, base)
        return self._changes.change(there, lambda _: new, message, branch).changed

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

    @property
    def _default_branch(self) -> str:
        if not self._branch:
            with _reading(), self._explained():
                self._branch = self._contents.about().default_branch
        return self._branch

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
    """Within, nothing is changed: a lost answer leaves nothing unknown."""
    try:
        yield
    except AnswerLost as lost:
        raise ServiceError(
            lost.what,
            service=lost.service,
            why="Only a question was asked: the tap is as it was.",
            fix=lost.fix,
            docs="package-publish.md#homebrew-tap",
        ) from None


def stem_of(formula: str) -> str:
    """The name of a formula, of which a path may be given."""
    return PurePosixPath(formula).stem if formula.endswith(".rb") else formula


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()
