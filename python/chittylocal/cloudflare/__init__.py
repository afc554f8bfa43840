"""Cloudflare on this machine: the API that wrangler and a direct client call, and an edge that serves what was
uploaded, from real workerd.

```
store (model, vault) ← uploads, migrations ← scripts, versions, deployments, secrets, triggers, domains,
                                             resources, assets, user ← api
account (changes, one after the other) → workers (as Miniflare's options) → runtime → host.mjs → workerd
hosts (who answers for a name) ← edge (which version, and passing on)
view: what a test may ask and change
```
"""

from __future__ import annotations

from aiohttp import web

from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.api import add_routes
from chittylocal.cloudflare.edge import EdgeServer
from chittylocal.cloudflare.runtime import Runtime
from chittylocal.cloudflare.store import Store
from chittylocal.cloudflare.view import View
from chittylocal.mounted import Mounted
from chittylocal.state import State

__all__ = ["VIEW", "View", "mount"]

VIEW = web.AppKey("cloudflare", View)
"""Where the application keeps the view: `app[VIEW]`."""


def mount(app: web.Application, state: State) -> Mounted:
    """Add the API to the backend's application; returns the edge's handler and a look at the deployments."""
    store = Store(state)
    account = Account(store, Runtime(store.folder))
    edge = EdgeServer(account)
    view = app[VIEW] = View(account)
    add_routes(app, account)

    async def stop(_: web.Application) -> None:
        await edge.close()
        await account.runtime.stop()

    app.on_cleanup.append(stop)
    return Mounted(edge.handle, view.deployments)
