"""R2 on this machine: S3 on a port of its own, by moto, behind a layer that is as strict as R2.

```
refusals ← store ← checks, engine (moto) ← layer, view ← here
```

What R2 has and this has not: open multipart uploads do not outlive the backend, streamed signatures
(`STREAMING-…`), presigned URLs.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

from aiohttp import web

from chittylocal.passage import Passage
from chittylocal.r2.engine import Engine
from chittylocal.r2.layer import Layer
from chittylocal.r2.store import BUCKET, Object, Store
from chittylocal.r2.view import View
from chittylocal.services.world import World

__all__ = ["BUCKET", "Object", "View", "mount"]

LARGEST = 320 * 1024 * 1024
"""Bytes of one request. R2's own limit is 5 GiB; here a body is held in memory."""


def mount(app: web.Application, world: World) -> None:
    """Open the listener when the backend starts; the view is in `world.extra["r2"]`."""
    store = Store(world.state)
    engine = Engine(store, world.state.leases.s3_keys)
    world.extra["r2"] = View(store, engine)

    async def listening(_: web.Application) -> AsyncIterator[None]:
        own = web.Application(
            middlewares=[Passage(world, lambda request: ("r2", request.path)).middleware], client_max_size=LARGEST
        )
        own.router.add_route("*", "/{tail:.*}", Layer(engine).handle)
        runner = web.AppRunner(own, access_log=None, shutdown_timeout=0.1, auto_decompress=False, handle_signals=False)
        await runner.setup()
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
        world.origins["r2"] = f"http://127.0.0.1:{listener.getsockname()[1]}"
        await web.SockSite(runner, listener).start()
        yield
        await runner.cleanup()
        engine.stop()

    app.cleanup_ctx.append(listening)
