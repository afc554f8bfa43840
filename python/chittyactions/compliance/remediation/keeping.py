"""One service's issue: read what GitHub has, decide, do it. A run may end after any request: another goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from chittyactions.compliance.remediation.issue_text import (
    Links,
    body_of,
    comment_of,
    comment_of_stray,
    stray_of,
    title_after,
    title_of,
)
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
    has planned to make there, in lower case. `strays`: numbers of those that were closed, or are planned to be, since
    their services are there no more.
    """

    issues: list[Issue] | None = None
    labels: set[str] = field(default_factory=set)
    strays: set[int] = field(default_factory=set)

    def steps(self, once: Once, labels: tuple[str, ...]) -> tuple[str, ...]:
        """What making an issue with these labels would change, after all that was planned before."""
        found = once.steps(labels, self.labels)
        self.labels |= {one.lower() for one in labels}
        return found


class Keeper:
    """Keeps the issue of a service in its repository. Methods raise ServiceError.

    `residents` are the keys of all services of the repository, empty where nobody is certain.
    """

    def __init__(
        self,
        issues: Issues,
        manner: Manner,
        listed: Listed | None = None,
        residents: Collection[str] = (),
    ) -> None:
        self._issues = issues
        self._manner = manner
        self._listed = listed or Listed()
        self._residents = residents

    def decide(self, aim: Wanted) -> Decision:
        """What is to be done. GitHub is only read, and not at all where the service is an open question."""
        if aim.state is State.OPEN_QUESTION:
            return decide(aim, ())
        try:
            seen, strays = self._seen(aim), self._strays()
            if not seen and strays and len(self._residents) == 1:
                seen, strays = strays[:1], strays[1:]  # whose else could it be: it was renamed
            return replace(decide(aim, seen), strays=strays)
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
        gone = [step for one in decision.strays for step in self._steps_of_stray(one)]
        self._listed.strays |= {one.number for one in decision.strays}
        return (*gone, *self._own_steps(aim, decision))

    def _steps_of_stray(self, stray: Seen) -> tuple[str, ...]:
        told = self._unsaid(stray.issue, comment_of_stray(stray.mark))
        return (*((f"comment #{stray.number}",) if told else ()), f"close #{stray.number}")

    def _own_steps(self, aim: Wanted, decision: Decision) -> tuple[str, ...]:
        if decision.verb is Verb.CREATE:
            return self._listed.steps(self._once(aim), self._manner.labels)
        if decision.seen is None:
            return ()
        closed = tuple(f"close #{one.number}" for one in decision.duplicates)
        if decision.mark is None:
            return closed
        comment = ("comment",) if self._unsaid(decision.seen.issue, comment_of(aim, decision)) else ()
        return (*closed, *comment, LAST[decision.verb])

    def _do(self, aim: Wanted, decision: Decision) -> Issue | None:
        for one in decision.strays:
            self._say(one.issue, comment_of_stray(one.mark))
            self._issues.close(one.number, body=stray_of(one.mark), reason="not_planned")
            self._listed.strays.add(one.number)
        if decision.verb is Verb.CREATE:
            return self._create(aim, decision)
        if decision.seen is None:
            return None
        issue, number = decision.seen.issue, decision.seen.number
        self._once(aim).close(tuple(one.issue for one in decision.duplicates), number)
        if decision.mark is None:
            return issue
        self._say(issue, comment_of(aim, decision))
        body, title = body_of(aim, decision, self._manner.links), title_after(aim, decision)
        if decision.verb is Verb.CLOSE:
            return self._issues.close(number, body=body, title=title)
        if decision.verb is Verb.REOPEN:
            return self._issues.reopen(number, body=body)
        return self._issues.edit(number, body=body, title=title)

    def _seen(self, aim: Wanted) -> tuple[Seen, ...]:
        if self._listed.issues is None:
            self._listed.issues = self._issues.by(self._manner.me)
        return ours(self._listed.issues, self._manner.me, aim.service.key)

    def _strays(self) -> tuple[Seen, ...]:
        found = strays(self._listed.issues or (), self._manner.me, self._residents)
        return tuple(one for one in found if one.number not in self._listed.strays)

    def _seen_anew(self, aim: Wanted) -> list[Issue]:
        self._listed.issues = None
        return [one.issue for one in self._seen(aim)]

    def _create(self, aim: Wanted, decision: Decision) -> Issue:
        body = body_of(aim, decision, self._manner.links)
        return self._once(aim).make(title_of(aim.service), body, self._manner.labels)

    def _once(self, aim: Wanted) -> Once:
        return Once(self._issues, lambda: self._seen_anew(aim), self._manner.pause)

    # -- a comment -----------------------------------------------------------------------------------------------------

    def _say(self, issue: Issue, said: str) -> None:
        """Comment, once, whichever run began it."""
        said = self._unsaid(issue, said)
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

    def _unsaid(self, issue: Issue, said: str) -> str:
        """The comment that is still to be made; "" for none. A locked issue takes none."""
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
