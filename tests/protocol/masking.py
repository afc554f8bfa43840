"""What GitHub's runner hides in a log, and what it lets through; and the search for a leaked secret.

`Masker` follows the runner's own encoders (actions/runner, `SecretMasker` and `ValueEncoders`), so that a
test sees a log and a job output as GitHub would show them. `find_leaks` is stricter: it looks for a secret in
every form that a person could turn back, the ones that the runner leaks among them.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import tarfile
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape as xml_escape

SHORTEST_FORM = 6
"""A shorter piece of a secret (a last line of `}`) is found everywhere and says nothing."""


def _base64_shifts(value: str) -> Iterator[str]:
    raw = value.encode()
    for shift in range(3):
        yield base64.b64encode(raw[shift:] if len(raw) > shift else raw).decode()


def _powershell(value: str) -> Iterator[str]:
    if "&" not in value:
        return
    cut = value.index("&+") + 2 if "&+" in value else value.rindex("&") + 1
    for section in (value[:cut], value[cut + 1 :] if "&+" in value else value[cut:]):
        if len(section) >= SHORTEST_FORM:
            yield section


def runner_forms(value: str) -> set[str]:
    """Every string that the runner hides for one registered mask."""
    forms = {
        value,
        *_base64_shifts(value),
        *_powershell(value),
        value.replace("'", "''"),
        value.replace('"', '\\"'),
        json.dumps(value, ensure_ascii=False)[1:-1],
        urllib.parse.quote(value, safe="-_.~"),
        xml_escape(value, {'"': "&quot;", "'": "&apos;"}),
    }
    if len(value) > 8 and value[0] == value[-1] == '"':
        forms.add(value.strip('"'))
    return {form for form in forms if form.strip()}


def _finds(form: str, text: str) -> Iterator[int]:
    """Where a form begins in a text, overlapping finds too."""
    start = text.find(form)
    while start >= 0:
        yield start
        start = text.find(form, start + 1)


class Masker:
    """The runner's list of masks for one job."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self.values: list[str] = []

    def add(self, value: str) -> None:
        """Register a mask as `::add-mask::` does: the whole value and each of its lines."""
        if not value.strip():
            return
        self.values.append(value)
        for piece in {value, *re.split(r"[\r\n]+", value)}:
            if piece.strip():
                self._forms |= runner_forms(piece)

    def mask(self, text: str) -> str:
        """The text as the log shows it: overlapping and touching finds become one `***`."""
        spans = sorted((start, start + len(form)) for form in self._forms for start in _finds(form, text))
        shown: list[str] = []
        position = 0
        for start, end in spans:
            if start > position or (start == 0 and not shown):
                shown += [text[position:start], "***"]
            elif not shown:
                shown.append("***")
            position = max(position, end)
        return "".join(shown) + text[position:]

    def hides(self, text: str) -> bool:
        """Whether the runner would drop this value as a job output or an environment's URL."""
        return any(form in text for form in self._forms)


@dataclass(frozen=True)
class Leak:
    """One secret that was found where it must not be; never holds the secret itself."""

    where: str
    secret: str
    form: str


def _core(encoded: str) -> str:
    """Base64 without what the neighbours of the secret would change: padding and the last character."""
    return encoded.rstrip("=")[:-1]


def leak_forms(secret: str) -> dict[str, bytes]:
    """Each reversible form of a secret by name; what the runner would mask and what it would leak alike."""
    raw = secret.encode()
    forms: dict[str, str] = {
        "as it is": secret,
        "reversed": secret[::-1],
        "hex": raw.hex(),
        "hex, upper case": raw.hex().upper(),
        "percent-encoded": urllib.parse.quote(secret, safe="-_.~"),
        "form-encoded": urllib.parse.quote_plus(secret),
        "percent-encoded, lower case": re.sub(
            r"%[0-9A-F]{2}", lambda match: match.group().lower(), urllib.parse.quote(secret, safe="-_.~")
        ),
        "JSON": json.dumps(secret, ensure_ascii=False)[1:-1],
        "JSON, ASCII": json.dumps(secret)[1:-1],
        "JSON, ASCII, upper case": re.sub(
            r"\\u[0-9a-f]{4}", lambda m: "\\u" + m.group()[2:].upper(), json.dumps(secret)[1:-1]
        ),
        "JSON in JSON": json.dumps(json.dumps(secret)[1:-1])[1:-1],
        "JSON with \\/": json.dumps(secret)[1:-1].replace("/", "\\/"),
        "XML": xml_escape(secret, {'"': "&quot;", "'": "&apos;"}),
        "Python repr": repr(secret)[1:-1],
        "bytes repr": repr(raw)[2:-1],
        "workflow command": secret.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"),
        "lower case": secret.lower(),
        "upper case": secret.upper(),
    }
    for shift in range(3):
        # Three bytes become four characters: a secret behind 0, 1 or 2 other bytes has one of three forms.
        padded = base64.b64encode(b"\0" * shift + raw).decode()
        core = _core(padded)[(0, 2, 3)[shift] :]
        forms[f"base64, shift {shift}"] = core
        forms[f"base64url, shift {shift}"] = core.replace("+", "-").replace("/", "_")
    for number, line in enumerate(secret.splitlines()):
        if len(line) >= SHORTEST_FORM and line != secret:
            forms[f"line {number + 1}"] = line
            forms[f"line {number + 1}, base64"] = _core(base64.b64encode(line.encode()).decode())
            forms[f"line {number + 1}, hex"] = line.encode().hex()
    if len(secret) >= 4 * SHORTEST_FORM:
        # A mask that cuts a secret in two hides neither half of a value that was printed in another form.
        half = len(secret) // 2
        forms |= {"first half": secret[:half], "second half": secret[half:]}
    return {name: form.encode() for name, form in forms.items() if len(form) >= SHORTEST_FORM}


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """A file and, where it is an archive, all that it holds."""
    yield name, content
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return
        yield f"{name} (gunzip)", content
    if content[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                held = archive.extractfile(member) if member.isfile() else None
                if held is not None:
                    yield from _unpacked(f"{name}!{member.name}", held.read())
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            for entry in bundle.namelist():
                yield from _unpacked(f"{name}!{entry}", bundle.read(entry))


def find_leaks(places: Mapping[str, bytes | str], secrets: Mapping[str, str] | Iterable[str]) -> list[Leak]:
    """Search every place (a name → its content; archives are opened) for every secret in every form.

    `secrets` is a mapping from a name that may be shown to the secret, or just the secrets.
    """
    if not isinstance(secrets, Mapping):
        secrets = {f"secret {number}": secret for number, secret in enumerate(secrets)}
    forms = {name: leak_forms(secret) for name, secret in secrets.items()}
    return [
        Leak(where, name, form)
        for place, content in places.items()
        for where, data in _unpacked(place, content.encode() if isinstance(content, str) else content)
        for name, known in forms.items()
        for form, needle in known.items()
        if needle in data
    ]
