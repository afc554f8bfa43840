"""Sources without their comments. Only what is surely a comment is taken out: in doubt it is code.

Lines and columns stay what they are.
"""

from __future__ import annotations

import io
import re
import token
import tokenize
from collections.abc import Iterator
from contextlib import suppress

_CLOSED = r"(?:\*/|\Z)"
_BRACED = re.compile(
    rf"""
      ^[ \t]*\{{?/\*(?s:.*?){_CLOSED}           # only at the beginning of a line may a comment go over several
    | (?<![\\\w])/\*.*?(?:\*/|$)
    | (?<![:\\])//.*                            # https://… is none where it is no string: in JSX
    | "(?:\\.|[^"\\\n])*"
    | '(?:\\.|[^'\\\n])*'
    | `(?:\\.|\$\{{(?:[^{{}}`\n]|\{{[^{{}}`\n]*\}}|`[^`\n]*`)*\}}|(?!\$\{{)[^`\\\n])*`
    | (?:(?<=[=(,:!&|?;{{\[])|(?<=\breturn))[ \t]*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n]){{0,100}}\]|[^/\\\[\n]){{1,100}}/
    | ["'`].*                                   # it stays open, so that the rest of the line may be anything
    """,
    re.MULTILINE | re.VERBOSE,
)
"""Comments, strings, templates and regular expressions of JavaScript, TypeScript, Go and Rust.

Nothing but a comment goes over several lines: what follows a line that was not understood is read afresh.
"""

_COMMENT = re.compile(r"[ \t]*\{?(?://|/\*(?s:.*)\*/\Z)")
_WHOLE = re.compile(r"(?:[^`$]|\$(?!\{)|`[^`]*`)*")
"""What ends no template, and holds no expression of one: it may go over several lines, and these be among them."""

_SAID = re.compile("[rRuU]*[\"']")
"""How a string of Python begins in which nothing is worked out."""

_BEGINNINGS = frozenset({token.NEWLINE, token.NL, token.INDENT, token.DEDENT})
"""What a statement of Python comes after."""


def without_comments(path: str, text: str) -> str:
    """The text with each comment blanked."""
    if not path.endswith(".py"):
        return _BRACED.sub(_blanked_comment, text)
    signs = list(text)
    for start, stop in _remarks(text):
        signs[start:stop] = _blank(text[start:stop])
    return "".join(signs)


def _blanked_comment(found: re.Match[str]) -> str:
    text = found[0]
    return _blank(text) if _COMMENT.match(text) and _WHOLE.fullmatch(text) else text


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _remarks(text: str) -> Iterator[tuple[int, int]]:
    """Where the comments of Python are, and strings that are a statement; those before what is no Python."""
    lines = [0, *(found.end() for found in re.finditer("\n", text)), len(text)]
    begins, waiting = True, None
    with suppress(tokenize.TokenError, SyntaxError):
        for one in tokenize.generate_tokens(io.StringIO(text).readline):
            place = lines[one.start[0] - 1] + one.start[1], lines[one.end[0] - 1] + one.end[1]
            if one.type == token.COMMENT:
                yield place
                continue
            if waiting and one.type == token.NEWLINE:
                yield waiting
            plain = one.type == token.STRING and _SAID.match(one.string)
            waiting = place if plain and begins else None
            begins = one.type in _BEGINNINGS
