"""npm's registry on this machine: real verdaccio, behind a layer that knows the tokens and trusted publishers.

```
tools (Node, verdaccio) ← verdaccio (the child process) ← layer (tokens, trusted publishing, passing on) → view
```
Packages lie in the state folder. Nothing is fetched from anywhere else: what was not published here is not there.
"""

from __future__ import annotations

from aiohttp import web

from chittylocal.npm.layer import Layer
from chittylocal.npm.tokens import Tokens
from chittylocal.npm.verdaccio import Verdaccio
from chittylocal.npm.view import View
from chittylocal.services.world import World

__all__ = ["View", "mount"]


def mount(app: web.Application, world: World) -> None:
    """Add the registry's routes to the backend's application; its view is `world.extra["npm"]`."""
    verdaccio = Verdaccio(world.state.folder / "npm")
    tokens = Tokens(world)
    layer = Layer(verdaccio, tokens)
    world.extra["npm"] = View(world, verdaccio, tokens, layer)
    app.add_routes(layer.routes())

    async def stop(_: web.Application) -> None:
        await layer.close()
        await verdaccio.stop()

    app.on_cleanup.append(stop)
