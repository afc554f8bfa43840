"""What a workflow's step asks of the network: by a client in its shell, by code, or by an action that takes a URL.

Scripts of the repository that a step starts are followed. A URL that is printed, commented out or data is none.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chittyactions.compliance.facts import Undecided, Wrong
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.shell import Command, commands
from chittyactions.compliance.workflows import Step

DEEPEST = 4
"""Scripts that start each other, and expressions that name each other."""

LONGEST_CODE = 200_000
"""Signs of a program that are looked at; what sends a heartbeat is short."""

_CLIENTS = frozenset({"curl", "wget", "http", "https", "xh", "xhs", "curlie", "irm", "iwr"})
_POWERSHELL = frozenset({"invoke-restmethod", "invoke-webrequest"})
_SHELLS = frozenset({"bash", "sh", "dash", "zsh", "ksh", "source", "."})
_INTERPRETERS = frozenset({"python", "python3", "node", "deno", "bun", "tsx", "ruby"})
_RUNNERS = frozenset({"npm", "pnpm", "yarn", "bun"})
_CODE = (".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".rb")
_SCRIPTED = "actions/github-script"

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_QUOTED = re.compile(r"'(.*)'", re.DOTALL)
_NAMED = re.compile(r"(env|inputs|vars|github\.event\.inputs)\.([\w-]+)")
_TAKES = re.compile(
    r"-[fsSLkvigN#]*[HdAeouFbcwTxm]|--(?:header|data(?:-\w+)?|json|user-agent|referer|output|user|form(?:-string)?|cookie"
    r"|cookie-jar|write-out|upload-file|proxy|max-time|connect-timeout|retry[\w-]*|post-\w+|body-\w+|cacert)"
    r"|-(?:Body|Headers|ContentType|OutFile)",
)
_SENDS = re.compile(
    r"-[fsSLkvigN#]*[dF].*|--(?:data|json|form|post-data|post-file|body-data|body-file).*|-Body", re.DOTALL
)
_ASKS_BY = re.compile(r"-[fsSLkvigN#]*X(.*)|--(?:request|method)(?:=(.*))?|-Method")
_CALLS = re.compile(
    r"\b(?:fetch|request|requests|axios|got|ky|undici|urlopen|httpx|aiohttp|https?\.(?:request|get)|Net::HTTP|post)\b"
)
# A text that never ends is taken to the end, so that no pattern begins there again and again.
_PYTHON = re.compile(
    r"(?P<text>(?P<q>\"\"\"|''').*?(?:(?P=q)|\Z)|\"(?:[^\"\\\n]|\\.?)*(?:\"|$|\Z)|'(?:[^'\\\n]|\\.?)*(?:'|$|\Z))|#[^\n]*",
    re.DOTALL | re.MULTILINE,
)
_SCRIPT = re.compile(
    r"(?P<text>\"(?:[^\"\\\n]|\\.?)*(?:\"|$|\Z)|'(?:[^'\\\n]|\\.?)*(?:'|$|\Z)|`(?:[^`\\]|\\.?)*(?:`|\Z))"
    r"|//[^\n]*|/\*.*?(?:\*/|\Z)",
    re.DOTALL | re.MULTILINE,
)
_LITERAL = re.compile(r"(?:(?<![\w.])([\w.]+)\s*\+\s*)?[fF]?(\"\"\"|'''|[\"'`])((?:[^\\]|\\.?)*?)(?:\2|\Z)", re.DOTALL)
_BOUND = re.compile(
    r"\b(\w+)\s*(?::\s*\w+\s*)?=\s*(?:[\w.\[\]\"'()]+\s*(?:\|\||\?\?|or)\s*)?([\"'`])(.*?)(?:\2|$)", re.MULTILINE
)
_FILLED = re.compile(r"\$?\{([^{}]*)\}")


@dataclass(frozen=True)
class Request:
    """A request that a step sends. What only running would tell of its URL stands as `{name}`."""

    url: str
    method: str = ""
    """In capitals; "" where it can't be told."""


