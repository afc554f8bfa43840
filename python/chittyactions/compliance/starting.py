"""What the commands of a step start in the repository: scripts, programs, scripts of package.json, rules of make."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chittyactions.compliance.command import Command
from chittyactions.compliance.facts import Undecided, Wrong
from chittyactions.compliance.makefile import recipes
from chittyactions.compliance.repository import Repository

SHELL, POWERSHELL, PYTHON, SCRIPT = "shell", "powershell", "python", "script"

SHELLS = frozenset({"bash", "sh", "dash", "zsh", "ksh"})
MAKES = frozenset({"make", "gmake", "{MAKE}"})
_POWERSHELLS = frozenset({"pwsh", "powershell", "powershell.exe", "pwsh.exe"})
_BY_NPM = frozenset({"run", "run-script", "test", "start", "stop", "restart"})
"""Words by which npm starts a script; all others are commands of its own."""
_INTERPRETERS = re.compile(r"(python|ruby)[\d.]*|node|deno|bun|tsx|ts-node(?:-esm)?|esno|jiti")
_RUNNERS = frozenset({"npm", "pnpm", "yarn", "bun"})
_ENDINGS = {
    ".py": PYTHON, ".rb": PYTHON, ".js": SCRIPT, ".mjs": SCRIPT, ".cjs": SCRIPT, ".ts": SCRIPT, ".mts": SCRIPT,
    ".cts": SCRIPT, ".ps1": POWERSHELL,
}  # fmt: skip
_BEHIND: dict[str, tuple[str, ...]] = {
    "npx": (), "bunx": (), "pnpx": (), "uvx": (), "uv": ("run",), "poetry": ("run",), "pipenv": ("run",),
    "pdm": ("run",), "rye": ("run",), "hatch": ("run",), "bundle": ("exec",), "npm": ("exec", "x"),
    "pnpm": ("exec", "dlx"), "yarn": ("exec", "dlx"),
}  # fmt: skip
"""Programs that run the command behind these words of theirs."""
_TAKE = frozenset({"--with", "--from", "-p", "--python", "--package", "--extra", "--group", "--env-file", "--project"})
"""Options of those that take a value."""
_CHECKS = re.compile(r"-[wW]*c|--check")
"""Options by which Ruby and Node.js only look whether a program is one; make's print what it would run."""
_REHEARSES = re.compile(r"-[bBdeikLmrRsSw]*[nqt].*|--(?:dry-run|just-print|recon|question|touch)")
_IN = re.compile(r"(?:--prefix|--cwd|--dir|-C|--directory)(?:=(.*))?")
_OF = {
    "npm": re.compile(r"(?:-w|--workspace)(?:=(.*))?"),
    "npx": re.compile(r"(?:-w|--workspace)(?:=(.*))?"),
    "pnpm": re.compile(r"(?:-F|--filter|--filter-prod)(?:=(.*))?"),
    "bun": re.compile(r"(?:-F|--filter)(?:=(.*))?"),
}
"""Options by which package managers take packages of a repository by their folders or names."""


@dataclass(frozen=True)
class Started:
    """Something of the repository that a command starts."""

    label: str
    """What it is called, so that none is read within itself."""
    text: str
    kind: str = SHELL
    arguments: tuple[str, ...] | None = None
    directory: str = ""
    """The folder that it works in."""


def unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """The command that `npx`, `uv run` and their like run."""
    for _ in range(3):
        program = words[0].rpartition("/")[2]
        behind = _BEHIND.get(program)
        if behind is None or (behind and not set(words[1:2]).intersection(behind)):
            break
        rest = list(words[2 if behind else 1 :])
        while rest and rest[0].startswith("-"):
            del rest[: 2 if rest[0] in _TAKE else 1]
        if not rest:
            break
        words = tuple(rest)
        if words[0].endswith(tuple(_ENDINGS)) and "/" not in words[0]:
            words = (f"./{words[0]}", *words[1:])
    return words


def kind_of(path: str, otherwise: str = SHELL) -> str:
    """The language of a file by its ending."""
    return _ENDINGS.get(posixpath.splitext(path)[1].lower(), otherwise)


