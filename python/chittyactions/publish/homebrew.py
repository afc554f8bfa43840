"""The Homebrew channel: a formula in a tap that names this release, once its files are really served.

The tap is read first, and written last: after every public url has answered with the very bytes of the release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from semver import Version

from chittyactions.errors import ConfigError
from chittyactions.publish.formula import DOCS, About, check_name
from chittyactions.publish.formula_check import check_syntax
from chittyactions.publish.formula_edit import edit
from chittyactions.publish.formula_glance import glance
from chittyactions.publish.formula_read import read
from chittyactions.publish.formula_render import render
from chittyactions.publish.model import Pointer, Release, Result, Say, Status
from chittyactions.publish.offer import Offer, offer
from chittyactions.publish.served import Public
from chittyactions.publish.tap import Found, New, Tap, Written
from chittyactions.publish.version import higher

CHANNEL = "homebrew"


@dataclass(frozen=True)
class Decision:
    """What is to become of the formula that is there now: `new` text, or none and the reason.

    `before` and `after` are versions as text; `ahead` says that the tap has one that stays, for `why`.
    """

    path: str
    before: str
    after: str
    new: New | None = None
    why: str = ""
    ahead: bool = False
    notes: tuple[str, ...] = ()

    @property
    def pointer(self) -> Pointer:
        """The formula as a name that leads to a version."""
        return Pointer(self.path, self.before, self.after, self.why)


def left_alone(formula: str, release: Release) -> Result | None:
    """The result for a prerelease, for which no tap is looked at and no token needed; None for others."""
    if not release.version.prerelease:
        return None
    why = f"{release.version} is a prerelease: Homebrew's users get stable versions only"
    return Result(CHANNEL, Status.SKIPPED, pointers=(Pointer(formula, "", "", why),))


class HomebrewChannel:
    """One formula or cask in one tap, changed by `mode`: commit, pull-request, or dispatch (the tap's own workflow).

    `formula` is its name, or its path in the tap. `public_url` is a template with {service}, {version}, {file},
    {platform} and {name}, "" for the usual addresses. `about` is for a formula that the tap has not got yet. `environ`
    says where Ruby is. `wait_seconds` is how long each address may take until it serves the release.
    """

    def __init__(
        self,
        *,
        formula: str,
        public_url: str,
        mode: str,
        tap: Tap,
        public: Public,
        environ: Mapping[str, str],
        say: Say,
        about: About = About(),  # noqa: B008 - frozen
        wait_seconds: float = 300.0,
    ) -> None:
        self._formula = formula
        self._name = check_name(formula)
        self._template = public_url
        self._mode = mode
        self._tap = tap
        self._public = public
        self._environ = environ
        self._say = say
        self._about = about
        self._wait_seconds = wait_seconds
        self._told_of_ruby = False

    def publish(self, release: Release, *, dry_run: bool) -> Result:
        """Have the formula name `release`, when that is not lower than what it names.

        Raises FormulaError for a formula that can't be edited, ConfigError for a release that can't be offered,
        ServiceError when the files are not served in time or the tap can't be written, AnswerLost when that is unknown.
        """
        early = left_alone(self._formula, release)
        if early:
            return early
        offered = offer(release, self._template)
        result = self._publish(offered, dry_run=dry_run)
        return replace(result, notes=(*result.notes, *offered.notes))

    def _publish(self, offered: Offer, *, dry_run: bool) -> Result:
        if self._mode == "dispatch" and len(offered.files) > 1:
            raise ConfigError(
                "The event that a tap is sent has room for one file, and this release has one for each platform.",
                fix="Use tap_mode: commit or pull-request, or publish one file for all platforms.",
                docs=DOCS,
            )
        decision = self._decide(self._tap.find(self._formula), offered)
        if dry_run:
            return self._rehearsed(decision, offered)
        if decision.new is None:
            return self._left(decision, offered)
        for file, url in zip(offered.files, offered.places, strict=True):
            self._say(f"Waiting until {url} serves {file.name}.")
            self._public.wait(url, sha256=file.sha256, size=file.size, seconds=self._wait_seconds)
        return self._told(decision, offered) if self._mode == "dispatch" else self._write(offered)

    # -- what is to be done --------------------------------------------------------------------------------------------

    def _decide(self, found: Found | None, offered: Offer) -> Decision:
        """What to do about the formula as it is now. Raises FormulaError."""
        wanted = offered.wanted
        if self._mode == "dispatch":
            return self._glance(found, offered)
        if found is None:
            path = self._tap.place(self._formula)
            text = render(path, offered.release.ecosystem, wanted, offered.names, self._about)
            note = f"{path} is new in the tap: look at its `install` and `test`, and change what does not fit."
            return self._checked(Decision(path, "", str(wanted.version), New(path, text), notes=(note,)))
        before = read(found.text).version
        if higher(before, wanted.version):
            return Decision(found.path, str(before), str(before), why=f"{before} is higher", ahead=True)
        edited = edit(found.text, wanted)
        if edited.changed and _differ_in_build(before, wanted.version):
            return _of_the_same_rank(found.path, before)
        new = New(found.path, edited.text) if edited.changed else None
        return self._checked(Decision(found.path, str(before), str(wanted.version), new, notes=edited.notes))

    def _glance(self, found: Found | None, offered: Offer) -> Decision:
        """Whether there is anything to tell a tap that edits itself; a form that we can't edit is its own affair."""
        wanted = offered.wanted
        version, told = str(wanted.version), "the tap is told, and updates itself"
        if found is None:
            path = self._tap.place(self._formula)
            return Decision(path, "", version, New(path, ""), told)
        seen = glance(found.text)
        before = str(seen.version or "")
        if seen.version and higher(seen.version, wanted.version):
            return Decision(found.path, before, before, why=f"{before} is higher", ahead=True)
        if before in ("", version) and seen.sha256 == {wanted.downloads[0].sha256}:
            return Decision(found.path, before, version)
        if seen.version and _differ_in_build(seen.version, wanted.version):
            return _of_the_same_rank(found.path, seen.version)
        note = f"Which version {found.path} has could not be read: the tap is told of {version}, be that lower or not."
        new = New(found.path, found.text)
        return Decision(found.path, before, version, new, told, notes=() if before else (note,))

    def _checked(self, decision: Decision) -> Decision:
        """The decision, once Ruby has taken its text."""
        if decision.new and not check_syntax(decision.new.text, self._environ) and not self._told_of_ruby:
            self._told_of_ruby = True
            self._say(f"There is no Ruby on this runner: {decision.path} was not read by it.")
        return decision

    # -- doing it ------------------------------------------------------------------------------------------------------

    def _write(self, offered: Offer) -> Result:
        """Change the tap. It may have moved by now, and may move again: each time it is decided anew."""
        release = offered.release
        title = f"{self._name} {release.version}"
        decisions: list[Decision] = []

        def change(found: Found | None) -> New | None:
            decisions.append(self._decide(found, offered))
            return decisions[-1].new

        if self._mode == "pull-request":
            body = f"{release.name} {release.version}, built from {release.commit}."
            written = self._tap.propose(self._formula, change, version=release.version, title=title, body=body)
        else:
            written = self._tap.commit(self._formula, change, title)
        last = decisions[-1]
        if self._mode == "pull-request":  # the last look may have been at the branch, and the pointer is the tap's
            last = replace(decisions[0], why=last.why, ahead=last.ahead)
        return self._left(last, offered, written)

    def _told(self, decision: Decision, offered: Offer) -> Result:
        """Send today's event."""
        item = offered.wanted.downloads[0]
        self._tap.dispatch(formula=self._name, version=str(offered.release.version), sha256=item.sha256, url=item.url)
        return Result(CHANNEL, Status.PUBLISHED, offered.places, (decision.pointer,), decision.notes)

    # -- telling it ----------------------------------------------------------------------------------------------------

    def _left(self, decision: Decision, offered: Offer, written: Written | None = None) -> Result:
        """How the tap was left: `written` says what was done to it, None that nothing had to be."""
        pointer, urls = decision.pointer, offered.places
        if decision.ahead:
            return Result(CHANNEL, Status.SKIPPED, urls, (pointer,), decision.notes)
        if written is None:
            return Result(CHANNEL, Status.ALREADY, urls, (pointer,), decision.notes)
        if written.url:
            urls = (written.url, *urls)
        if written.url and self._mode == "pull-request":
            why = written.why or "its pull request is to be merged"
            pointer = Pointer(decision.path, decision.before, decision.before, why)
        status = Status.PUBLISHED if written.changed else Status.SKIPPED if written.why else Status.ALREADY
        return Result(CHANNEL, status, urls, (pointer,), decision.notes)

    def _rehearsed(self, decision: Decision, offered: Offer) -> Result:
        """What a run that is not dry would do."""
        stays = Pointer(decision.path, decision.before, decision.before, decision.why or "a dry run")
        does = "stay at" if decision.ahead else "name" if decision.new else "go on to name"
        told = f"A dry run: {decision.path} in {self._tap.repository} would {does} {decision.after}."
        return Result(CHANNEL, Status.SKIPPED, offered.places, (stays,), (told, *decision.notes))


def _differ_in_build(one: Version, other: Version) -> bool:
    """Whether two versions are of one rank, and not the same: each would replace the other for ever."""
    return one == other and one.build != other.build


def _of_the_same_rank(path: str, before: Version) -> Decision:
    return Decision(path, str(before), str(before), why=f"{before} is of the same rank", ahead=True)
