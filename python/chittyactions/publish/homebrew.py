"""The Homebrew channel: a formula in a tap that names this release, once its files are really served.

The tap is read first, and written last: after every public url has answered with the very bytes of the release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from chittyactions.errors import ConfigError
from chittyactions.publish.formula import About, Download, FormulaError, Wanted, check_name, machines_of
from chittyactions.publish.formula_check import check_syntax
from chittyactions.publish.formula_edit import edit
from chittyactions.publish.formula_read import read
from chittyactions.publish.formula_render import render
from chittyactions.publish.model import Pointer, Release, ReleaseFile, Result, Say, Status
from chittyactions.publish.served import Public
from chittyactions.publish.tap import Found, New, Tap, Written
from chittyactions.publish.version import higher

CHANNEL = "homebrew"
DOCS = "package-publish.md#homebrew"

PUBLIC_URL = "https://git.chitty.cc/{service}@{version}"
"""Where a user downloads the release's tarball, unless the caller says otherwise."""

PUBLIC_FILE_URL = PUBLIC_URL + "/{file}"
"""And where any other of its files."""


@dataclass(frozen=True)
class Decision:
    """What is to become of the formula that is there now: `new` text, or none and the reason.

    `before` and `after` are versions as text; `ahead` says that the tap has a higher one.
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


class HomebrewChannel:
    """One formula or cask in one tap. `formula` is its name, or its path in the tap; `mode` commit, pull-request or
    dispatch.

    `public_url` is a template with {service}, {version}, {file}, {platform} and {name}, "" for the usual address.
    `about` is for a formula that the tap has not got yet. `environ` says where Ruby is. `wait_seconds` is how long a
    url may take until it serves the release.
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

    def publish(self, release: Release, *, dry_run: bool) -> Result:
        """Have the formula name `release`, when that is not lower than what it names.

        Raises FormulaError for a formula that can't be edited, ServiceError when the files are not served in time or
        the tap can't be written, AnswerLost when that is unknown.
        """
        if release.version.prerelease:
            why = f"{release.version} is a prerelease: Homebrew's users get stable versions only"
            return Result(CHANNEL, Status.SKIPPED, pointers=(Pointer(self._formula, "", "", why),))
        files = chosen(release)
        places = addresses(release, files, self._template)
        wanted = _wanted(release, files, places)
        decision = self._decide(self._tap.find(self._formula), release, wanted, files)
        if decision.new is None or dry_run:
            return self._done(decision, places, dry_run=dry_run)
        for file, url in zip(files, places, strict=True):
            self._say(f"Waiting until {url} serves {file.name}.")
            self._public.wait(url, sha256=file.sha256, size=file.size, seconds=self._wait_seconds)
        return self._write(release, wanted, files, places)

    def _decide(
        self, found: Found | None, release: Release, wanted: Wanted, files: tuple[ReleaseFile, ...]
    ) -> Decision:
        """What to do about the formula as it is now."""
        version = str(release.version)
        if found is None:
            path = self._formula if self._formula.endswith(".rb") else f"Formula/{self._name}.rb"
            names = {item.url: file.name for item, file in zip(wanted.downloads, files, strict=True)}
            text = render(path, release.ecosystem, wanted, names, self._about)
            note = f"{path} is new in the tap: look at its `install` and `test`, and change what does not fit."
            return self._checked(Decision(path, "", version, New(path, text), notes=(note,)))
        if self._mode == "dispatch":
            return self._glance(found, version, wanted)
        before = read(found.text).version
        if higher(before, release.version):
            return Decision(found.path, str(before), str(before), why=f"{before} is higher", ahead=True)
        edited = edit(found.text, wanted)
        new = New(found.path, edited.text) if edited.changed else None
        return self._checked(Decision(found.path, str(before), version, new, notes=edited.notes))

    def _glance(self, found: Found, version: str, wanted: Wanted) -> Decision:
        """For a tap that edits itself: whether there is anything to tell. A form that we can't edit may be its own."""
        try:
            before = read(found.text).version
            if higher(before, wanted.version):
                return Decision(found.path, str(before), str(before), why=f"{before} is higher", ahead=True)
            changed = edit(found.text, wanted).changed
        except FormulaError:
            before, changed = None, True
        return Decision(found.path, str(before or ""), version, New(found.path, found.text) if changed else None)

    def _checked(self, decision: Decision) -> Decision:
        if decision.new and self._mode != "dispatch" and not check_syntax(decision.new.text, self._environ):
            self._say(f"There is no Ruby on this runner: {decision.path} was not read by it.")
        return decision

    def _write(
        self, release: Release, wanted: Wanted, files: tuple[ReleaseFile, ...], places: tuple[str, ...]
    ) -> Result:
        """Change the tap. It may have moved by now, and may move again: each time it is decided anew."""
        title = f"{self._name} {release.version}"
        decisions: list[Decision] = []

        def change(found: Found | None) -> New | None:
            decisions.append(self._decide(found, release, wanted, files))
            return decisions[-1].new

        if self._mode == "dispatch":
            return self._dispatch(release, wanted, places)
        if self._mode == "pull-request":
            body = f"{release.name} {release.version}, built from {release.commit}."
            written = self._tap.propose(self._formula, change, version=release.version, title=title, body=body)
        else:
            written = self._tap.commit(self._formula, change, title)
        return self._done(decisions[-1], places, written)

    def _dispatch(self, release: Release, wanted: Wanted, places: tuple[str, ...]) -> Result:
        if len(places) > 1:
            raise ConfigError(
                "The event that a tap is sent has room for one file, and this release has one for each platform.",
                fix="Use tap_mode: commit or pull-request, or publish one file for all platforms.",
                docs=DOCS,
            )
        version = str(release.version)
        self._tap.dispatch(
            formula=self._name, version=version, sha256=wanted.downloads[0].sha256, url=wanted.downloads[0].url
        )
        why = "the tap was told, and updates itself"
        return Result(CHANNEL, Status.PUBLISHED, places, (Pointer(self._formula, "", version, why),))

    def _done(
        self, decision: Decision, places: tuple[str, ...], written: Written | None = None, *, dry_run: bool = False
    ) -> Result:
        pointers, notes = (decision.pointer,), decision.notes
        if decision.ahead:
            return Result(CHANNEL, Status.SKIPPED, places, pointers, notes)
        if decision.new and dry_run:
            told = f"A dry run: {decision.path} in {self._tap.repository} would name {decision.after}."
            stays = Pointer(decision.path, decision.before, decision.before, "a dry run")
            return Result(CHANNEL, Status.SKIPPED, places, (stays,), (told, *notes))
        if written is None:
            return Result(CHANNEL, Status.SKIPPED if dry_run else Status.ALREADY, places, pointers, notes)
        status = Status.PUBLISHED if written.changed else Status.SKIPPED if written.why else Status.ALREADY
        if self._mode == "pull-request" and written.url:
            why = written.why or "its pull request is to be merged"
            pointers = (Pointer(decision.path, decision.before, decision.before, why),)
        return Result(CHANNEL, status, (*filter(None, [written.url]), *places), pointers, notes)