class Starting:
    """Reads what is started from files of one repository. `place` is the file that the step stands in."""

    def __init__(self, repository: Repository, place: str) -> None:
        self.repository = repository
        self.place = place

    def started(self, command: Command, words: tuple[str, ...], directory: str) -> Iterator[Started]:
        """What a command starts. Raises NotKnown where a file of it can't be read."""
        words = (words[0].replace("\\", "/"), *words[1:])  # as PowerShell may write a path
        program = words[0].rpartition("/")[2]
        if program in SHELLS:
            yield from self._by_shell(command, words, directory)
        elif program in _POWERSHELLS:
            yield from self._by_powershell(words, directory)
        elif program in MAKES:
            yield from self._by_make(words, directory)
        elif _INTERPRETERS.fullmatch(program) and not (program == "bun" and words[1:2] == ("run",)):
            yield from self._by_interpreter(command, words, directory)
        elif "/" in words[0]:
            yield from self.file(words[0], words[1:], directory)
        if program in _RUNNERS:
            yield from self._package_scripts(words, directory)

    # -- shells and interpreters -------------------------------------------------------------------------------

    def _by_shell(self, command: Command, words: tuple[str, ...], directory: str) -> Iterator[Started]:
        rest = list(words[1:])
        while rest and rest[0].startswith(("-", "+")):
            option = rest.pop(0)
            if re.fullmatch(r"-[a-z]*n[a-z]*", option):
                return
            if re.fullmatch(r"-[a-z]*c", option):
                for script in rest[:1]:
                    yield _inline(script, SHELL, directory, tuple(rest[2:]))
                return
            if re.fullmatch(r"[-+][a-z]*[oO]", option) and rest and rest.pop(0) == "noexec":
                return
        if command.stdin:
            yield _inline(command.stdin, SHELL, directory)
        for file in rest[:1]:
            yield from self.file(file, tuple(rest[1:]), directory)

    def _by_powershell(self, words: tuple[str, ...], directory: str) -> Iterator[Started]:
        for option, after in pairwise(words):
            if option.lower() in ("-c", "-command"):
                yield _inline(after, POWERSHELL, directory)
                return
        for word in words[1:]:
            if word.lower().endswith(".ps1"):
                yield from self.file(word, None, directory)
                return

    def _by_interpreter(self, command: Command, words: tuple[str, ...], directory: str) -> Iterator[Started]:
        program = words[0].rpartition("/")[2]
        kind = PYTHON if program.startswith(("python", "ruby")) else SCRIPT
        rest = list(words[1:])
        while rest and (rest[0].startswith("-") or rest[0] == "run"):
            option = rest.pop(0)
            if _CHECKS.fullmatch(option) and not program.startswith("python"):
                return
            if option in ("-c", "-e", "--eval") and rest:
                yield _inline(rest[0], kind, directory)
                return
            if option == "-m" and kind == PYTHON and rest:
                module = rest[0].replace(".", "/")
                for path in (f"{module}.py", f"{module}/__main__.py"):
                    yield from self.file(path, None, directory)
                return
        if command.stdin:
            yield _inline(command.stdin, kind, directory)
        for file in rest[:1]:
            yield from self.file(file, None, directory, kind)

    def file(self, file: str, arguments: tuple[str, ...] | None, directory: str, kind: str = "") -> Iterator[Started]:
        """A script or program of the repository: by its ending, or by its first line."""
        path = self.within(file, directory)
        text = self.text(path)
        if text is not None:
            shebang = re.match(r"#!.*?\b(python|ruby|node|deno|bun|tsx|pwsh)", text)
            named = {"python": PYTHON, "ruby": PYTHON, "pwsh": POWERSHELL}
            by_text = named.get(shebang[1], SCRIPT) if shebang else SHELL
            yield Started(path, text, kind or kind_of(path, by_text), arguments, directory)

    def text(self, path: str) -> str | None:
        """A file's text; None where there is none that can be read."""
        try:
            return self.repository.text(path)
        except (Wrong, Undecided):
            return None

    def within(self, path: str, directory: str) -> str:
        """A path in the repository, from the folder that a command works in."""
        for named, folder in (
            ("GITHUB_WORKSPACE|WORKSPACE|github\\.workspace", "/"),
            ("GITHUB_ACTION_PATH|ACTION_PATH|github\\.action_path", f"/{posixpath.dirname(self.place)}/"),
        ):
            path, directory = (re.sub(rf"^\{{(?:{named})\}}(?:/|$)", folder, one) for one in (path, directory))
        return posixpath.normpath(posixpath.join("/", directory, path.replace("\\", "/"))).lstrip("/")

    # -- package.json ------------------------------------------------------------------------------------------

    def _package_scripts(self, words: tuple[str, ...], directory: str) -> Iterator[Started]:
        words, options = placing(words)
        name = script_name(words)
        if not name or (words[0].rpartition("/")[2] == "npm" and not _BY_NPM.intersection(words)):
            return
        top = posixpath.join(directory, *options["in"])
        for folder in [self.package(top, one) or posixpath.join(top, one) for one in options["of"]] or [top]:
            path = self.within("package.json", folder)
            scripts = self._scripts(path)
            for one in (f"pre{name}", name, f"post{name}"):
                if isinstance(script := scripts.get(one), str):
                    yield Started(f"{path}#{one}", script, SHELL, None, folder)

    def package(self, folder: str, name: str) -> str:
        """The folder of a package by its path or its name, which may lack its scope; "" where there is none."""
        for path in self.repository.paths("**/package.json"):
            place = posixpath.dirname(path)
            if place == self.within(name, folder) or f"/{self._document(path).get('name')}".endswith(f"/{name}"):
                return f"/{place}"
        return ""

    def _scripts(self, path: str) -> dict[str, Any]:
        scripts = self._document(path).get("scripts")
        return scripts if isinstance(scripts, dict) else {}

    def _document(self, path: str) -> dict[str, Any]:
        try:
            document = self.repository.json(path)
        except (Wrong, Undecided):
            return {}
        return document.data if document and isinstance(document.data, dict) else {}

    # -- make --------------------------------------------------------------------------------------------------

    def _by_make(self, words: tuple[str, ...], directory: str) -> Iterator[Started]:
        words, options = placing(words)
        if any(map(_REHEARSES.fullmatch, words[1:])):
            return
        folder = posixpath.join(directory, *options["in"])
        names = [after for option, after in pairwise(words) if option in ("-f", "--file")]
        places = [self.within(name, folder) for name in names or ["GNUmakefile", "makefile", "Makefile"]]
        found = [(place, text) for place in places if (text := self.text(place)) is not None]
        stated = [word for word in words[1:] if not word.startswith("-") and word not in names]
        for place, text in found[:1]:
            for target, recipe in recipes(text, stated):
                yield Started(f"{place}#{target}", recipe, SHELL, None, folder)


def _inline(text: str, kind: str, directory: str, arguments: tuple[str, ...] | None = None) -> Started:
    """A script that stands in the command itself."""
    return Started(text, text, kind, arguments, directory)


def script_name(words: tuple[str, ...]) -> str:
    """The script of package.json that `npm run x`, `pnpm x` or `yarn x` starts."""
    names = [word for word in words[1:] if not word.startswith("-")]
    return (names[1] if names[0] in ("run", "run-script") and len(names) > 1 else names[0]) if names else ""


def placing(words: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, list[str]]]:
    """The words without the options that say where to work, and those: "in" folders, or "of" packages."""
    kept: list[str] = []
    found: dict[str, list[str]] = {"in": [], "of": []}
    rest = list(words)
    of = _OF.get(words[0].rpartition("/")[2], re.compile("(?!)"))
    while rest:
        word = rest.pop(0)
        option = _IN.fullmatch(word) or of.fullmatch(word)
        key = "in" if _IN.fullmatch(word) else "of"
        if option and option[1] is not None:
            found[key].append(option[1])
        elif option or (word == "workspace" and len(kept) == 1 and kept[0].endswith("yarn")):
            found[key] += rest[:1]
            del rest[:1]
        else:
            kept.append(word)
    return tuple(kept), found
