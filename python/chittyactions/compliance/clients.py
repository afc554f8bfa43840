"""Requests as the words of a client say them: its URLs, and the method that it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CLIENTS = frozenset({"curl", "curl.exe", "wget", "http", "https", "xh", "xhs", "curlie", "gh"})
POWERSHELL = frozenset({"invoke-restmethod", "invoke-webrequest", "irm", "iwr"})

_HTTPIE = frozenset({"http", "https", "xh", "xhs"})
_TAKES = re.compile(
    r"-[fsSLkvigN#]*[HdAeouFbcwTxm]|--(?:header|data(?:-\w+)?|json|user-agent|referer|output|user|form(?:-string)?|cookie"
    r"|cookie-jar|write-out|upload-file|proxy|max-time|connect-timeout|retry[\w-]*|post-\w+|body-\w+|cacert)",
)
_SENDS = re.compile(r"-[fsSLkvigN#]*[dF].*|--(?:data|json|form|post-data|post-file|body-data|body-file).*", re.DOTALL)
_ASKS_BY = re.compile(r"-[fsSLkvigN#]*X(.*)|--(?:request|method)(?:=(.*))?")
_AS_QUERY = re.compile(r"-[fsSLkvig#]*G|--get")
_OF_GH = {
    **dict.fromkeys(("-f", "-F", "--field", "--raw-field", "--input"), "--data"),
    **dict.fromkeys(("-q", "--jq", "-t", "--template", "-p", "--preview", "--hostname", "--cache"), "--header"),
}
"""Options of `gh api` that take a value, as curl has the like."""
_UNSEEN = re.compile(r"\{[^{}]*\}")
_SWITCHES = re.compile(
    r"-(?:allow|disable|follow|keepalive|nop|passt|preserve|resume|skip|usebasic|usedefault|proxyusedefault|verbose|debug)"
    r"[a-z]*"
)
"""Parameters of PowerShell, in small letters, that take no value."""


@dataclass(frozen=True)
class Request:
    """A request that a step sends. What only running would tell of its URL stands as `{name}`."""

    url: str
    method: str = ""
    """In capitals; "" where it can't be told."""
    by: str = ""
    """Whom the URL is handed to, where nobody can follow what becomes of it."""


def asked(words: tuple[str, ...]) -> Iterator[Request]:
    """What a client is asked for by its words, the program's name first."""
    program = words[0].rpartition("/")[2].lower()
    if program in POWERSHELL:
        yield from _by_parameters(words)
        return
    if program == "gh":
        words = (words[0], *(_OF_GH.get(word, word) for word in words[2:])) if words[1:2] == ("api",) else words[:1]
    begun = 1
    ends = [number for number, word in enumerate(words) if word in ("--next", "-:")] if "curl" in program else []
    for end in [*ends, len(words)]:
        part = (words[0], *words[begun:end])
        begun = end + 1
        method = method_of(part)
        for word in _positional(part):
            bare = re.match(r"[\w-]+(\.[\w-]+)+/", word)
            yield Request(f"http://{word}" if bare else word, method)


def method_of(words: tuple[str, ...]) -> str:
    """The method that a client is asked for: stated, or by what it sends. A word that nobody knows may state one."""
    httpie = words[0].rpartition("/")[2] in _HTTPIE
    for number, word in enumerate(words[1:], 1):
        if found := _ASKS_BY.fullmatch(word):
            after = words[number + 1] if number + 1 < len(words) else ""
            method = found[1] or found[2] or after
            return "" if _UNSEEN.search(method) else method.upper()
        if httpie and word.isalpha() and word.isupper():
            return word
    if any(_AS_QUERY.fullmatch(word) for word in words[1:]):
        return "GET"
    if any(_SENDS.fullmatch(word) for word in words[1:]):
        return "POST"
    if {"-I", "--head"} & set(words):
        return "HEAD"
    positional = list(_positional(words))
    if httpie and any(re.match(r"[\w.-]+(?::=|=(?!=))", word) for word in positional[1:]):
        return "POST"
    return "" if len(positional) > 1 and any(map(_UNSEEN.fullmatch, positional)) else "GET"


def _positional(words: tuple[str, ...]) -> Iterator[str]:
    """The words that are neither options nor their values."""
    skip = False
    for word in words[1:]:
        if not skip and (not word.startswith("-") or word.startswith("--url=")):
            yield word.removeprefix("--url=")
        skip = not skip and bool(_TAKES.fullmatch(word))


def _by_parameters(words: tuple[str, ...]) -> Iterator[Request]:
    """Invoke-RestMethod and its like: parameters in any case, shortened as far as they stay clear."""
    method, urls = "GET", []
    rest = list(words[1:])
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            urls.append(word)
            continue
        name, _, value = word.partition(":")
        name = name.lower()
        if not value and not _SWITCHES.fullmatch(name):
            value = rest.pop(0) if rest else ""
        if re.fullmatch(r"-(?:m|me|met|meth|metho|method|cu\w*)", name):
            method = "" if _UNSEEN.search(value) else value.upper()
        elif name in ("-u", "-ur", "-uri"):
            urls.insert(0, value)
    if urls:
        yield Request(urls[0], method)
