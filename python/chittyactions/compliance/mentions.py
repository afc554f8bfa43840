"""Where a step holds the address of a wanted request although no request could be read from it.

The net below the reading of steps: what stands in a word for a program that nobody knows, in an action's input, or in
a file that the step names, may be sent. Comments, and what is merely printed, are not looked at.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import islice

from chittyactions.compliance import program_text
from chittyactions.compliance.calls import table
from chittyactions.compliance.facts import Undecided, Wrong
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.starting import POWERSHELL, PYTHON, SCRIPT, kind_of

MOST_FILES = 50
"""Files that a step names, and that these name, which are looked at."""

MOST_NAMES = 5_000
"""Words of one text that may name a file."""

_PASSED_OVER = frozenset({"package.json"})
_READ = (".md", ".rst", ".html", ".snap", "/package.json")
"""What people and package managers read, and nothing runs."""
_HOLE = re.compile(r"[${}%*+]")
_BETWEEN = re.compile(r"[\s\"'`(),;<>=|]")
"""What stands between addresses, and in none."""
_NAMES = re.compile(r"[\w@./-]*[\w-]")
_IMPORTS = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)
_ENDINGS = ("", ".py", "/__init__.py", ".mjs", ".js", ".cjs", ".ts", ".mts", "/index.js", "/index.ts", ".rb")
_PRINTS = re.compile(
    r"(?i)(?:log|print\w*|p?puts|info|debug|warn\w*|error|notice|set(?:failed|output)|addraw|addlink|addheading"
    r"|create(?:comment|commitstatus|issue|release)|update(?:comment|issue|release))"
)
"""Functions that print what they are given, or write it where people read it."""
_WRITES = re.compile(r"^[ \t]*(?:write-\w+|echo|printf)\b[^\n|]*$", re.MULTILINE | re.IGNORECASE)
_BLOCK_COMMENT = re.compile(r"<#[\s\S]*?(?:#>|\Z)")
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#[^\n]*")
_PRINTED_INPUT = re.compile(
    r"(?i)(?:.*[_-])?(?:text|message|msg|body|title|comment|description|summary|content|name)s?"
)


class Wanted:
    """A request that is looked for: `host` is a pattern, `path` has `{name}` for a part of it, `method` may be any."""

    def __init__(self, host: str, path: str, method: str = "") -> None:
        self.method = method
        parts = path.split("/")
        begin, end = rf"https?://{host}(?::\d+)?", r"/?(?:[?#].*)?"
        one = "/".join(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/?#]+)", re.escape(part)) for part in parts)
        loose = [re.sub(r"\\\{\w+\\\}", r"[^/\\n]{1,400}", re.escape(part)) for part in parts]
        any_ = "/".join(loose)
        tails = "|".join("/" + "/".join(loose[begun:]) for begun in range(1, max(2, len(parts) - 1)))
        self.url = re.compile(f"{begin}{one}{end}")
        self.at_any_host = re.compile(rf"[^?#]*?{any_}{end}")
        self.perhaps = re.compile(
            rf"(?:https?://)?[^/{{}}]*\{{[^{{}}]*\}}[^/]*(?:{tails}){end}|{begin}/?\{{[^{{}}]*\}}(?:{tails})?{end}"
        )
        self._host = re.compile(rf"(?:https?://)?{host}(?::\d+)?")
        self._path = re.compile(rf"(?:{any_})/?(?![\w/-]|\.\w)")
        self._open = re.compile(rf"{begin}/?[$%{{]")
        self._alone = len(parts) > 2
        """Whether the path is long enough to be told without its host."""

    def stands_in(self, text: str) -> bool:
        """Whether a text holds the path, but for one of another host, or the host with what only a run fills in."""
        return bool(self._open.search(text)) or any(self._is_ours(text, one) for one in self._path.finditer(text))

    def _is_ours(self, text: str, path: re.Match[str]) -> bool:
        before = _BETWEEN.split(text[max(0, path.start() - 200) : path.start()])[-1]
        place = before.rpartition("://")[2].partition("/")[0]
        return bool(self._host.fullmatch(place)) or (self._alone and (not place or bool(_HOLE.search(place))))


@cache
def wanted(host: str, path: str, method: str = "") -> Wanted:
    """The request of one entry in checks.yml."""
    return Wanted(host, path, method)


def bare(text: str, kind: str) -> str:
    """A program or script without its comments, and without what it prints."""
    if kind in (PYTHON, SCRIPT):
        grammar = program_text.PYTHON if kind == PYTHON else program_text.SCRIPT
        return program_text.without_printed(text, grammar, _PRINTS)
    if kind == POWERSHELL:
        text = _BLOCK_COMMENT.sub("", text)
    return _WRITES.sub("", _COMMENT.sub("", text))


def handed(inputs: Mapping[str, str]) -> Iterator[str]:
    """The inputs of an action that it may do something with: not a message, a title and their like."""
    return (value for name, value in inputs.items() if not _PRINTED_INPUT.fullmatch(name))


def named(
    repository: Repository, texts: Sequence[tuple[str, str]], names: AbstractSet[str], followed: AbstractSet[str]
) -> Iterator[tuple[str, str]]:
    """The files that texts in folders name, and those that these name, each with its bare text; and the scripts of
    package.json by `names`. Those that were followed are not told again. Raises Undecided for one that is too large.
    """
    waiting = list(texts)
    for path, name, script in _scripts(repository):
        if name in names and f"{path}#{name}" not in followed:
            yield f"{path}#{name}", script
            waiting.append((posixpath.dirname(path), script))
    seen = {*followed, *_PASSED_OVER}
    for folder, text in waiting:  # it grows while it is gone through
        for path in _paths(repository, folder, text):
            if path in seen or path.endswith(_READ) or len(seen) > MOST_FILES + len(followed):
                continue
            seen.add(path)
            held = bare(_text(repository, path), kind_of(path))
            yield path, held
            waiting.append((posixpath.dirname(path), held))


def _paths(repository: Repository, folder: str, text: str) -> Iterator[str]:
    modules = [f"./{name.replace('.', '/')}" for name in _IMPORTS.findall(text)]
    found = dict.fromkeys([*islice((one[0] for one in _NAMES.finditer(text)), MOST_NAMES), *modules])
    for name in found:
        for place in (folder, ""):
            for ending in _ENDINGS if name.startswith(".") else ("",):
                path = posixpath.normpath(posixpath.join("/", place, name + ending)).lstrip("/")
                if path in repository.files.paths:
                    yield path


def _text(repository: Repository, path: str) -> str:
    try:
        return repository.text(path) or ""
    except Wrong:
        return ""
    except Undecided:
        if kind_of(path, ""):
            raise
        return ""  # data, as far as anybody can tell


def _scripts(repository: Repository) -> Iterator[tuple[str, str, str]]:
    """The scripts of each package.json: its path, the script's name, and what it says."""
    for path in repository.paths("**/package.json"):
        try:
            document = repository.json(path)
        except (Wrong, Undecided):
            continue
        for name, script in table(document and document.get("scripts")).items():
            yield path, name, str(script)
