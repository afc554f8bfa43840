"""Bring a formula or cask to a new version, and touch nothing else: every byte that is not replaced stays as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from chittyactions.publish.formula import Download, FormulaError, Wanted, machines_of, readable_version
from chittyactions.publish.formula_read import read
from chittyactions.publish.formula_shape import Formula, Stanza
from chittyactions.publish.formula_text import written, written_with_version

_ENDS_A_LINE = re.compile(rb"[ \t]*(#[^\n]*)?\r?\n?")


@dataclass(frozen=True)
class Edited:
    """A formula's new text (the old one, where nothing was to be done), and sentences for a person."""

    text: str
    changed: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Replacement:
    start: int
    end: int
    text: bytes


def edit(text: str, wanted: Wanted) -> Edited:
    """`text` with the url, sha256 and version of `wanted`; the same text where it has that version and its sha256.

    Whether `wanted` is higher than what is there is the caller's to judge (`read(text).version`). Raises FormulaError
    when the formula has a form that can't be edited safely, or needs a file that `wanted` does not have.
    """
    formula = read(text)
    plan = _Plan(formula, wanted)
    if plan.settled():
        return Edited(text, changed=False, notes=plan.notes)
    source = formula.source
    changes = [*plan.replacements(), *_removals(formula)]
    for item in sorted(changes, key=lambda found: (found.start, found.end), reverse=True):
        source = source[: item.start] + item.text + source[item.end :]
    result = source.decode("utf-8", "surrogateescape")
    check(result, wanted)
    return Edited(result, changed=True, notes=plan.notes)


class _Plan:
    """What has to be replaced in one formula."""

    def __init__(self, formula: Formula, wanted: Wanted) -> None:
        self._formula = formula
        self._wanted = wanted
        self._downloads: dict[str, Download] = {}
        for machine in formula.served:
            download = wanted.on(machine)
            if download is None:
                raise FormulaError(
                    f"it serves {machine}, and the release has no file for that",
                    fix="Publish a file for it, or take that platform out of the formula.",
                )
            self._downloads[machine] = download
        left = [item.platform for item in wanted.downloads if not machines_of(item.platform) & set(self._downloads)]
        self.notes = tuple(
            f"The formula has no place for {name}: its file is published, and not in it." for name in left
        )

    def settled(self) -> bool:
        """Whether the formula has this version, with this very SHA-256 on each machine."""
        # As text, since build metadata counts for nothing in the order. First: what can't be compared is refused.
        same = str(self._formula.version) == str(self._wanted.version)
        for machine, download in self._downloads.items():
            stanza = self._formula.on("sha256", machine)
            if stanza is None:
                url = self._formula.on("url", machine)
                raise FormulaError(f"there is no sha256 for {machine}", line=url.line if url else 0)
            same = same and stanza.literal.value({}).lower() == download.sha256
        return same

    def replacements(self) -> list[_Replacement]:
        """Every literal that changes, and the version where it has to be stated from now on."""
        found = []
        for stanza in self._formula.stanzas:
            machines = [name for name in self._downloads if self._formula.on(stanza.name, name) == stanza]
            if not machines and stanza.machines & self._formula.offered:
                raise FormulaError(f"a {stanza.name} that counts on no platform", line=stanza.line)
            new = self._new(stanza, machines) if machines else None
            if new is not None:
                found.append(_Replacement(stanza.literal.start, stanza.literal.end, new.encode()))
        return [*found, *self._statement()]

    def _new(self, stanza: Stanza, machines: list[str]) -> str | None:
        """The literal that takes the place of the stanza's, or None where it says the right thing already."""
        version = str(self._wanted.version)
        if stanza.name == "version":
            return None if stanza.literal.value({}) == version else written(version, stanza.literal.quote)
        values = {machine: self._value(stanza, machine) for machine in machines}
        if all(self._formula.text(stanza, machine, version) == value for machine, value in values.items()):
            return None
        if len(set(values.values())) > 1:
            raise FormulaError(
                f"one {stanza.name} for {' and '.join(machines)}, which have files of their own",
                line=stanza.line,
                fix="Give each platform its own url and sha256, or publish under the address that the formula builds.",
            )
        value = values[machines[0]]
        host = value.partition("://")[2]
        if stanza.verified and not host.startswith(stanza.verified.removeprefix("https://")):
            raise FormulaError(f"verified: names {stanza.verified}, and the new url is elsewhere", line=stanza.line)
        if stanza.literal.uses("version"):
            return written_with_version(value, version)
        return written(value, stanza.literal.quote)

    def _value(self, stanza: Stanza, machine: str) -> str:
        download = self._downloads[machine]
        return download.url if stanza.name == "url" else download.sha256

    def _statement(self) -> list[_Replacement]:
        """`version "…"`, where none is stated and Homebrew would not read it from a url."""
        version = str(self._wanted.version)
        silent = [machine for machine in self._downloads if self._formula.on("version", machine) is None]
        if all(readable_version(self._downloads[machine].url) == version for machine in silent):
            return []
        if len(silent) < len(self._downloads):
            raise FormulaError("a version that is stated for some platforms only")
        first = self._formula.on("url", silent[0])
        assert first is not None
        top = next(node for node in self._formula.body if node.start_byte <= first.node.start_byte < node.end_byte)
        source = self._formula.source
        newline = b"\r\n" if b"\r\n" in source else b"\n"
        start = source.rfind(b"\n", 0, top.start_byte) + 1
        indent = source[start : top.start_byte]
        if indent.strip():
            raise FormulaError("a url that shares its line with other code", line=first.line)
        stated = indent + b"version " + written(version).encode() + newline
        if top != first.node:  # within a block: before it, set off by a blank line
            return [_Replacement(start, start, stated + newline)]
        end = source.find(b"\n", top.end_byte) + 1
        if not end or not _ENDS_A_LINE.fullmatch(source[top.end_byte : end]):
            raise FormulaError("a url that shares its line with other code", line=first.line)
        return [_Replacement(end, end, stated)]


