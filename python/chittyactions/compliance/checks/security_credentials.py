"""Credentials in plain sight: few formats, each certain, so that what is found is one. A value is never shown.

A credential of a format that looks like many other things (a Cloudflare token of before 2026, forty letters) is not
looked for: that is what a scanner is for, which may ask the service whether it is alive.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from chittyactions.compliance.checks.security_workflows import MOST
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotKnown
from chittyactions.compliance.files import Kind, Unreadable
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import glob

LARGEST = 1024 * 1024
"""Bytes of a file that is searched. What people write by hand is smaller."""

MOST_BYTES = 256 * 1024 * 1024
"""Bytes of all files together."""

MOST_PLACES = 1_000
"""Of each beginning in a file. No file that people write has as many."""

LEAST_DIFFERENT = 12
"""Different signs in a value that somebody drew by lot. "xxxx…" and "1234…" have fewer."""

SHOWN = 4
"""Signs of a value that a finding may show. They say what it is, and nothing of the rest."""

_DIGITS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WITHIN = re.compile(rb"[A-Za-z0-9_]")
_AROUND = 500
"""Bytes before and behind the name of an AWS key in which the key itself stands."""
_AWS_KEY = re.compile(rb"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])")
_NOT_REAL = re.compile(rb"EXAMPLE|example|REDACTED|redacted|xxxxx|XXXXX|12345678|abcdefgh|ABCDEFGH|(.)\1{5}")


@dataclass(frozen=True)
class Format:
    """A format: what it is of, how it begins, how the rest looks, and whether what looks so is one.

    `begins` are looked for as they are, which is a hundred times faster than any pattern.
    """

    what: str
    begins: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    """Of all of it."""
    is_one: Callable[[bytes, int, int], bool]
    """From the whole text, and where in it the value begins and ends."""


def _is_drawn(text: bytes, begin: int, end: int) -> bool:
    """Whether a value may have been drawn by lot."""
    value = text[begin:end]
    return len(set(value)) >= LEAST_DIFFERENT and not _NOT_REAL.search(value)


def _has_sum(text: bytes, _begin: int, end: int) -> bool:
    """Whether a token's last six signs are the sum of the thirty before them, as GitHub and npm make them.

    https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    """
    number, told = zlib.crc32(text[end - 36 : end - 6]), b""
    for _ in range(6):
        number, digit = divmod(number, 62)
        told = _DIGITS[digit : digit + 1] + told
    return text[end - 6 : end] == told


def _is_key_pair(text: bytes, begin: int, end: int) -> bool:
    """Whether near the name of an AWS key stands what may be the key: not a commit, which is forty signs as well."""
    if _NOT_REAL.search(text[begin:end]):
        return False
    return any(
        re.search(rb"[g-zG-Z/+]", near[0]) and re.search(rb"[a-z]", near[0]) and re.search(rb"[A-Z]", near[0])
        and re.search(rb"\d", near[0]) and not _NOT_REAL.search(near[0])
        for near in _AWS_KEY.finditer(text, max(0, begin - _AROUND), end + _AROUND)
    )  # fmt: skip


def _is_key_block(text: bytes, _begin: int, end: int) -> bool:
    """Whether a key follows its heading: at least 60 signs, in lines, or in a text that writes their ends as signs."""
    body = re.sub(rb"\\r|\\n|[\s\"',+]", b"", text[end : end + 300])
    found = re.match(rb"[A-Za-z0-9/=]{60}", body)
    return found is not None and _is_drawn(found[0], 0, 60)


_END = rb"(?![A-Za-z0-9_])"


def _format(what: str, begins: str, pattern: bytes, is_one: Callable[[bytes, int, int], bool] = _is_drawn) -> Format:
    return Format(what, tuple(begins.encode().split()), re.compile(pattern + _END), is_one)


FORMATS = (
    _format("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", rb"gh._[A-Za-z0-9]{36}", _has_sum),
    _format("GitHub token", "github_pat_", rb"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    _format("npm token", "npm_", rb"npm_[A-Za-z0-9]{36}", _has_sum),
    _format("Cloudflare token", "cfk_ cfut_ cfat_", rb"[a-z]+_[A-Za-z0-9]{40}[0-9a-f]{8}"),
    _format("Cloudflare origin key", "v1.0-", rb"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}"),
    _format("AWS access key", "AKIA", rb"AKIA[A-Z2-7]{16}", _is_key_pair),
    _format("Slack token", "xoxa- xoxb- xoxe- xoxp- xoxr- xoxs-", rb"xox.-[0-9]{9,15}-[0-9]{9,15}-[A-Za-z0-9-]{24,80}"),
    _format("Slack webhook", "hooks.slack.com/", rb"[a-z./]+/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}"),
    _format("Stripe key", "sk_live_ rk_live_", rb".k_live_[A-Za-z0-9]{24,120}"),
    _format("Anthropic key", "sk-ant-", rb"sk-ant-(?:api|admin)[0-9]{2}-[A-Za-z0-9_-]{93}AA"),
    _format("PyPI token", "pypi-AgEIcHlwaS5vcmc", rb"pypi-[A-Za-z0-9_-]{66,500}"),
    _format("private key", "-----BEGIN ", rb"-----BEGIN (?:(?:RSA|EC|DSA|OPENSSH) )?PRIVATE KEY-----", _is_key_block),
)


def plain_sight(subject: Subject) -> Iterable[Finding]:
    """No file of the repository, tests and what was installed aside, has a credential in it."""
    files, folder = subject.repository.files, subject.repository.folder
    left_out = re.compile("|".join(f"(?:{glob(one).pattern})" for one in subject.parameters["except"]))
    found, room = 0, MOST_BYTES
    unread = ""
    for path, kind in sorted(files.within(folder, deep=True)):
        if kind is not Kind.FILE or left_out.fullmatch(path):
            continue
        try:
            text = files.content(path, LARGEST)
        except Unreadable as error:
            unread = unread or ("" if error.ours else f"{path}: {error.reason}")
            continue
        room -= len(text)
        if room < 0:
            unread = f"there are more than {MOST_BYTES >> 20} MiB; what comes behind {path} was not searched"
            break
        for begin, what in searched(text):
            found += 1
            if found <= MOST:
                yield _finding(subject, path, text, what, begin)
    if unread:
        raise NotKnown(unread)


def searched(text: bytes) -> list[tuple[int, str]]:
    """Where credentials stand in a text, and what they are."""
    found = []
    for kind in FORMATS:
        for begin in _places(text, kind.begins):
            match = kind.pattern.match(text, begin)
            if match and kind.is_one(text, begin, match.end()):
                found.append((begin, kind.what))
    return sorted(found)


def _places(text: bytes, begins: Iterable[bytes]) -> Iterator[int]:
    """Where one of some words begins that nothing stands before, `MOST_PLACES` times."""
    for word in begins:
        at = text.find(word)
        for _ in range(MOST_PLACES):
            if at < 0:
                break
            if not _WITHIN.match(text, at - 1) or at == 0:
                yield at
            at = text.find(word, at + 1)


def _finding(subject: Subject, path: str, text: bytes, what: str, begin: int) -> Finding:
    above = text.rfind(b"\n", 0, begin) + 1
    shown = text[begin : begin + SHOWN].decode("ascii", "replace")
    named = f"a {what}" if what[0] != "A" else f"an {what}"
    return Finding(
        f"{path} has {named} in plain sight{'' if what == 'private key' else f' ({shown}…)'}.",
        str(subject.parameters["remediation"]),
        why=str(subject.parameters["why"]),
        path=path,
        line=text.count(b"\n", 0, begin) + 1,
        column=len(text[above:begin].decode("utf-8", "replace")) + 1,
        fix=str(subject.parameters["revoke"].get(what, "")),
    )
