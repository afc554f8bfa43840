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
        self.secrets = () if name in PUBLIC else tuple(dict.fromkeys(_leaves(value)))
        self.expires_at = expires_at if isinstance(expires_at, str) and moment(expires_at) is not None else ""
        self.token_id = token_id if isinstance(token_id, str) and plain(token_id) else ""

    @property
    def public(self) -> bool:
        """Whether it is an identifier and no secret."""
        return self.name in PUBLIC

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
    if _given(name, held.get("value")) or held.get("token_id"):
        value, end, lease = held.get("value"), held.get("expires_at"), held.get("token_id")
        found.append(Credential(name, value, "provision", expires_at=end, token_id=lease))
    if _given(ACCOUNT_ID, held.get("account_id")):
        found.append(Credential(ACCOUNT_ID, held["account_id"], "provision"))
    return found


def plain(text: str) -> bool:
    """Whether it is a name or an id: at most 100 letters, digits, `_`, `-` and `.`."""
    return 0 < len(text) <= 100 and text.isascii() and text.translate(_JOINTS).isalnum()


_JOINTS = str.maketrans("", "", "_-.")


def moment(text: str) -> float | None:
    """ISO 8601 as seconds since 1970, UTC where no zone is named; None for anything else."""
    from datetime import datetime, timezone

    if len(text) < len("2026-01-31T12:00") or not text[:4].isdigit():
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        try:  # Python 3.10 reads three or six digits after the second, and no others
            found = datetime.fromisoformat(text[:19])
        except ValueError:
            return None
    return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()


def _given(name: object, value: object) -> bool:
    return isinstance(name, str) and plain(name) and value not in (None, "", [], {}) and bool(_text(value).strip())


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _leaves(value: object) -> Iterator[str]:
    """A secret and, where it has a structure, each part of it that is long enough to be one."""
    if isinstance(value, (dict, list)):
        yield json.dumps(value, ensure_ascii=False)
        yield json.dumps(value)
        for part in value.values() if isinstance(value, dict) else value:
            yield from (leaf for leaf in _leaves(part) if len(leaf) >= SHORTEST)
    elif value is not None:
        yield _text(value)
