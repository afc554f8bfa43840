"""Write a formula or cask that the tap has not got yet, from what the package says of itself.

It is a beginning that works: whoever owns the tap may change all of it, and from then on it is edited and never
written anew. Every value is a Ruby string that can't be broken out of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chittyactions.publish.formula import (
    About,
    Download,
    FormulaError,
    Wanted,
    check_name,
    class_name,
    machines_of,
    readable_version,
)
from chittyactions.publish.formula_conditions import ARM, INTEL, LINUX, MAC
from chittyactions.publish.formula_edit import check
from chittyactions.publish.formula_text import written, written_with_version

ARCHIVES = (".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tar.zst", ".tar", ".zip")
"""What Homebrew unpacks before `install` runs."""

DESC_LIMIT = 80
"""Characters: what Homebrew's own audit allows."""


@dataclass(frozen=True)
class _Package:
    """What a new formula installs: `names` are its files', in the order of `downloads`."""

    formula: str
    version: str
    downloads: tuple[Download, ...]
    names: tuple[str, ...]
    about: About
    programs: tuple[str, ...]

    @property
    def program(self) -> str:
        """The program that a user types first."""
        return self.programs[0] if self.programs else self.formula.partition("@")[0]

    @property
    def for_all(self) -> bool:
        """Whether one file serves everybody."""
        return all(item.platform == "" for item in self.downloads)

    @property
    def archived(self) -> bool:
        """Whether Homebrew unpacks each file."""
        return all(name.endswith(ARCHIVES) for name in self.names)


def render(path: str, ecosystem: str, wanted: Wanted, files: dict[str, str], about: About) -> str:
    """The text of `path`: a cask in a folder Casks, else a formula, for a package of `ecosystem`.

    `files` has the file's name for each url of `wanted`. Raises FormulaError when nothing sensible can be written.
    """
    downloads = tuple(item for item in wanted.downloads if machines_of(item.platform))
    if not downloads:
        raise _unwritable("the release has no file for a platform of Homebrew", "Publish a file for macOS or Linux.")
    package = _Package(
        check_name(path),
        str(wanted.version),
        downloads,
        tuple(files[item.url] for item in downloads),
        about,
        tuple(program for program in about.programs if re.fullmatch(r"[A-Za-z0-9._+-]+", program)),
    )
    text = _cask(package, ecosystem) if "Casks" in path.split("/")[:-1] else _formula(package, ecosystem)
    try:
        check(text, wanted)
    except FormulaError as failure:
        raise _unwritable(f"it would not say what is wanted: {failure.why.rstrip('.')}", "Report this.") from None
    return text


def _formula(package: _Package, ecosystem: str) -> str:
    name = class_name(package.formula)
    if not name[0].isalpha():
        raise _unwritable(
            f"Ruby has no class {name}, which Homebrew would look for",
            "Give it a name that begins with a letter, as Homebrew calls 7zip sevenzip.",
        )
    build = _BUILDS.get(ecosystem, _binary) if package.for_all else _binary
    lines = [*_words(package.about)]
    lines += _download(package.downloads[0], package.version) if package.for_all else _version(package)
    if package.about.license:
        lines.append(f"license {_license(package.about.license)}")
    if not package.for_all:
        lines += ["", *_required(package.downloads), *_by_machine(package)]
    lines += ["", *build(package), "", *_test(package, build)]
    return "\n".join([f"class {name} < Formula", *_indented(lines), "end", ""])


def _words(about: About) -> list[str]:
    desc = " ".join(about.desc.split()).rstrip(" .")
    if len(desc) > DESC_LIMIT:
        desc = desc[: DESC_LIMIT - 1].rsplit(" ", 1)[0] + "…"
    pairs = (("desc", desc), ("homepage", about.homepage))
    return [f"{key} {written(value)}" for key, value in pairs if value]


def _download(item: Download, version: str) -> list[str]:
    """Lines for url and sha256, with the version between them when the url alone does not tell Homebrew."""
    between = [] if readable_version(item.url) == version else [f"version {written(version)}"]
    return [f"url {written(item.url)}", *between, f"sha256 {written(item.sha256)}"]


def _version(package: _Package) -> list[str]:
    return [f"version {written(package.version)}"]


def _pair(item: Download, version: str) -> list[str]:
    return [f"url {written_with_version(item.url, version)}", f"sha256 {written(item.sha256)}"]


def _required(downloads: Iterable[Download]) -> list[str]:
    """What a machine has to be, where whole systems or processors are left out."""
    served = frozenset().union(*(machines_of(item.platform) for item in downloads))
    wanted = [(":macos", MAC), (":linux", LINUX), ("arch: :arm64", ARM), ("arch: :x86_64", INTEL)]
    lines = [f"depends_on {word}" for word, machines in wanted if served <= machines]
    return [*lines, ""] if lines else []


