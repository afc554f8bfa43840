"""What a Homebrew formula or cask is about: platforms, downloads, names. Pure values; nothing here reads or writes.

Homebrew knows four machines: macOS and Linux, each on ARM and Intel. A condition in a formula (`on_arm do`,
`if OS.mac?`) is the set of machines on which it holds, so that two ways to say the same are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from semver import Version

from chittyactions.errors import ConfigError

DOCS = "package-publish.md#homebrew"

MACHINES = ("darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64")
"""Every machine that a formula can tell apart."""

_SYSTEMS = {"darwin": "darwin", "macos": "darwin", "mac": "darwin", "osx": "darwin", "linux": "linux"}
_PROCESSORS = {"arm64": "arm64", "aarch64": "arm64", "x64": "x64", "amd64": "x64", "intel": "x64"}
_SAYS_NOTHING = frozenset({"", "universal", "all", "apple", "unknown", "pc", "gnu", "musl"})


@dataclass(frozen=True)
class Download:
    """A file that a user's Homebrew fetches: its address, its SHA-256 in hex, and the platform it is for ("" any)."""

    url: str
    sha256: str
    platform: str = ""


@dataclass(frozen=True)
class Wanted:
    """What a formula is to say: a version, and what is downloaded on which machine."""

    version: Version
    downloads: tuple[Download, ...]

    def on(self, machine: str) -> Download | None:
        """The download for one of `MACHINES`; None when there is none for it."""
        return next((item for item in self.downloads if machine in machines_of(item.platform)), None)

    @property
    def any_machine(self) -> bool:
        """Whether one file serves everybody."""
        return all(item.platform == "" for item in self.downloads)


@dataclass(frozen=True)
class About:
    """What a package says of itself, for a formula that is made anew; "" and () where it says nothing.

    `license` is an SPDX expression, `programs` are the names that a user types.
    """

    desc: str = ""
    homepage: str = ""
    license: str = ""
    programs: tuple[str, ...] = ()


class FormulaError(ConfigError):
    """A formula that cannot be edited or made. Nothing was written. `line` is where, from 1, or 0."""

    def __init__(
        self,
        why: str,
        *,
        line: int = 0,
        what: str = "The formula is left as it is: it has a form that can't be edited safely.",
        fix: str = "Bring the formula to one of the documented forms by hand, then run again.",
    ) -> None:
        super().__init__(what, why=f"{f'line {line}: ' if line else ''}{why}.", fix=fix, docs=DOCS)
        self.line = line


def machines_of(platform: str) -> frozenset[str]:
    """The machines that `darwin-arm64`, `macos_aarch64`, `x86_64-unknown-linux-gnu`, `linux` … names.

    All of them for "", none for a platform that Homebrew lacks.
    """
    if not platform:
        return frozenset(MACHINES)
    words = set(re.split(r"[-_]", re.sub("x86[-_]64", "x64", platform.lower())))
    systems = {_SYSTEMS[word] for word in words if word in _SYSTEMS}
    processors = {_PROCESSORS[word] for word in words if word in _PROCESSORS} or {"arm64", "x64"}
    known = words <= _SYSTEMS.keys() | _PROCESSORS.keys() | _SAYS_NOTHING
    return frozenset(m for m in MACHINES if known and m.split("-")[0] in systems and m.split("-")[1] in processors)


def check_name(formula: str) -> str:
    """The formula's name, of a name or a path in the tap (`Casks/hello.rb`). Raises FormulaError for anything odd."""
    name = formula.rpartition("/")[2].removesuffix(".rb")
    path = formula.endswith(".rb") or "/" not in formula
    if not path or not re.fullmatch(r"[a-z0-9][a-z0-9._+-]*(@[0-9][a-z0-9._]*)?", name) or ".." in formula:
        raise FormulaError(
            f"{formula!r} is not a formula's name",
            what="brew_formula can't be used.",
            fix="Give a name such as hello or hello@2, or a path in the tap such as Casks/hello.rb.",
        )
    if not re.fullmatch(r"(?:[A-Za-z0-9_+-][A-Za-z0-9._+-]*/)*[^/]+", formula):
        raise FormulaError(f"{formula!r} is not a path in a tap", what="brew_formula can't be used.")
    return name


def class_name(name: str) -> str:
    """The class that Homebrew looks for in `name`.rb: `foo-bar@2` → `FooBarAT2`."""
    text = re.sub(r"[-_.\s]([a-z0-9])", lambda found: found[1].upper(), name.capitalize()).replace("+", "x")
    return re.sub(r"(.)@(\d)", r"\1AT\2", text)


def readable_version(url: str) -> str:
    """The version that Homebrew certainly reads from `url` when a formula states none, or "".

    Homebrew tries some thirty patterns in turn, and takes the 64 of `hello-darwin-arm64` for a version. Only the plain
    end of a file's name is relied on here: `hello-1.2.3.tgz`, `v1.2.3.tar.gz`, `hello@1.2.3`.
    """
    stem = re.sub(r"(\.tar)?\.(gz|tgz|xz|txz|bz2|zst|zip|tar)$|\.tgz$", "", url.rpartition("/")[2])
    found = re.fullmatch(r"(?:[A-Za-z][A-Za-z_]*(?:-[A-Za-z_]+)*[-@])?v?(\d{1,5}(?:\.\d+){1,2})", stem)
    return found[1] if found else ""


def guessed_version(url: str) -> str:
    """The version that a person would read from `url`, or "" where it may be that of something else.

    It is the one dotted number of the file's name, with three parts; or, where that name has no number but a machine's,
    the one of a folder that is called for a version: `/v1.2.3/hello-darwin-arm64.tgz`, `/hello@1.2.3/hello.tgz`.
    """
    sure = readable_version(url)
    if sure:
        return sure
    *folders, file = url.partition("://")[2].split("/")
    found = set(re.findall(r"\d+(?:\.\d+)+", file))
    if not found and not re.search(r"\d", _NUMBERED.sub("", file)):
        found = {named[1] for name in folders[1:] if (named := _VERSIONED.fullmatch(name))}
    only = found.pop() if len(found) == 1 else ""
    return only if only.count(".") == 2 else ""


_NUMBERED = re.compile(r"x86[-_]64|(?:arm|amd|x|win)64|aarch64|\.t?bz2", re.IGNORECASE)
"""Numbers in a file's name that are no version."""
_VERSIONED = re.compile(r"(?:[^@]+@)?v?(\d+\.\d+\.\d+)")
"""A folder that is called for a version."""
