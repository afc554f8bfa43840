"""Where the address of a wanted request stands although no request could be read from a step.

The net below the reading of steps: what stands in a word for a program that nobody knows, or in an action's input, may
be sent; and where a step starts something that can't be followed, so may what stands anywhere in the repository's
code. Comments, and what is merely printed, are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache

from chittyactions.compliance import program_text
from chittyactions.compliance.calls import table
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.files import Kind
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.starting import POWERSHELL, PYTHON, SCRIPT, SHELL, kind_of

MOST_TEXT = 20_000_000
"""Characters of a repository's code that are searched."""

_CODE = re.compile(
    r"(?:.*/)?(?:[^./]+|\.env[\w.]*|[^/]+\.(?:py|rb|[mc]?[jt]sx?|ps1|sh|bash|zsh|go|rs|php|pl|java|kts?|cs|swift|exs?|lua"
    r"|ya?ml|jsonc?|toml|ini|cfg|conf|env|mk|just|groovy|gradle|tf|hcl))"
)
_NOT_RUN = re.compile(
    r"(?:.*/)?(?:__tests__|__snapshots__|tests?|specs?|fixtures|docs?|examples?|node_modules)/.*"
    r"|(?:.*/)?(?:package(?:-lock)?\.json|pnpm-lock\.yaml|test_[^/]*|[^/]*[._](?:test|spec)\.[^/]*|openapi[^/]*)"
    r"|\.github/(?:workflows|ISSUE_TEMPLATE)/.*"
)
"""What describes, tests or configures, and what the reading of workflows has seen."""
_LIKE_SCRIPTS = (".go", ".rs", ".java", ".kt", ".kts", ".cs", ".swift", ".php", ".jsonc", ".jsx", ".tsx", ".groovy")
"""Languages whose comments and strings are like JavaScript's."""
_HOLE = re.compile(r"[${}%*+]")
_BETWEEN = re.compile(r"[\s\"'`(),;<>=|]")
"""What stands between addresses, and in none."""
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
        ends = r"/?(?![\w/-])"
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
        self._halves = [
            (re.compile(f"{begin}{'/'.join(loose[:at])}{ends}"), re.compile(f"/{'/'.join(loose[at:])}{ends}"))
            for at in range(2, len(parts))
        ]
        """What code puts together: the host with the path's beginning, and the rest."""
        begins = "|".join("/".join(loose[:at]) for at in range(1, len(parts)))
        self._open = re.compile(rf"{begin}(?:{begins})/?[$%{{]")
        self._alone = len(parts) > 2
        """Whether the path is long enough to be told without its host."""
        words = (*re.findall("[a-z]{4,}", host)[:1], *re.findall("[a-z]{4,}", parts[-1]))
        self._named = re.compile(
            rf"(?:https?://)?\{{[^{{}}]*(?:{'|'.join(words) or '(?!)'})[^{{}}]*\}}/?", re.IGNORECASE
        )

    def may_be(self, url: str) -> bool:
        """Whether a URL that is not known as a whole may be it: by its path, or by what its variable is called."""
        return bool(self.perhaps.fullmatch(url) or self._named.fullmatch(url))

    def stands_in(self, text: str) -> bool:
        """Whether a text holds the path, but for one of another host, or the host with what only a run fills in."""
        if self._open.search(text) or any(self._is_ours(text, one) for one in self._path.finditer(text)):
            return True
        return any(head.search(text) and tail.search(text) for head, tail in self._halves)

    def _is_ours(self, text: str, path: re.Match[str]) -> bool:
        before = _BETWEEN.split(text[max(0, path.start() - 200) : path.start()])[-1]
        place = before.rpartition("://")[2].partition("/")[0]
        return bool(self._host.fullmatch(place)) or (self._alone and (not place or bool(_HOLE.search(place))))


@cache
def wanted(host: str, path: str, method: str = "") -> Wanted:
    """The request of one entry in checks.yml."""
    return Wanted(host, path, method)


def bare(text: str, kind: str = SHELL) -> str:
    """A program or script without its comments, and without what it prints."""
    if kind in (PYTHON, SCRIPT):
        grammar = program_text.PYTHON if kind == PYTHON else program_text.SCRIPT
        return program_text.without_printed(text, grammar, _PRINTS)
    if kind == POWERSHELL:
        text = _BLOCK_COMMENT.sub("", text)
    return _WRITES.sub("", _COMMENT.sub("", text))


def uncommented(script: str) -> str:
    """A shell's script without its comments: what it prints may be read by a client."""
    return _COMMENT.sub("", script)


def handed(inputs: Mapping[str, str]) -> Iterator[str]:
    """The inputs of an action that it may do something with: not a message, a title and their like."""
    return (value for name, value in inputs.items() if not _PRINTED_INPUT.fullmatch(name))


def everywhere(repository: Repository, followed: AbstractSet[str], holds: Callable[[str], bool]) -> str:
    """The first place in the repository's code, package.json's scripts with it, whose bare text `holds` is true of; ""
    for none. What was followed is not looked at.

    Raises NotKnown where there is more of it than is searched.
    """
    room = MOST_TEXT
    for path, kind in repository.files.paths.items():
        if kind is not Kind.FILE or path in followed or not _CODE.fullmatch(path) or _NOT_RUN.fullmatch(path):
            continue
        text = _text(repository, path)
        room -= len(text)
        if room < 0:
            raise NotKnown("the repository has more code than is searched")
        like = SCRIPT if path.endswith(_LIKE_SCRIPTS) else SHELL
        if holds(text) and holds(bare(text, kind_of(path, like))):  # most files are done with at the first look
            return path
    for path, name, script in _scripts(repository):
        if f"{path}#{name}" not in followed and holds(bare(script)):
            return f"{path}#{name}"
    return ""


def _text(repository: Repository, path: str) -> str:
    try:
        return repository.text(path) or ""
    except (Wrong, Undecided):  # no text, or of a size that nobody writes
        return ""


def _scripts(repository: Repository) -> Iterator[tuple[str, str, str]]:
    """The scripts of each package.json: its path, the script's name, and what it says."""
    for path in repository.paths("**/package.json"):
        try:
            document = repository.json(path)
        except (Wrong, Undecided):
            continue
        for name, script in table(document and document.get("scripts")).items():
            yield path, name, str(script)
