"""One granted credential, and how the answers of ChittyConnect become such values."""

from __future__ import annotations

import json

from chittyactions.connect.catalogue import ACCOUNT_ID, CLOUDFLARE_TOKEN, OUTPUTS, PUBLIC, canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FIELDS = {output: name for name, output in OUTPUTS.items()}
_SECRET_ENDINGS = ("_token", "_key", "_secret", "_password", "_url", "_dsn")

SHORTEST = 8
"""Characters: a shorter part of a structure (a port, a flag) is no secret by itself."""

LONGEST_ID = 200
"""Characters of a token id."""

DEEPEST = 50
"""Levels of a structure. What is nested deeper is no credential, and beyond what Python's own JSON can write."""


class Credential:
    """A granted credential.

    `value` is text (a number or a structure as JSON), `secrets` all that has to be masked of it. `way` is oidc,
    deploy or provision. `expires_at` is ISO 8601 or "" where the service names no end; `token_id` is what revokes
    it, or "".
    """

    __slots__ = ("expires_at", "name", "secrets", "token_id", "value", "way")

    def __init__(self, name: str, value: object, way: str, *, expires_at: object = "", token_id: object = "") -> None:
        self.name = name
        self.way = way
        self.value = _text(value)
        self.secrets = () if name in PUBLIC else tuple(dict.fromkeys(_secrets(value)))
        self.expires_at = expires_at if isinstance(expires_at, str) and moment(expires_at) is not None else ""
        self.token_id = _identifier(token_id)

    @property
    def public(self) -> bool:
        """Whether it is an identifier and no secret."""
        return self.name in PUBLIC

    @property
    def is_text(self) -> bool:
        """Whether it can be written to a file at all: half a surrogate pair is no character."""
        return not any("\ud800" <= character <= "\udfff" for character in self.value)

    @property
    def identity(self) -> str:
        """The identity that got it: oidc or api-key."""
        return "oidc" if self.way == "oidc" else "api-key"


def from_exchange(answer: Mapping[str, object]) -> list[Credential]:
    """`{"credentials": {NAME: value}}` of the id token's exchange. A null or an empty value is no grant."""
    held = answer.get("credentials")
    pairs = held.items() if isinstance(held, dict) else ()
    return [Credential(canonical(name), value, "oidc") for name, value in pairs if _given(name, value)]


def from_deploy(answer: Mapping[str, object]) -> list[Credential]:
    """All that `/credentials/deploy` granted: known fields, and unknown ones that are secrets by their name."""
    held = answer.get("credentials")
    found: dict[str, object] = {}
    for field, value in {**answer, **(held if isinstance(held, dict) else {})}.items():
        if field in _FIELDS or canonical(field) in OUTPUTS or field.endswith(_SECRET_ENDINGS):
            found[_FIELDS.get(field) or canonical(field.upper())] = value
        elif isinstance(held, dict) and field in held:
            found[field] = value
    return [
        Credential(
            name,
            value,
            "deploy",
            expires_at="" if name in PUBLIC else answer.get("expires_at"),
            token_id=answer.get("token_id") if name == CLOUDFLARE_TOKEN else "",
        )
        for name, value in found.items()
        if _given(name, value)
    ]


def from_provision(name: str, answer: Mapping[str, object]) -> list[Credential]:
    """The one credential of a provision, and the account id that comes with it.

    A token id without a value is a lease all the same: the credential exists and has to be revoked.
    """
    held = answer.get("credential")
    if not isinstance(held, dict):
        return []
    found = []
    if _given(name, held.get("value")) or held.get("token_id") not in (None, ""):
        value, end, lease = held.get("value"), held.get("expires_at"), held.get("token_id")
        found.append(Credential(name, value, "provision", expires_at=end, token_id=lease))
    if _given(ACCOUNT_ID, held.get("account_id")):
        found.append(Credential(ACCOUNT_ID, held["account_id"], "provision"))
    return found


def plain(text: str) -> bool:
    """Whether it is a name or an id: at most 100 letters, digits, `_`, `-` and `.`."""
    return 0 < len(text) <= 100 and text.isascii() and text.translate(_JOINTS).isalnum()


_JOINTS = str.maketrans("", "", "_-.")


LONGEST_TIME = 40
_OF_A_TIME = "0123456789-:.+TZtz "


def moment(text: str) -> float | None:
    """ISO 8601 as seconds since 1970, UTC where no zone is named; None for anything else."""
    from datetime import datetime, timezone

    if not len("2026-01-31T12:00") <= len(text) <= LONGEST_TIME or not text[:4].isdigit() or text.strip(_OF_A_TIME):
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        try:  # Python 3.10 reads three or six digits after the second, and no others
            found = datetime.fromisoformat(text[:19])
        except ValueError:
            return None
    return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()


def _identifier(token_id: object) -> str:
    """A token id as text: numbers too, and every printable mark but the comma that the output joins them by."""
    text = str(token_id) if isinstance(token_id, (str, int)) and not isinstance(token_id, bool) else ""
    fits = 0 < len(text) <= LONGEST_ID and text.isascii() and text.isprintable()
    return text if fits and " " not in text and "," not in text else ""


def _given(name: object, value: object) -> bool:
    return isinstance(name, str) and plain(name) and value not in (None, "", [], {}) and bool(_text(value))


def _text(value: object) -> str:
    """A value as text; "" for what is blank, or nested so deeply that it is no credential."""
    if isinstance(value, str):
        return value if value.strip() else ""
    if value is None or _parts(value) is None:
        return ""
    return json.dumps(value, ensure_ascii=False)


def _secrets(value: object) -> Iterator[str]:
    """A secret and, where it has a structure or is the text of one, each part that is long enough to be one."""
    text = _text(value)
    if not text and isinstance(value, str):
        return
    if text:
        yield text
    parsed = value
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            return
    if isinstance(parsed, (dict, list)):
        parts = _parts(parsed)
        if parts is not None:
            yield json.dumps(parsed, ensure_ascii=False)
            yield json.dumps(parsed)
        yield from (part for part in parts or () if len(part) >= SHORTEST)


def _parts(value: object) -> list[str] | None:
    """The scalars of a structure as text, in order; None when it is nested too deeply."""
    level, found = [value], []
    for _ in range(DEEPEST):
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
            elif item is not None:
                found.append(item if isinstance(item, str) else json.dumps(item))
        if not inner:
            return found
        level = inner
    return None
