"""One issue that shows the whole ecosystem: its text is a report's, replaced in place, never said anew."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import islice

from chittyactions.compliance.audit.record import Audit
from chittyactions.compliance.remediation.fingerprint import digest, our_part
from chittyactions.compliance.remediation.issue_text import LIMIT
from chittyactions.compliance.remediation.keeping import LAST, Listed, Manner, explained
from chittyactions.compliance.remediation.once import Once
from chittyactions.compliance.remediation.reconcile import REFUSED, Verb
from chittyactions.compliance.remediation.run import Row, closing
from chittyactions.compliance.reports.markup import utf16
from chittyactions.compliance.reports.wording import plural
from chittyactions.ecosystem.github_issues import Issue, Issues
from chittyactions.errors import DOCS, BadAnswer, InputError, Refused

TITLE = "Compliance dashboard"
NAME = "dashboard"
ABOUT = f"_[ChittyOps]({DOCS}remediation.md#dashboard) keeps this text: it is written anew with the next report._"
CUT = "\n\n_This is cut short: the report holds the rest._\n"

_LINE = re.compile(r"<!-- chittyops:compliance-dashboard:1 digest=([0-9a-f]+) -->")
_BEGINS = re.compile(re.escape(ABOUT))
_OWN = re.compile(re.escape(DOCS.lower()) + r"(compliance/)?[\w-]+\.md")
"""Addresses of our own pages, which every report leads to, whoever has it."""
_SILENT = re.compile(r"<!-- -->|\\")
"""What keeps Markdown from reading more into a word than the word."""
_PLACE = re.compile(r"([a-z0-9._-]+)/(?=([a-z0-9._-]+))")
"""What may be a repository's name, with all that GitHub's names are made of around it."""
_OTHER_OWNER = re.compile(r"[a-z0-9]-?$")
"""Before an owner: `my-org/web` is not of `org`, and in `_org/web` the line is emphasis."""
_OTHER_NAME = re.compile(r"(?:-|_+)?[a-z0-9]")
"""After a repository: `org/web-2` is not `org/web`. In `org/web_` and `org/web.md` nobody can tell."""


@dataclass(frozen=True)
class Dashboard:
    """The text of the dashboard, and the names that must not stand in a public one.

    `public` are names that may, and that a private one may be the beginning of.
    """

    text: str
    private: frozenset[str] = frozenset()
    public: frozenset[str] = frozenset()

    def reveals(self, where: str = "") -> int:
        """How many of them the text names; not counted is the repository that the issue is in."""
        text = _OWN.sub(" ", html.unescape(_SILENT.sub("", self.text)).lower())
        private = self.private - {where.lower()}
        return len(private & set(_named(text, private | self.public | {where.lower()})))

    @property
    def body(self) -> str:
        """The issue's text."""
        line = f"<!-- chittyops:compliance-dashboard:1 digest={digest(self.text)} -->\n\n{ABOUT}\n\n"
        room = LIMIT - len(line)
        if utf16(self.text) <= room:
            return line + self.text
        kept: list[str] = []
        room -= len(CUT)
        for one in self.text.splitlines(keepends=True):
            room -= utf16(one)
            if room < 0:
                break
            kept.append(one)
        return line + "".join(kept).rstrip() + CUT


def dashboard_of(audit: Audit, text: str) -> Dashboard:
    """A report's text with the names of the audit's repositories, those apart that are not known to be public."""
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for one in audit.services:
        names[one.is_public] |= {name.lower() for name in (one.repository, one.moved_to, one.key) if name}
    return Dashboard(text, frozenset(names[False]), frozenset(names[True] - names[False]))


def _named(text: str, known: AbstractSet[str]) -> Iterator[str]:
    """Which names stand in a text in lower case. Where one may be the beginning of another, it is the longer one."""
    owners = {one.partition("/")[0] for one in known}
    longest = max(map(len, known), default=0)
    for found in _PLACE.finditer(text):
        before, after = found.groups()
        is_address = text[: found.start()].endswith("//")
        candidates = (
            f"{owner}/{after[:end]}"
            for owner in sorted(owners, key=len, reverse=True)
            if before.endswith(owner) and not _is_other(before[: -len(owner)], is_address=is_address)
            for end in range(min(len(after), longest), 0, -1)
            if not _OTHER_NAME.match(after, end)
        )
        yield from islice((one for one in candidates if one in known), 1)