def _removals(formula: Formula) -> list[_Replacement]:
    """The lines of `revision` and `bottle`, each with the blank line that would be one too many."""
    lines = re.findall(rb"[^\n]*\n|[^\n]+", formula.source)
    left = dict(enumerate(lines))
    for node in formula.dropped:
        first, last = node.start_point[0], node.end_point[0]
        before, after = lines[first][: node.start_point[1]], lines[last][node.end_point[1] :]
        if before.strip() or not _ENDS_A_LINE.fullmatch(after):
            raise FormulaError("a revision or bottle that shares its line with other code", line=first + 1)
        for number in range(first, last + 1):
            left.pop(number, None)
        above = max((number for number in left if number < first), default=first)
        below = min((number for number in left if number > last), default=last)
        if above in left and not left[above].strip():
            if below in left and not left[below].strip():
                del left[below]
            elif below in left and left[below].strip() == b"end":
                del left[above]
    starts = [0, *accumulate(map(len, lines))]
    return [_Replacement(starts[at], starts[at + 1], b"") for at in range(len(lines)) if at not in left]


def check(text: str, wanted: Wanted) -> None:
    """Read a result as if it were somebody else's: it has to say what was wanted, on each machine.

    Raises FormulaError where it does not.
    """
    formula = read(text)
    for machine in formula.served:
        url, sha256 = formula.on("url", machine), formula.on("sha256", machine)
        download = wanted.on(machine)
        assert url
        assert sha256
        assert download
        said = (formula.text(url, machine), formula.text(sha256, machine).lower(), str(formula.version))
        if said != (download.url, download.sha256, str(wanted.version)):
            raise FormulaError(f"the new formula would not say what is wanted for {machine}", line=url.line)