def _by_machine(package: _Package) -> list[str]:
    """`on_macos do … on_linux do …`, each with its processors; a file for both processors stands alone."""
    lines: list[str] = []
    for block, system in (("on_macos", MAC), ("on_linux", LINUX)):
        inner: list[str] = []
        for item in package.downloads:
            machines = machines_of(item.platform) & system
            pair = _pair(item, package.version)
            if machines == system:
                inner += pair
            elif machines:
                inner += [*([""] if inner else []), *_block("on_arm" if machines <= ARM else "on_intel", pair)]
        if inner:
            lines += [*([""] if lines else []), *_block(block, inner)]
    return lines


def _block(name: str, lines: Iterable[str]) -> list[str]:
    return [f"{name} do", *_indented(lines), "end"]


def _license(text: str) -> str:
    """An SPDX expression in Homebrew's words; what it can't say is said to be so."""
    simple = r"[A-Za-z0-9.+-]+"
    for word, key in ((" OR ", "any_of"), (" AND ", "all_of")):
        parts = text.strip().strip("()").split(word)
        if len(parts) > 1 and all(re.fullmatch(simple, part) for part in parts):
            return f"{key}: [{', '.join(map(written, parts))}]"
    known = re.fullmatch(simple, text.strip()) and text.strip().upper() != "UNLICENSED"
    return written(text.strip()) if known else ":cannot_represent"


def _node(_package: _Package) -> list[str]:
    return [
        'depends_on "node"',
        "",
        "def install",
        '  system "npm", "install", *std_npm_args',
        '  bin.install_symlink Dir["#{libexec}/bin/*"]',
        "end",
    ]


def _python(package: _Package) -> list[str]:
    if not package.archived:
        raise _unwritable(f"Homebrew can't install {package.names[0]}", "Publish a source distribution (.tar.gz) too.")
    linked = ", ".join(f'libexec/"bin"/{written(program)}' for program in package.programs or [package.program])
    return [
        'depends_on "python@3.13"',
        "",
        "def install",
        '  system "python3.13", "-m", "venv", libexec',
        '  system libexec/"bin/python", "-m", "pip", "install", "--no-cache-dir", buildpath',
        f"  bin.install_symlink {linked}",
        "end",
    ]


def _rust(package: _Package) -> list[str]:
    if not package.names[0].endswith((*ARCHIVES, ".crate")):
        return _binary(package)
    return ['depends_on "rust" => :build', "", "def install", '  system "cargo", "install", *std_cargo_args', "end"]


def _binary(package: _Package) -> list[str]:
    """Programs that are ready to run: in an archive under their names, or the bare file, which is renamed."""
    if package.archived:
        installed = ", ".join(map(written, package.programs or [package.program]))
    elif any(name.endswith(ARCHIVES) for name in package.names):
        raise _unwritable(
            "some platforms have archives and others bare programs", "Publish the same kind of file for each platform."
        )
    else:
        installed = f'Dir["*"].fetch(0) => {written(package.program)}'
    return ["def install", f"  bin.install {installed}", "end"]


Build = Callable[[_Package], list[str]]

_BUILDS: dict[str, Build] = {"npm": _node, "python": _python, "rust": _rust}


def _test(package: _Package, build: Build) -> list[str]:
    """A test that holds whatever the program does: it is there."""
    named = package.programs or build is not _node
    there = f"bin/{written(package.program)}" if named else 'libexec/"lib/node_modules"'
    return _block("test", [f"assert_path_exists {there}"])


def _cask(package: _Package, ecosystem: str) -> str:
    if package.for_all and ecosystem in _BUILDS:
        raise _unwritable(
            f"a cask links programs that are ready to run, and {package.names[0]} is for npm, pip or cargo to install",
            f"Publish a formula (brew_formula: {package.formula}), or an archive for each platform.",
        )
    if not package.archived:
        names = ", ".join(package.names)
        raise _unwritable(f"what of {names} is to be installed can't be told", "Publish archives.")
    lines = [*_version(package), ""]
    lines += _pair(package.downloads[0], package.version)[::-1] if package.for_all else _by_machine(package)
    lines += ["", f"name {written(package.formula)}", *_words(package.about), ""]
    lines += [f"binary {written(program)}" for program in package.programs or [package.program]]
    return "\n".join([f"cask {written(package.formula)} do", *_indented(lines), "end", ""])


def _unwritable(why: str, fix: str) -> FormulaError:
    return FormulaError(
        why,
        what="The tap has no such formula, and none could be written for it.",
        fix=f"{fix} Or write the first formula by hand: it is edited from then on.",
    )


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]