def _is_other(before: str, *, is_address: bool) -> bool:
    """Whether an owner's name goes on to the left, or is the end of a server's: `https://example.org/web`."""
    return _OTHER_OWNER.search(before) is not None or (is_address and before.endswith("."))


def keep_dashboard(
    issues: Issues, manner: Manner, dashboard: Dashboard, listed: Listed | None = None, *, rehearse: bool
) -> tuple[Row, Issue | None]:
    """Bring the dashboard's issue to what it should be. With `rehearse` GitHub is only read.

    `listed` is what the services share that are in the same repository.

    Raises InputError where it would tell of private repositories in a public one, and ServiceError.
    """
    try:
        return _kept(issues, manner, dashboard, listed or Listed(), rehearse=rehearse)
    except (Refused, BadAnswer) as failure:
        raise explained(failure, issues.repository) from None


def _kept(
    issues: Issues, manner: Manner, dashboard: Dashboard, listed: Listed, *, rehearse: bool
) -> tuple[Row, Issue | None]:
    count = dashboard.reveals(issues.repository)
    if count and not issues.is_private():
        named = plural(count, "repository that is private", "repositories that are private")
        raise InputError(
            f"The dashboard of {issues.repository} would name {named}, or not known to be public.",
            why="That repository is public.",
            fix="Make the text without them (`chittyops report --public`), or keep it in a private repository.",
            docs="remediation.md#dashboard",
        )
    once = Once(issues, lambda: _ours(issues.by(manner.me), manner.me), manner.pause)
    seen = _ours(issues.by(manner.me), manner.me)
    verb, why = _verb(seen[0] if seen else None, dashboard)
    if not seen:
        made = None if rehearse else once.make(TITLE, dashboard.body, manner.labels)
        return _row(issues, verb, why, made, listed.steps(once, manner.labels) if rehearse else ()), made
    kept, *others = seen
    number, spare = kept.number, [one for one in others if one.state == "open"]
    why += closing([one.number for one in spare])
    if rehearse:
        last = (LAST[verb],) if verb in LAST else ()
        return _row(issues, verb, why, kept, (*(f"close #{one.number}" for one in spare), *last)), kept
    once.close(spare, number)
    if verb is Verb.EDIT:
        kept = issues.edit(number, body=dashboard.body)
    elif verb is Verb.REOPEN:
        kept = issues.reopen(number, body=dashboard.body)
    row = _row(issues, verb, why, kept)
    return (replace(row, acts=True) if spare else row), kept


def _verb(kept: Issue | None, dashboard: Dashboard) -> tuple[Verb, str]:
    if kept is None:
        return Verb.CREATE, "there is none yet"
    if kept.state != "open" and kept.state_reason in REFUSED:
        return Verb.LEAVE, f"somebody closed #{kept.number} as {(kept.state_reason or '').replace('_', ' ')}"
    if kept.state != "open":
        return Verb.REOPEN, "it was closed"
    same = _part(kept).split("\n", 1)[0] == dashboard.body.split("\n", 1)[0]
    return (Verb.KEEP, f"#{kept.number} shows it") if same else (Verb.EDIT, "the numbers changed")


def _ours(issues: Iterable[Issue], me: str) -> list[Issue]:
    """Of somebody's issues the dashboards that `me` wrote, the lowest number first."""
    found = [one for one in issues if one.author.lower() == me.lower() and _part(one)]
    return sorted(found, key=lambda one: one.number)


def _part(issue: Issue) -> str:
    """What of an issue is the dashboard, with our line as the first one; "" for nothing."""
    return our_part(issue.body, _LINE, _BEGINS)


def _row(issues: Issues, verb: Verb, why: str, issue: Issue | None, steps: tuple[str, ...] = ()) -> Row:
    acts = verb in (Verb.CREATE, Verb.EDIT, Verb.REOPEN)
    number, url = (issue.number, issue.html_url) if issue else (0, "")
    return Row(NAME, issues.repository, verb.value, why, number, url, acts=acts, steps=steps)
