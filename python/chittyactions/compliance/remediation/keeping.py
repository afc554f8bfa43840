"""One service's issue: read what GitHub has, decide, do it. A run may end after any request: another goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from chittyactions.compliance.remediation.issue_text import Links, body_of, comment_of, title_of
from chittyactions.compliance.remediation.once import Once, in_doubt, switched_off
from chittyactions.compliance.remediation.reconcile import Decision, Seen, Verb, decide, ours, strays
from chittyactions.compliance.remediation.wanted import State, Wanted
from chittyactions.ecosystem.github_issues import OFF, Issue, Issues
from chittyactions.ecosystem.github_wire import SERVICE
from chittyactions.errors import BadAnswer, Refused, ServiceError

MOVED = frozenset({301, 302, 307, 308})
LAST = {Verb.EDIT: "text", Verb.REOPEN: "reopen", Verb.CLOSE: "close"}
"""The last of the changes that a decision about an issue of ours asks for."""


@dataclass(frozen=True)
class Manner:
    """How issues are kept: whose they are, their labels, where their texts lead."""

    me: str
    labels: tuple[str, ...] = ()
    links: Links = field(default_factory=Links)
    pause: Callable[[float], None] = lambda _seconds: None


@dataclass
class Listed:
    """Our issues in a repository as they were listed, and changed here since; None: to be read. Its services share it.

    Whoever makes an issue reads the list anew, so that nothing is made by one that is old. `labels`: what a rehearsal
    has planned to make there, in lower case. `told`: numbers of the strays that another service's row tells of.
    """

    issues: list[Issue] | None = None
    labels: set[str] = field(default_factory=set)
    told: set[int] = field(default_factory=set)

    def steps(self, once: Once, labels: tuple[str, ...]) -> tuple[str, ...]:
        """What making an issue with these labels would change, after all that was planned before."""
        found = once.steps(labels, self.labels)
        self.labels |= {one.lower() for one in labels}
        return found


class Keeper:
    """Keeps the issue of a service in its repository. Methods raise ServiceError.

    `known` are the keys of all services, wherever they are; empty where nobody knows them all.
    """

    def __init__(
        self, issues: Issues, manner: Manner, listed: Listed | None = None, known: Collection[str] = ()
    ) -> None:
        self._issues = issues
        self._manner = manner
        self._listed = listed or Listed()
        self._known = known

    def decide(self, aim: Wanted) -> Decision:
        """What is to be done. GitHub is only read, and not at all where the service is an open question."""
        if aim.state is State.OPEN_QUESTION:
            return decide(aim, ())
        try:
            return replace(decide(aim, self._seen(aim)), strays=self._strays())
        except (Refused, BadAnswer) as failure:
            if isinstance(failure, Refused) and failure.status == OFF and aim.state is State.WELL:
                return Decision(Verb.KEEP, "passes, and its repository has no issues")
            raise explained(failure, self._issues.repository) from None

    def steps(self, aim: Wanted, decision: Decision) -> tuple[str, ...]:
        """What `do` would change, in its order and by a request each. GitHub is only read."""
        try:
            return self._steps(aim, decision)
        except (Refused, BadAnswer) as failure:
            raise explained(failure, self._issues.repository) from None

    def do(self, aim: Wanted, decision: Decision) -> Issue | None:
        """Do what was decided; the issue, None where there is none."""
        before, self._listed.issues = self._listed.issues, None  # whatever cuts this short, it is read anew
        try:
            kept = self._do(aim, decision)
        except (Refused, BadAnswer) as failure:
            raise explained(failure, self._issues.repository) from None
        if kept and before and self._listed.issues is None:
            self._listed.issues = [kept if one.number == kept.number else one for one in before]
        return kept

    def _steps(self, aim: Wanted, decision: Decision) -> tuple[str, ...]:
        if decision.verb is Verb.CREATE:
            return self._listed.steps(self._once(aim), self._manner.labels)
        if decision.seen is None:
            return ()
        closed = tuple(f"close #{one.number}" for one in decision.duplicates)
        if decision.mark is None:
            return closed
        comment = ("comment",) if self._untold(aim, decision, decision.seen.issue) else ()
        return (*closed, *comment, LAST[decision.verb])

    def _do(self, aim: Wanted, decision: Decision) -> Issue | None:
        if decision.verb is Verb.CREATE:
            return self._create(aim, decision)
        if decision.seen is None:
            return None
        issue, number = decision.seen.issue, decision.seen.number
        self._once(aim).close(tuple(one.issue for one in decision.duplicates), number)
        if decision.mark is None:
            return issue
        self._tell(aim, decision, issue)
        body = body_of(aim, decision, self._manner.links)
        if decision.verb is Verb.CLOSE:
            return self._issues.close(number, body=body)
        if decision.verb is Verb.REOPEN:
            return self._issues.reopen(number, body=body)
        return self._issues.edit(number, body=body)

    def _seen(self, aim: Wanted) -> tuple[Seen, ...]:
        if self._listed.issues is None:
            self._listed.issues = self._issues.by(self._manner.me)
        return ours(self._listed.issues, self._manner.me, aim.service.key)

    def _strays(self) -> tuple[Seen, ...]:
        """Those that no row tells of yet."""
        found = strays(self._listed.issues or (), self._manner.me, self._known)
        untold = tuple(one for one in found if one.number not in self._listed.told)
        self._listed.told |= {one.number for one in untold}
        return untold

    def _seen_anew(self, aim: Wanted) -> list[Issue]:
        self._listed.issues = None
        return [one.issue for one in self._seen(aim)]

    def _create(self, aim: Wanted, decision: Decision) -> Issue:
        body = body_of(aim, decision, self._manner.links)
        return self._once(aim).make(title_of(aim.service), body, self._manner.labels)

    def _once(self, aim: Wanted) -> Once:
        return Once(self._issues, lambda: self._seen_anew(aim), self._manner.pause)

    # -- a comment -----------------------------------------------------------------------------------------------------

    def _tell(self, aim: Wanted, decision: Decision, issue: Issue) -> None:
        """Comment on what changes, once, whichever run began it."""
        said = self._untold(aim, decision, issue)
        if not said:
            return
        line = said.partition("\n")[0]
        try:
            made = self._issues.note(issue.number, said)
        except ServiceError as failure:
            if not in_doubt(failure) or not self._told(issue.number, line):
                raise
            return
        if min(self._told(issue.number, line), default=made.id) < made.id:
            self._issues.remove_note(made.id)  # another run told it at the same moment

    def _untold(self, aim: Wanted, decision: Decision, issue: Issue) -> str:
        """The comment that is still to be made; "" for none. A locked issue takes none."""
        said = comment_of(aim, decision)
        if not said or issue.locked or self._told(issue.number, said.partition("\n")[0]):
            return ""
        return said

    def _told(self, number: int, line: str) -> list[int]:
        """Our comments that begin with a line, by their ids."""
        me, notes = self._manner.me.lower(), self._issues.notes(number)
        return [one.id for one in notes if one.author.lower() == me and (one.body or "").startswith(line)]


def explained(refused: Refused | BadAnswer, repository: str) -> ServiceError:
    """The same refusal in the words of a repository's issues."""
    if isinstance(refused, BadAnswer):
        return _renamed(repository) if refused.status in MOVED else refused
    if refused.status == OFF:
        return switched_off(repository)
    why, fix = {
        401: ("The token is wrong, expired or revoked.", "Renew GITHUB_TOKEN."),
        403: (
            "The token may not write issues there; a workflow's own token reaches its own repository alone.",
            "Give a GitHub App's or a person's token with issues: write on the services' repositories.",
        ),
        404: (
            "There is no such repository for this token.",
            "Check the registry's entry, and that the token may see the repository.",
        ),
        422: ("GitHub did not take the text or a label of it.", "Check --labels; if it lasts, report it."),
    }.get(refused.status, ("", ""))
    if refused.code == "archived":
        why, fix = "The repository was archived meanwhile.", "Audit again: an archived service is not judged."
    if not why:
        return refused
    return Refused(
        f"GitHub refused the issue of {repository} (HTTP {refused.status}).",
        service=SERVICE,
        status=refused.status,
        code=refused.code,
        why=why,
        fix=fix,
        docs="remediation.md#tokens",
    )


def _renamed(repository: str) -> ServiceError:
    return ServiceError(
        f"{repository} was renamed since the audit.",
        service=SERVICE,
        why="GitHub leads to another place, and a token is not sent after it.",
        fix="Audit again: the audit follows the new name.",
    )
