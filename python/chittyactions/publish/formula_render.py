"""Write a formula or cask that the tap has not got yet, from what the package says of itself.

It is a beginning that works: whoever owns the tap may change all of it, and from then on it is edited and never
written anew. Every value is a Ruby string that can't be broken out of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from chittyactions.publish.formula import (
    MACHINES,
    About,
    Download,
    FormulaError,
    Wanted,
    check_name,
    class_name,
    machines_of,
    readable_version,
)
from chittyactions.publish.formula_text import written, written_with_version

ARCHIVES = (".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tar.zst", ".tar", ".zip")
"""What Homebrew unpacks before `install` runs."""

DESC_LIMIT = 80
"""Characters: what Homebrew's own audit allows."""

_ON = {"darwin": "on_macos", "linux": "on_linux", "arm64": "on_arm", "x64": "on_intel"}


def render(path: str, ecosystem: str, wanted: Wanted, files: dict[str, str], about: About) -> str:
    """The text of `path`: a cask in a folder Casks, else a formula, for a package of `ecosystem`.

    `files` has the file's name for each url of `wanted`. Raises FormulaError when nothing sensible can be written.
    """
    name = check_name(path)
    downloads = [item for item in wanted.downloads if machines_of(item.platform)]
    if not downloads:
        raise _unwritable("the release has no file for a platform of Homebrew", "Publish a file for macOS or Linux.")
    programs = [program for program in about.programs if re.fullmatch(r"[A-Za-z0-9._+-]+", program)]
    if "Casks" in path.split("/")[:-1]:
        return _cask(name, wanted, downloads, files, about, programs or [name])
    return _formula(name, ecosystem, wanted, downloads, files, about, programs)


def _formula(
    name: str,
    ecosystem: str,
    wanted: Wanted,
    downloads: list[Download],
    files: dict[str, str],
    about: About,
    programs: list[str],
) -> str:
    lines = [f"class {class_name(name)} < Formula", *_indented(_words(about))]
    version = str(wanted.version)
    if wanted.any_machine:
        lines += _indented(_download(downloads[0], version, stated=False))
        install = _BUILDS.get(ecosystem, _binary)
    else:
        lines.append(f"  version {written(version)}")
        install = _binary
    if about.license:
        lines.append(f"  license {_license(about.license)}")
    lines += [] if wanted.any_machine else ["", *_indented(_by_machine(downloads, version))]
    first = programs[0] if programs else name.partition("@")[0]
    body = install(downloads, [files[item.url] for item in downloads], programs, first)
    check = written(first)
    return "\n".join([*lines, "", *_indented(body), "", *_indented(_test(check, bool(programs), install)), "end", ""])


def _words(about: About) -> list[str]:
    desc = " ".join(about.desc.split()).rstrip(" .")
    if len(desc) > DESC_LIMIT:
        desc = desc[: DESC_LIMIT - 1].rsplit(" ", 1)[0] + "…"
    pairs = (("desc", desc), ("homepage", about.homepage))
    return [f"{key} {written(value)}" for key, value in pairs if value]


def _download(item: Download, version: str, *, stated: bool) -> list[str]:
    """Lines for url and sha256, with the version between them when a url alone does not tell Homebrew."""
    if stated:
        return [f"url {written_with_version(item.url, version)}", f"sha256 {written(item.sha256)}"]
    tells = readable_version(item.url) == version
    between = [] if tells else [f"version {written(version)}"]
    return [f"url {written(item.url)}", *between, f"sha256 {written(item.sha256)}"]


def _by_machine(downloads: list[Download], version: str) -> list[str]:
    """`on_macos do … on_linux do …`, each with its processors; a file for both processors stands alone."""
    lines: list[str] = []
    for system in ("darwin", "linux"):
        inner: list[str] = []
        for item in downloads:
            machines = [
                machine for machine in MACHINES if machine.startswith(system) if machine in machines_of(item.platform)
            ]
            pair = _download(item, version, stated=True)
            if len(machines) > 1:
                inner += pair
            elif machines:
                block = [f"{_ON[machines[0].partition('-')[2]]} do", *_indented(pair), "end"]
                inner += ["", *block] if inner else block
        if inner:
            block = [f"{_ON[system]} do", *_indented(inner), "end"]
            lines += ["", *block] if lines else block
    return lines


