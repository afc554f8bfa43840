"""Verdaccio as one child process: started by the first request, gone when this process is, whatever ended it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import secrets
import signal
from collections import deque
from pathlib import Path
from typing import Any

from chittylocal.cloudflare.tools import Missing, find_node
from chittylocal.npm.tools import find_verdaccio

HERE = Path(__file__).parent
PATIENCE = 60.0
"""Seconds for verdaccio to listen; it takes about one."""


class Unavailable(Exception):
    """There is no registry: what is missing, and what to do."""


class Verdaccio:
    """The child and what it keeps.

    Args:
        folder: where packages are kept (`storage` in it).

    Attributes:
        logs: the newest lines that it printed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs: deque[str] = deque(maxlen=200)
        self._password = secrets.token_urlsafe(32)
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._port = 0
        self._starting = asyncio.Lock()

    async def origin(self) -> str:
        """Where it listens, started when it does not run. Raises `Unavailable`."""
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self._start()
        return f"http://127.0.0.1:{self._port}"

    def authorization(self, user: str) -> str:
        """The header by which a request is that of `user`."""
        return "Basic " + base64.b64encode(f"{user}:{self._password}".encode()).decode()

    def packument(self, name: str) -> dict[str, Any] | None:
        """What is kept of a package; None when there is none."""
        try:
            kept: dict[str, Any] = json.loads((self.folder / "storage" / name / "package.json").read_text("utf-8"))
        except FileNotFoundError:
            return None
        return kept

    async def stop(self) -> None:
        """End the child."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 3)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._reader:
            await self._reader

    async def _start(self) -> None:
        try:
            node, module = find_node(), await asyncio.to_thread(find_verdaccio)
        except Missing as missing:
            raise Unavailable(str(missing)) from None
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            node, HERE / "host.mjs", module,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            # A group of its own: Ctrl-C reaches us alone, and the closing pipe tells the child.
            env=environment, cwd=self.folder, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(self._configuration()).encode() + b"\n")
        try:
            await asyncio.wait_for(self._listening(self._process.stdout), PATIENCE)
        except (asyncio.TimeoutError, ConnectionError):
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            words = " / ".join(list(self.logs)[-8:])
            raise Unavailable(f"verdaccio did not start: {words}") from None
        self._reader = asyncio.create_task(self._read(self._process.stdout))

    async def _listening(self, stream: asyncio.StreamReader) -> None:
        """Read until it tells its port."""
        while line := await stream.readline():
            text = line.decode("utf-8", "replace").rstrip()
            if text.startswith('{"port":'):
                self._port = json.loads(text)["port"]
                return
            self.logs.append(text)
        raise ConnectionError("it ended")

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            self.logs.append(line.decode("utf-8", "replace").rstrip())

    def _configuration(self) -> dict[str, Any]:
        return {
            "storage": str(self.folder / "storage"),
            "configPath": str(self.folder / "config.yaml"),  # relative paths start there; the file is not made
            "plugins": str(HERE),
            "auth": {"chittylocal": {"password": self._password}},
            # Not the older kind, which remembers a user by the header for a while.
            "security": {"api": {"jwt": {"sign": {"expiresIn": "1h"}}}},
            "uplinks": {},
            "packages": {"**": {"access": "$all", "publish": "$authenticated", "unpublish": "$authenticated"}},
            "url_prefix": "/npm/",
            "web": {"enable": False},
            "max_body_size": "256mb",
            "log": {"type": "stdout", "format": "json", "level": "warn"},
        }