@dataclass(frozen=True)
class Reader:
    """Reads steps of one repository. `named` gives variables that no file sets their usual values."""

    repository: Repository
    named: Mapping[str, str]

    def requests(self, step: Step) -> Iterator[Request]:
        """What a step sends. Raises NotKnown where a script that it starts can't be read."""
        if step.uses:
            if step.action == _SCRIPTED:
                yield from self._code(self.filled(step, str(step.inputs.get("script"))), _SCRIPT)
            elif isinstance(step.inputs.get("url"), str):
                method = str(step.inputs.get("method", "")).upper()
                yield Request(self.filled(step, step.inputs["url"]).strip(), method)
            return
        for command in self.commands(step):
            yield from self._sent(step, command)
        if step.shell.startswith(("python", "node")):
            yield from self._code(self.filled(step, step.run), _PYTHON if step.shell.startswith("python") else _SCRIPT)

    def commands(self, step: Step) -> Iterator[Command]:
        """The commands that a step runs, those of the repository's scripts that it starts among them."""
        if step.run and not step.shell.startswith(("python", "node")):
            yield from self._run(step, self.filled(step, step.run), frozenset())

    def filled(self, step: Step, text: str, depth: int = 0) -> str:
        """A text with its `${{ … }}` filled in, as far as the files say."""
        return _EXPRESSION.sub(lambda found: self._expressed(step, found[1], depth), text)

    # -- expressions and variables -----------------------------------------------------------------------------

    def _expressed(self, step: Step, expression: str, depth: int) -> str:
        name = re.findall(r"[\w-]+", expression)
        for part in map(str.strip, expression.split("||")):
            value = self._operand(step, part, depth)
            if value not in (None, ""):
                return self.filled(step, str(value), depth + 1)
        return f"{{{name[-1] if name else ''}}}"

    def _operand(self, step: Step, part: str, depth: int) -> Any:
        if quoted := _QUOTED.fullmatch(part):
            return quoted[1]
        if (found := _NAMED.fullmatch(part)) and depth < DEEPEST:
            values = {"env": step.env, "vars": {}}.get(found[1], step.given)
            return values.get(found[2], self.named.get(found[2]))
        return None

    def _variable(self, step: Step, name: str) -> str | None:
        if step.env.get(name) in (None, ""):
            return self.named.get(name)
        return self.filled(step, str(step.env[name]))

    # -- scripts -----------------------------------------------------------------------------------------------

    def _run(self, step: Step, script: str, above: frozenset[str]) -> Iterator[Command]:
        for command in commands(script, lambda name: self._variable(step, name)):
            yield command
            if len(above) >= DEEPEST:
                continue
            for label, inner in self._started(step, command):
                if label not in above:
                    yield from self._run(step, inner, above | {label})

    def _started(self, step: Step, command: Command) -> Iterator[tuple[str, str]]:
        """Shell that a command starts, each with what it is called."""
        words, program = command.words, command.program
        if program in _SHELLS:
            for word, script in pairwise(words):
                if re.fullmatch(r"-[a-z]*c", word):
                    yield script, script
                    return
            if command.stdin:
                yield command.stdin, command.stdin
            files = [word for word in words[1:] if not word.startswith(("-", "+"))]
        else:
            files = [word for word in words[:1] if "/" in word]
        for file in files[:1]:
            if not file.endswith(_CODE) and (found := self._file(step, file)):
                yield found
        if program in _RUNNERS and (name := _script_name(words)):
            yield from self._package_script(step, name)

    def _file(self, step: Step, file: str) -> tuple[str, str] | None:
        path = _within(step, file)
        try:
            text = self.repository.text(path)
        except (Wrong, Undecided):
            return None
        return None if text is None else (path, text)

    def _package_script(self, step: Step, name: str) -> Iterator[tuple[str, str]]:
        path = _within(step, "package.json")
        try:
            document = self.repository.json(path)
        except (Wrong, Undecided):
            return
        script = document.get("scripts", name) if document else None
        if isinstance(script, str):
            yield f"{path}#{name}", script

    # -- requests ----------------------------------------------------------------------------------------------

    def _sent(self, step: Step, command: Command) -> Iterator[Request]:
        program = command.program.lower()
        if program in _CLIENTS or program in _POWERSHELL:
            method = method_of(command.words)
            skip = False
            for word in command.words[1:]:
                if not skip and not word.startswith("-"):
                    bare = "://" not in word and re.match(r"[\w-]+(\.[\w-]+)+/", word)
                    yield Request(f"http://{word}" if bare else word, method)
                skip = not skip and bool(_TAKES.fullmatch(word))
        elif program in _INTERPRETERS:
            lexed = _PYTHON if program.startswith(("python", "ruby")) else _SCRIPT
            for word, after in pairwise(command.words):
                if word in ("-c", "-e", "--eval"):
                    yield from self._code(after, lexed)
            yield from self._code(command.stdin, lexed)
            for word in command.words[1:]:
                if word.endswith(_CODE) and (code := self._code_file(step, word)):
                    yield from self._code(code, lexed)
                    return
        elif "/" in command.words[0] and command.words[0].endswith(_CODE):
            lexed = _PYTHON if command.words[0].endswith((".py", ".rb")) else _SCRIPT
            if code := self._code_file(step, command.words[0]):
                yield from self._code(code, lexed)

    def _code_file(self, step: Step, file: str) -> str | None:
        found = self._file(step, file)
        return found[1] if found else None

    def _code(self, code: str, lexed: re.Pattern[str]) -> Iterator[Request]:
        """Texts of a program that may be URLs, where the program calls anything at all."""
        kept = lexed.sub(lambda found: found["text"] or " ", code[:LONGEST_CODE])
        if not _CALLS.search(lexed.sub(" ", kept)):
            return
        bound = {found[1]: found[3] for found in _BOUND.finditer(kept)}

        def value(name: str) -> str:
            last = re.findall(r"\w+", name)[-1:] or [""]
            return bound.get(last[0], self.named.get(last[0], f"{{{last[0]}}}"))

        for found in _LITERAL.finditer(kept):
            text = _FILLED.sub(lambda inner: value(inner[1]), found[3])
            yield Request((value(found[1]) if found[1] else "") + text)