def _license(text: str) -> str:
    """An SPDX expression in Homebrew's words; what it can't say is said to be so."""
    simple = r"[A-Za-z0-9.+-]+"
    for word, key in ((" OR ", "any_of"), (" AND ", "all_of")):
        parts = text.strip().strip("()").split(word)
        if len(parts) > 1 and all(re.fullmatch(simple, part) for part in parts):
            return f"{key}: [{', '.join(map(written, parts))}]"
    known = re.fullmatch(simple, text.strip()) and text.strip().upper() != "UNLICENSED"
    return written(text.strip()) if known else ":cannot_represent"


Build = Callable[[list[Download], list[str], list[str], str], list[str]]


def _node(_downloads: list[Download], _names: list[str], _programs: list[str], _first: str) -> list[str]:
    return [
        'depends_on "node"',
        "",
        "def install",
        '  system "npm", "install", *std_npm_args',
        '  bin.install_symlink Dir["#{libexec}/bin/*"]',
        "end",
    ]


def _python(_downloads: list[Download], names: list[str], programs: list[str], first: str) -> list[str]:
    if not names[0].endswith(ARCHIVES):
        raise _unwritable(f"Homebrew can't install {names[0]}", "Publish a source distribution (.tar.gz) too.")
    linked = ", ".join(f'libexec/"bin"/{written(program)}' for program in programs or [first])
    return [
        'depends_on "python@3.13"',
        "",
        "def install",
        '  system "python3.13", "-m", "venv", libexec',
        '  system libexec/"bin/python", "-m", "pip", "install", "--no-cache-dir", buildpath',
        f"  bin.install_symlink {linked}",
        "end",
    ]


def _rust(downloads: list[Download], names: list[str], programs: list[str], first: str) -> list[str]:
    if not names[0].endswith((*ARCHIVES, ".crate")):
        return _binary(downloads, names, programs, first)
    return ['depends_on "rust" => :build', "", "def install", '  system "cargo", "install", *std_cargo_args', "end"]


def _binary(_downloads: list[Download], names: list[str], programs: list[str], first: str) -> list[str]:
    """Programs that are ready to run: in an archive under their names, or the bare file, which is renamed."""
    if all(name.endswith(ARCHIVES) for name in names):
        installed = ", ".join(map(written, programs or [first]))
    elif any(name.endswith(ARCHIVES) for name in names):
        raise _unwritable(
            "some platforms have archives and others bare programs", "Publish the same kind of file for each platform."
        )
    else:
        installed = f'Dir["*"].fetch(0) => {written(first)}'
    return ["def install", f"  bin.install {installed}", "end"]


_BUILDS: dict[str, Build] = {"npm": _node, "python": _python, "rust": _rust}


def _test(program: str, named: bool, install: Build) -> list[str]:
    """A test that holds whatever the program does: it is there, and may be run."""
    if install is _node and not named:
        return ["test do", '  assert_path_exists libexec/"lib/node_modules"', "end"]
    return ["test do", f"  assert_path_exists bin/{program}", "end"]


def _cask(
    name: str, wanted: Wanted, downloads: list[Download], files: dict[str, str], about: About, programs: list[str]
) -> str:
    version = str(wanted.version)
    lines = [f"cask {written(name)} do", f"  version {written(version)}"]
    names = [files[item.url] for item in downloads]
    if not all(name.endswith(ARCHIVES) for name in names):
        raise _unwritable(f"what of {', '.join(names)} is to be installed can't be told", "Publish archives.")
    if wanted.any_machine:
        pair = _download(downloads[0], version, stated=True)
        lines += ["", *_indented(reversed(pair))]
    else:
        lines += ["", *_indented(_by_machine(downloads, version))]
    lines += ["", f"  name {written(name)}", *_indented(_words(about)), ""]
    lines += [f"  binary {written(program)}" for program in programs]
    return "\n".join([*lines, "end", ""])


def _unwritable(why: str, fix: str) -> FormulaError:
    return FormulaError(
        why,
        what="The tap has no such formula, and none could be written for it.",
        fix=f"{fix} Or write the first formula by hand: it is edited from then on.",
    )


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]