def chosen(release: Release) -> tuple[ReleaseFile, ...]:
    """The files that Homebrew's users get: one for each of its platforms, or the one that is for all.

    Raises ConfigError when two would be for the same machine.
    """
    files = [file for file in release.files if file.platform and machines_of(file.platform)]
    for at, file in enumerate(files):
        for other in files[:at]:
            if machines_of(file.platform) & machines_of(other.platform):
                raise ConfigError(
                    f"{other.name} and {file.name} are both for {file.platform}.",
                    why="A formula has one file for each platform.",
                    fix="Leave one of them out of `files`, or name its platform.",
                    docs=DOCS,
                )
    return tuple(files) or (release.tarball,)


def addresses(release: Release, files: tuple[ReleaseFile, ...], template: str) -> tuple[str, ...]:
    """The public url of each of `files`. Raises ConfigError when the template gives two of them the same."""
    if not template:
        template = PUBLIC_URL if files == (release.tarball,) else PUBLIC_FILE_URL
    places = tuple(_filled(template, release, file) for file in files)
    if len(set(places)) < len(places):
        raise ConfigError(
            f"public_url gives {len(places)} files {len(set(places))} addresses.",
            why=f"{template} does not tell the platforms apart.",
            fix="Use {file} or {platform} in public_url, such as " + PUBLIC_FILE_URL + ".",
            docs=DOCS,
        )
    return places


def _filled(template: str, release: Release, file: ReleaseFile) -> str:
    values = {
        "service": release.service,
        "version": str(release.version),
        "file": file.name,
        "platform": file.platform,
        "name": release.name,
    }
    try:
        url = template.format_map({key: quote(value, safe="@/+") for key, value in values.items()})
        split = urlsplit(url)
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        url, split = "", urlsplit("")
    local = split.scheme == "http" and split.hostname in ("127.0.0.1", "localhost", "::1")
    if (
        not (split.scheme == "https" or local)
        or not split.hostname
        or "@" in split.netloc
        or set(url) & set(" \"'<>\\")
    ):
        raise ConfigError(
            "public_url can't be used.",
            why=f"{template[:100]!r} does not make an https address.",
            fix=f"Give a template such as {PUBLIC_FILE_URL}; it may hold "
            + ", ".join(f"{{{key}}}" for key in values)
            + ".",
            docs=DOCS,
        )
    return url


def _wanted(release: Release, files: tuple[ReleaseFile, ...], places: tuple[str, ...]) -> Wanted:
    downloads = [
        Download(url, file.sha256, file.platform if machines_of(file.platform) else "")
        for file, url in zip(files, places, strict=True)
    ]
    return Wanted(release.version, tuple(downloads))
