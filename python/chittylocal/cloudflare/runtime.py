"""workerd under Miniflare: one child process that serves all versions, told what to serve by JSON lines.

The child (`host.mjs`) is started with the first Worker, gets the secrets through its pipe and goes when the pipe
closes, so that it outlives this process in no case. A change of what is served takes about 0.1 s, during which
requests wait here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import time
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from chittylocal.cloudflare.tools import Missing, find_miniflare, find_node

HOST = Path(__file__).with_name("host.mjs")
PATIENCE = 30.0
"""Seconds for the child to start or to change what it serves."""

DRAIN = 1.0
"""Seconds for which a change waits for requests under way; longer ones (streams, sockets) are cut."""

LINE_LIMIT = 1 << 26


class Unavailable(Exception):
    """No Workers can be served: what is missing, and what to do."""


class Broken(Exception):
    """workerd refuses a Worker: what it said."""


class Runtime:
    """The child process and what it serves.

    Args:
        folder: of the account; what Workers store goes to `data` in it.

    Attributes:
        logs: the newest lines that Workers printed, as `{"level", "log"}`; kept in memory only.
        seconds: how long the last change took.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._ready: asyncio.Future[dict[str, Any]] | None = None
        self._applied = ""
        self._names: set[str] = set()
        self._url = ""
        self._open = asyncio.Event()
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._number = 0
        self._starting = asyncio.Lock()
        self.logs: deque[dict[str, Any]] = deque(maxlen=500)
        self.seconds = 0.0

    def warm_soon(self) -> None:
        """Begin to start the child and return at once; where that fails, the first Worker says so."""
        self._warming = asyncio.create_task(self._warm_quietly())

    async def _warm_quietly(self) -> None:
        with contextlib.suppress(Unavailable):
            await self.warm()

    async def warm(self) -> None:
        """Start the child, if it doesn't run yet, so that the first Worker needn't wait for Node."""
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self._start()

    async def _start(self) -> None:
        try:
            node, miniflare = find_node(), find_miniflare()
        except Missing as missing:
            raise Unavailable(str(missing)) from None
        temporary = self._folder / "tmp"
        # A host that was killed left its folder there; no two backends share a state folder.
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True, exist_ok=True)
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._applied = ""
        self._ready = asyncio.get_running_loop().create_future()
        self._process = await asyncio.create_subprocess_exec(
            node, HOST, miniflare,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env={**environment, "TMPDIR": str(temporary)}, limit=LINE_LIMIT,
            # A group of its own: Ctrl-C reaches us alone, and with the group workerd goes, too.
            start_new_session=True,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read(self._process))

    async def apply(self, workers: list[dict[str, Any]]) -> None:
        """Serve exactly these versions. Raises `Broken` (then nothing is served) or `Unavailable`."""
        wanted = json.dumps(workers, sort_keys=True)
        running = self._process is not None and self._process.returncode is None
        if (running and wanted == self._applied) or (not workers and not running):
            return
        await self.warm()
        self._open.clear()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._idle.wait(), DRAIN)
        self._applied = ""
        started = time.perf_counter()
        options = {
            "resourcePersistencePath": str(self._folder / "data"),
            "resourceTmpPath": str(self._folder / "tmp"),
            "cf": {"colo": "LCL", "country": "XX", "httpProtocol": "HTTP/2", "tlsVersion": "TLSv1.3"},
        }
        answer = await self._call("apply", workers=workers, options=options)
        self.seconds = time.perf_counter() - started
        if answer.get("code") == "ERR_RUNTIME_FAILURE":
            raise Broken(readable(answer["error"]))
        if "error" in answer:
            raise Unavailable(f"Miniflare refuses what it is to serve: {answer['error'][:2000]}")
        self._url, self._applied = answer["url"], wanted
        self._names = {worker["name"] for worker in workers}
        self._open.set()

    def serves(self, worker: str) -> bool:
        """Whether that version is served, or will be at once when a change is under way."""
        return bool(self._applied) and worker in self._names

    @contextlib.asynccontextmanager
    async def request(self) -> AsyncIterator[str]:
        """The origin of workerd for the time of one request; waits while it changes."""
        await asyncio.wait_for(self._open.wait(), PATIENCE)
        self._under_way += 1
        self._idle.clear()
        try:
            yield self._url
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def stop(self) -> None:
        """End the child and workerd."""
        if self._warming:
            await self._warming
        process = self._process
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 3)
        except asyncio.TimeoutError:
            self._end_group(process)
            await process.wait()
        if self._reader:
            await self._reader
        self._process = None

    async def _call(self, operation: str, **message: Any) -> dict[str, Any]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert self._ready is not None
        self._number += 1
        number = self._number
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), PATIENCE)
            process.stdin.write(json.dumps({"id": number, "op": operation, **message}).encode() + b"\n")
            await process.stdin.drain()
            return await asyncio.wait_for(answer, PATIENCE)
        except (asyncio.TimeoutError, ConnectionError):
            raise Unavailable(f"workerd's host did not answer within {PATIENCE:.0f} s or ended.") from None
        finally:
            self._answers.pop(number, None)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        ready = self._ready
        assert process.stdout is not None
        assert ready is not None
        while line := await process.stdout.readline():
            try:
                message = json.loads(line)
            except ValueError:
                message = {"level": "error", "log": line.decode("utf-8", "replace").rstrip()}
            waiting = self._answers.get(message.get("id", 0))
            if message.get("ready"):
                ready.set_result({})
            elif waiting and not waiting.done():
                waiting.set_result(message)
            elif "log" in message:
                self.logs.append(message)
        await process.wait()
        self._end_group(process)
        # Before it was ready it knew no secret, so that its last words may be shown.
        words = "" if ready.done() else " " + " / ".join(str(line["log"]) for line in list(self.logs)[-12:])
        gone = Unavailable(f"workerd's host ended; the next request starts it again.{words}")
        for pending in [*self._answers.values(), ready]:
            if not pending.done():
                pending.set_exception(gone)
                pending.exception()  # nobody may be waiting, and that is no mistake
        self._applied = ""
        self._open.clear()

    @staticmethod
    def _end_group(process: asyncio.subprocess.Process) -> None:
        # The host's id is its group's; where the host was killed, workerd is still in it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def readable(error: str) -> str:
    """What workerd said, out of Miniflare's message: one line for each problem, without service names."""
    said = []
    for line in error.splitlines():
        with contextlib.suppress(ValueError):
            record = json.loads(line)
            if isinstance(record, dict) and "message" in record:
                said.append(str(record["message"]))
    text = "\n".join(said) or error
    head, separator, rest = text.partition(": ")
    return rest if separator and head.startswith("service core:user:") else text
