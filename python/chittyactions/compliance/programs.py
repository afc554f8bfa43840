"""What programs in Python, JavaScript and Ruby send: the calls in them, with the URLs and methods that they are given.

No program is run. Comments and what is merely printed send nothing; a URL that is handed to a function which nobody
knows may be sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import urljoin

from chittyactions.compliance.clients import Request
from chittyactions.compliance.program_text import CALL, LONGEST_CALL, PYTHON, Code
from chittyactions.compliance.shell_words import Budget, Lookup

LONGEST_CODE = 200_000
"""Signs of a program that are looked at; what sends a heartbeat is short."""

DEEPEST = 8
"""Names and calls within each other."""

_BEFORE = re.compile(r"[^\w$.:?]")
"""What stands before a function and the object that it is called on."""
_BOUND = re.compile(
    r"(?:^|;)[ \t]{0,99}(?:export[ \t]{1,9})?(?:(?:const|let|var)[ \t]{1,9})?(\w{1,99})[ \t]{0,20}(?::[^=;\n]{0,80})?"
    r"=(?![=>~])[ \t]{0,99}(?:\n[ \t]{0,99})?",
    re.MULTILINE,
)
"""What begins a value that a name is bound to."""
_CHANGED = re.compile(r"(?<![\w.$])(\w{1,99})(?:\.\w{1,99})[ \t]{0,20}=(?![=>~])")
_TAKEN = re.compile(
    r"\b(?:function|def)\b[^()\n]{0,99}\(([^()]{0,500})\)|\(([^()]{0,500})\)[ \t]{0,9}=>|\b(\w{1,99})[ \t]{0,9}=>"
    r"|^[ \t]{0,99}(?:async[ \t]{1,9})?(?!(?:if|for|while|switch|catch)\b)\w{1,99}\(([^()]{0,500})\)[ \t]{0,9}\{"
    r"|\bfor\b[ \t(]{1,9}(?:const[ \t]|let[ \t]|var[ \t])?[ \t]{0,9}(\w{1,99})[ \t]{1,9}(?:of|in)\b",
    re.MULTILINE,
)
"""The parameters of a function and the name of a loop, which may hold anything."""
_ANSWERS = re.compile(r"(?:async\b\s*)?(?:function\b|\([^()]*\)\s*=>|\w+\s*=>)")
"""A function behind a URL: what a server or a test does where it is asked."""
_TEXT = re.compile(r"([fFrRbBuU]{0,2})(\"\"\"|'''|[\"'`])(.*)\2", re.DOTALL)
_INNER = {"f": re.compile(r"\{([^{}]*)\}"), "`": re.compile(r"\$\{([^{}]*)\}"), '"': re.compile(r"#\{([^{}]*)\}")}
_ENV = re.compile(
    r"(?:(?:process|import\.meta|Bun)\.env\.(\w+)"
    r"|(?:(?:process|import\.meta|Bun)\.env|os\.environ|environ|ENV)\[\s*[\"'](\w+)[\"']\s*\])!?"
)
_ENV_CALLS = frozenset({"os.environ.get", "environ.get", "os.getenv", "getenv", "ENV.fetch", "Deno.env.get"})
_TIDIES = re.compile(r"(.+?)\.(?:replace|rstrip|strip|removesuffix|trim|toString|chomp|format)\([^()]*\)", re.DOTALL)

_URL = re.compile(r"https?://[^\s\"'`]+")
_OPEN = re.compile(r"\w+$|\{\s*\.\.\.|\*\*")
"""Options that are made elsewhere."""

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_SENDERS = frozenset(
    {"fetch", "$fetch", "ofetch", "request", "Request", "urlopen", "axios", "got", "ky", "needle", "stream"}
)
_BY_DATA = frozenset({"urlopen", "Request"})
_HARMLESS = re.compile(
    r"(?i)(?:.*log|print\w*|p?puts|info|debug|warn\w*|error|notice|write\w*|set\w*|export\w*|append|push|join|format"
    r"|replace|test|match|\w*with|includes|parse\w*|exit|\w*error|exception|dumps|stringify|url\w*|uri|str|string|len"
    r"|require|import|get\w*|summary|add\w*|assert\w*|expect|equal\w*|if|while|for|switch|return)"
)
"""Functions that send nothing, whatever they are given."""


def sent(code: str, grammar: re.Pattern[str], lookup: Lookup, budget: Budget) -> Iterator[Request]:
    """What a program sends. `lookup` knows environment variables."""
    yield from _Program(code[:LONGEST_CODE], grammar, lookup, budget).requests()


class _Program(Code):
    def __init__(self, code: str, grammar: re.Pattern[str], lookup: Lookup, budget: Budget) -> None:
        super().__init__(code, grammar, budget)
        self.lookup = lookup

    def requests(self) -> Iterator[Request]:
        masked = self.masked
        for found in CALL.finditer(masked):
            on = _BEFORE.split(masked[max(0, found.start() - 60) : found.start()])[-1]
            arguments, _ = self.within(self.code, masked, found.end())
            if arguments:
                yield from self._called(on, found[1], arguments)

    def _called(self, on: str, name: str, arguments: list[str]) -> Iterator[Request]:
        verb = name.lower().removesuffix("_form")
        if f"{on}{name}" in _ENV_CALLS:
            return
        if verb in _VERBS and verb != "get" and len(arguments) > 1 and _ANSWERS.match(arguments[1].strip()):
            return
        if verb in _VERBS:
            yield Request(self._address(on, arguments), verb.upper())
        elif name in _SENDERS:
            yield self._sent(on, name, arguments)
        elif not _HARMLESS.fullmatch(name):
            for argument in arguments[:3]:
                for one in self._listed(argument):
                    yield from (Request(url, by=f"{on}{name}") for url in _URL.findall(self.value(one)))

    def _sent(self, on: str, name: str, arguments: list[str]) -> Request:
        """A request whose method is a text before or in front of the URL, or an option behind it."""
        first = self.value(arguments[0])
        if stated := re.fullmatch(r"([A-Z]{3,7}) +(\S+)", first):
            return Request(_absolute(on, stated[2]), stated[1])
        if len(arguments) > 1 and _is_address(second := self.value(arguments[1])) and not _is_address(first):
            return Request(_absolute(on, second), first.upper() if first.isalpha() else "")
        method = self._option("method", arguments)
        if method is not None:
            method = self.value(method).upper()
            method = method if method.isalpha() else ""
        elif name in _BY_DATA and self.grammar is PYTHON and self._has_data(arguments):
            method = "POST"
        else:
            given = (self.bound.get(one.strip(), one).strip() for one in arguments[1:])
            method = "" if any(map(_OPEN.match, given)) else "GET"
        return Request(self._address(on, arguments), method)

    def _has_data(self, arguments: list[str]) -> bool:
        return self._option("data", arguments) is not None or (len(arguments) > 1 and "=" not in arguments[1])

    def _address(self, on: str, arguments: list[str]) -> str:
        """The URL of a call: its first argument, or what it says by name."""
        host = self._option("hostname", arguments) or self._option("host", arguments)
        if host is not None:
            path = self._option("path", arguments)
            return f"https://{self.value(host)}{'' if path is None else self.value(path)}"
        return _absolute(on, self.value(self._option("url", arguments) or arguments[0]))

    def _option(self, name: str, arguments: list[str]) -> str | None:
        """The value of a keyword argument, or of what an object of options holds; None where there is none."""
        for stated in arguments:
            argument = self.bound.get(stated.strip(), stated).strip()
            sign = ":" if argument.startswith("{") else "="
            for part in self._listed(argument):
                if found := re.fullmatch(rf"\s*[\"']?{name}[\"']?\s*{sign}(?!=)(.*)", part, re.DOTALL):
                    return found[1]
                if sign == ":" and part.strip() == name:
                    return name
        return None

    def _listed(self, argument: str) -> list[str]:
        """The parts of a list or an object; else the argument itself."""
        argument = argument.strip()
        if argument[:1] in ("[", "{") and argument[-1:] in ("]", "}"):
            return self.split(argument[1:-1], ",")
        return [argument]

    # -- names -------------------------------------------------------------------------------------------------

    @cached_property
    def bound(self) -> dict[str, str]:
        """What each name is bound to. One that may hold several things, or that a call fills in, is not known."""
        found: dict[str, set[str]] = {}
        inside = self.insides()
        for one in _BOUND.finditer(self.masked):
            if inside(one.start(1)) not in ("(", "["):  # an argument is bound to nothing
                found.setdefault(one[1], set()).add(self.code[one.end() : self.until(one.end())])
        for taken in _TAKEN.finditer(self.masked):
            for name in re.findall(r"(?:^|,)\s*(\w+)", taken[taken.lastindex or 0]):
                found.setdefault(name, set()).add("")
        for changed in _CHANGED.finditer(self.masked):
            found.setdefault(changed[1], set()).add("")
        if self.budget.left < 0:  # not every value was read to its end
            return {}
        return {name: values.pop() for name, values in found.items() if len(values) == 1}

    # -- values ------------------------------------------------------------------------------------------------

    def value(self, expression: str, depth: int = 0) -> str:
        """The text that an expression is, with `{}` for what only running would tell."""
        expression = re.sub(r"^(?:\s|await\b|new\b)+|[\s;]+$", "", expression)
        if depth > DEEPEST or len(expression) > LONGEST_CALL or not self.budget.take(len(expression) + 20):
            return "{}"
        chosen = self.split(expression, r"\|\||\?\?|\bor\b")
        if len(chosen) > 1:
            values = [self.value(one, depth + 1) for one in chosen]
            return next((one for one in values if not re.fullmatch(r"\{\w+\}|", one)), values[0])
        if len(added := self.split(expression, r"\+")) > 1:
            joined = "".join(self.value(one, depth + 1) for one in added)
            return joined if self.budget.take(len(joined)) else "{}"
        if text := self._literal(expression, depth):
            return text[0]
        return self._named(expression, depth)

    def _literal(self, expression: str, depth: int) -> tuple[str] | None:
        text = _TEXT.fullmatch(expression)
        if not text or not (whole := self.grammar.match(expression, len(text[1]))) or whole.end() < len(expression):
            return None
        inner = _INNER.get("f" if "f" in text[1].lower() else text[2])
        if inner is None:
            return (text[3],)
        return (inner.sub(lambda found: self.value(found[1], depth + 1), text[3]),)

    def _named(self, expression: str, depth: int) -> str:
        if found := _ENV.fullmatch(expression):
            return self._variable(found[1] or found[2])
        if re.fullmatch(r"[\w.]+!?", expression):
            name = re.sub(r"^(?:self|this)\.|!$", "", expression)
            return self.value(self.bound[name], depth + 1) if name in self.bound else "{}"
        if tidied := _TIDIES.fullmatch(expression):
            return self.value(tidied[1], depth + 1).rstrip("/")
        if call := re.match(r"([\w.]*)\(", expression):
            arguments, end = self.within(expression, self.mask(expression), call.end())
            if end == len(expression):
                return self._made(call[1], arguments, depth)
        return "{}"

    def _made(self, name: str, arguments: list[str], depth: int) -> str:
        """What a call of a function that only makes a text comes to."""
        values = [self.value(one, depth + 1) for one in arguments[:2]]
        if not name:
            return values[0] if len(values) == 1 else "{}"
        if name in _ENV_CALLS and values:
            found = self._variable(values[0])
            return values[1] if found == f"{{{values[0]}}}" and len(values) > 1 else found
        last = name.rpartition(".")[2]
        if last in ("URL", "urljoin") and len(values) == 2:
            base, path = values if last == "urljoin" else reversed(values)
            return urljoin(base, path) if "://" in base else base + path
        return values[0] if values and (last in ("URL", "URI", "String", "str") or name == "URI.parse") else "{}"

    def _variable(self, name: str) -> str:
        found = self.lookup(name)
        return f"{{{name}}}" if found is None else found


def _is_address(text: str) -> bool:
    return "://" in text or text.startswith("/")


def _absolute(on: str, url: str) -> str:
    """A URL; a mere path belongs to a host that the object before the call was given."""
    return "{}" + url if on.endswith(".") and url.startswith("/") else url