def method_of(words: tuple[str, ...]) -> str:
    """The method that a client is asked for: stated, or by what it sends."""
    for number, word in enumerate(words[1:], 1):
        if found := _ASKS_BY.fullmatch(word):
            after = words[number + 1] if number + 1 < len(words) else ""
            return (found[1] or found[2] or after).upper()
        if words[0] in ("http", "https", "xh") and word.isalpha() and word.isupper():
            return word
    if any(_SENDS.fullmatch(word) for word in words[1:]):
        return "POST"
    return "HEAD" if {"-I", "--head"} & set(words) else "GET"


def _script_name(words: tuple[str, ...]) -> str:
    """The script of package.json that `npm run x`, `pnpm x` or `yarn x` starts."""
    names = [word for word in words[1:] if not word.startswith("-")]
    return (names[1] if names[0] in ("run", "run-script") and len(names) > 1 else names[0]) if names else ""


def _within(step: Step, path: str) -> str:
    """A path in the repository, from the folder that a step works in."""
    place = posixpath.join("/", step.directory)
    for named, folder in (
        ("WORKSPACE|workspace", "/"),
        ("ACTION_PATH|action_path", f"/{posixpath.dirname(step.path)}/"),
    ):
        path = re.sub(rf"^\{{(?:GITHUB_)?(?:{named})\}}/", folder, path)
    return posixpath.normpath(posixpath.join(place, path)).lstrip("/")
