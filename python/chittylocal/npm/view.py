"""What a test may ask of the registry, and change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chittylocal.npm.tokens import USER, Publisher, Tokens
from chittylocal.npm.verdaccio import Verdaccio
from chittylocal.services.world import World

if TYPE_CHECKING:
    from chittylocal.npm.layer import Layer


class View:
    """The registry as seen from a test.

    Attributes:
        token: a user's token: may publish everything (a secret).
    """

    def __init__(self, world: World, verdaccio: Verdaccio, tokens: Tokens, layer: Layer) -> None:
        self._world = world
        self._verdaccio = verdaccio
        self._tokens = tokens
        self._layer = layer
        self.token = tokens.user

    @property
    def url(self) -> str:
        """The registry's address, with the slash at the end that npm wants."""
        return f"{self._world.state.url}/npm/"

    @property
    def logs(self) -> list[str]:
        """The newest lines that verdaccio printed: warnings and errors."""
        return list(self._verdaccio.logs)

    def trust(self, package: str, workflow: str, *, environment: str = "") -> None:
        """Make a workflow file (`chittyos/hello/.github/workflows/release.yml`) a trusted publisher of `package`."""
        self._tokens.trust(package, Publisher(workflow.partition("@")[0], environment))

    def accept(self, token: str, *, user: str = USER, package: str = "") -> None:
        """Take one more token, for one package where it is named."""
        self._tokens.accept(token, user, package)

    def published(self) -> list[dict[str, Any]]:
        """What was published since the start, oldest first: name, version, tag, access, by (`chitty`, `oidc`)."""
        return [dict(entry) for entry in self._layer.published]

    def packument(self, name: str) -> dict[str, Any] | None:
        """What is kept of a package: `versions`, `dist-tags`, …; None when there is none."""
        return self._verdaccio.packument(name)
