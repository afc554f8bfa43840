"""Who asks: the workflow, people with their tokens, apps; and which repositories each of them may know of."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from chittylocal.services.github_apps import covers

if TYPE_CHECKING:
    from chittylocal.services.github_data import Data


class Person(NamedTuple):
    """Whose a token is, the private repositories that it sees (None: all), and whether it may write."""

    user: dict[str, Any]
    reaches: tuple[str, ...] | None
    writes: bool


class Accounts:
    """The accounts behind tokens.

    Attributes:
        workflow_reaches: the private repositories that the workflow's token sees: on GitHub its own alone; None: all.
    """

    def __init__(self, data: Data) -> None:
        self._data = data
        self._people: dict[str, Person] = {}
        self.workflow_reaches: tuple[str, ...] | None = None

    def person(self, login: str, *, reaches: Iterable[str] | None = None, writes: bool = True) -> str:
        """A new personal token of somebody."""
        value = f"ghp_{secrets.token_hex(18)}"
        number = int(hashlib.sha256(login.lower().encode()).hexdigest()[:6], 16)
        user = {"login": login, "id": 1_000_000 + number, "type": "User"}
        self._people[_digest(value)] = Person(user, None if reaches is None else tuple(reaches), writes)
        return value

    def known(self, token: str) -> bool:
        """Whether a token was issued here."""
        issued = token == self._data.token or _digest(token) in self._people
        return issued or self._data.apps.token(token) is not None

    def of(self, token: str) -> dict[str, Any]:
        """Who writes what is written by a token."""
        app, person = self._data.apps.token(token), self._people.get(_digest(token))
        return app.user if app else person.user if person else self._data.viewer

    def is_person(self, token: str) -> bool:
        """Whether a token is a person's; the workflow's and an app's are not."""
        return token != self._data.token and self.of(token).get("type") == "User"

    def writes(self, token: str) -> bool:
        """Whether a token may write at all, as far as it is a person's."""
        person = self._people.get(_digest(token))
        return person is None or person.writes

    def sees(self, token: str, name: str) -> bool:
        """Whether a token ("": none) may know of a repository."""
        if self._data.profile(name).visibility == "public":
            return True
        app, person = self._data.apps.token(token), self._people.get(_digest(token))
        if app:
            return app.live and app.reaches(name)
        reaches = person.reaches if person else self.workflow_reaches if token == self._data.token else None
        return bool(token) and (reaches is None or covers(reaches, name))


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
