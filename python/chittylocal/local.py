"""`Local`: the backend as a value in a test or a program, running in a thread of its own."""

from __future__ import annotations

import asyncio
import fcntl
import shutil
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from chittylocal.cloudflare import VIEW, View
from chittylocal.faults import Fault
from chittylocal.listeners import Listeners
from chittylocal.npm import View as Npm
from chittylocal.r2 import View as R2View
from chittylocal.server import Backend, urls
from chittylocal.services.connect import Keys
from chittylocal.services.git import View as GitView
from chittylocal.services.github_data import Data
from chittylocal.services.oidc import Issuer
from chittylocal.settings import Settings
from chittylocal.state import State

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")

IDENTITIES = ("both", "oidc", "api-key", "none")


class Local:
    """The embedded backend, from `with` to the end of the block.

    Args:
        state: folder to keep; None: a temporary one that goes with the backend.
        behaviour: `named` or `today` (see `Settings`).
        tls: whether to listen with TLS from the start (`tls_url` starts it anyhow).
        port: of the main listener; 0: a free one.
        claims: claims of the id token that replace the defaults, e.g. `{"repository_owner": "stranger"}`.
        allowed: organisations that ChittyConnect trusts besides the usual ones.
        api_key, request_token, npm_token: values to use instead of random ones (canaries).

    Attributes:
        settings: what may be changed while it runs.
        state: the state folder's `State`.
        api_key: a valid ChittyConnect API key; `inactive_api_key` one that was switched off.
        cloudflare_token: a long-lived Cloudflare token, for callers that bring their own.
        github_token: the workflow's token for GitHub's API.
        github: GitHub's data, to set and to look at (see `services.github_data.Data`).
    """

    def __init__(
        self, state: Path | None = None, behaviour: str = "named", tls: bool = False, *, port: int = 0,
        claims: dict[str, Any] | None = None, allowed: tuple[str, ...] = (), api_key: str = "", request_token: str = "",
        npm_token: str = "",
    ) -> None:  # fmt: skip
        self.settings = Settings(
            behaviour, dict(claims or {}), api_key=api_key, request_token=request_token, npm_token=npm_token
        )
        self.settings.allowed.extend(allowed)
        self._temporary = None if state else Path(tempfile.mkdtemp(prefix="chittylocal-"))
        self._folder = state or self._temporary
        self._port, self._tls = port, tls
        self._held: TextIO | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chittylocal", daemon=True)

    def __enter__(self) -> Self:
        assert self._folder is not None
        try:
            self.state = State(self._folder)
            self._hold(self._folder)
            self._thread.start()
            self._run(self._start())
            if self._tls:
                _ = self.tls_url
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._thread.is_alive():
                self._run(self._stop())
        finally:
            if self._thread.is_alive():
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()
            self._loop.close()
            if self._held:
                self._held.close()
            if self._temporary:
                shutil.rmtree(self._temporary, ignore_errors=True)

    def _hold(self, folder: Path) -> None:
        """Keep other backends out of the folder: two would overwrite each other's files."""
        self._held = (folder / "lock").open("w")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(f"another backend is using the state folder {folder}") from None

    async def _start(self) -> None:
        self._backend = Backend(self.state, self.settings)
        self._listeners = Listeners(self._backend)
        await self._backend.start(self._port)
        await self._listeners.start()
        world = self._backend.world
        self._keys: Keys = world.extra["connect.keys"]
        self._issuer: Issuer = world.extra["oidc.issuer"]
        self.github: Data = world.extra["github.data"]
        self.api_key, self.inactive_api_key = self._keys.valid, self._keys.inactive
        self.cloudflare_token, self.github_token = self._keys.cloudflare, self.github.token

    async def _stop(self) -> None:
        if hasattr(self, "_backend"):
            if hasattr(self, "_listeners"):
                await self._listeners.stop()
            await self._backend.stop()

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return self.state.url

    @property
    def account_id(self) -> str:
        """The Cloudflare account of the local API."""
        return self.state.account_id

    def urls(self, origin: str | None = None) -> dict[str, str]:
        """The environment that replaces every service's base URL, under `origin` (default: `url`)."""
        return urls(origin or self.url, self._backend.world.origins)

    def env(self, identity: str = "both", origin: str | None = None) -> dict[str, str]:
        """A job's environment: the URLs, and with `oidc` or `both` the variables of `id-token: write`.

        The API key is not in it (it is a secret of the workflow, see `api_key`), whatever the identity.
        """
        if identity not in IDENTITIES:
            raise ValueError(f"identity is one of {', '.join(IDENTITIES)}, not {identity!r}")
        variables = self.urls(origin)
        if identity in ("both", "oidc"):
            variables["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{origin or self.url}/oidc/token?api-version=2.0"
            variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = self.request_token
        return variables

    @property
    def request_token(self) -> str:
        """The bearer token of the id-token endpoint (a secret, as on GitHub)."""
        return self._issuer.request_token

    @property
    def claims(self) -> dict[str, Any]:
        """Claims of the id token that replace the defaults; change them at will."""
        return self.settings.claims

    @property
    def issue_as(self) -> dict[str, str]:
        """Credential name (`CLOUDFLARE_API_TOKEN`, `NPM_TOKEN`, …) → the value to issue for it."""
        return self.settings.issue_as

    def fault(self, service: str, method: str, path: str, fault: Fault) -> None:
        """Lay a fault over requests; each of service, method and path is a glob pattern.

        Services: connect, cloudflare, registry, beacon, router, github, oidc, npm, r2, git, edge, proxy. The path is
        the one within the service: `/api/credentials/provision`, not `/connect/api/…`.
        """
        self._backend.faults.add(service, method, path, fault)

    def clear_faults(self) -> None:
        """Everything works again."""
        self._backend.faults.clear()

    def held(self, service: str) -> int:
        """How many requests of a service a `hold` keeps waiting, until `clear_faults`."""
        return sum(entry["service"] == service for entry in list(self._backend.world.held))

    def requests(self, service: str = "") -> list[dict[str, Any]]:
        """What was asked since the start (of one service, when named), oldest first, and never a secret.

        Each has service, method, path, query, status (None: no answer), fault, at, auth and duration_ms.
        """
        return [entry for entry in self.state.requests() if service in ("", entry["service"])]

    def forget_requests(self) -> None:
        """Start `requests()` anew."""
        self.state.forget_requests()

    def leases(self) -> list[dict[str, Any]]:
        """Every credential that was issued: token_id, type, name, way, issued_at, expires_at, revoked_at …"""
        return [lease for lease in self.state.leases.all() if lease["way"] != "accepted"]

    def heartbeats(self) -> dict[str, Any]:
        """Service → its last heartbeat in the registry: name, status, version, last_heartbeat."""
        return dict(self.state.read("registry", {}))

    def events(self) -> list[dict[str, Any]]:
        """What ChittyBeacon was told, oldest first."""
        return list(self.state.read("beacon", []))

    @property
    def cloudflare(self) -> View:
        """The account of the local Cloudflare: versions, traffic, routes, domains; and how its edge behaves."""
        return self._backend.app[VIEW]

    def deployments(self, script: str) -> list[dict[str, Any]]:
        """The deployments of a Worker as Cloudflare lists them, newest first; none: an empty list."""
        return self._backend.mounted.deployments(script)

    @property
    def npm_url(self) -> str:
        """The npm registry, with the slash at the end that npm wants."""
        return f"{self.urls()['CHITTY_NPM_URL']}/"

    @property
    def npm_token(self) -> str:
        """A token that may publish to the npm registry."""
        return self.npm.token

    @property
    def npm(self) -> Npm:
        """The npm registry: what it keeps, whom it trusts."""
        view: Npm = self._backend.world.extra["npm"]
        return view

    @property
    def r2_url(self) -> str:
        """The origin of R2's S3 API."""
        return self._backend.world.origins["r2"]

    @property
    def r2(self) -> R2View:
        """R2's buckets, to look at and to change."""
        view: R2View = self._backend.world.extra["r2"]
        return view

    @property
    def git(self) -> GitView:
        """gitChitty: which services were refreshed."""
        view: GitView = self._backend.world.extra["git"]
        return view

    @property
    def tls_url(self) -> str:
        """`https://localhost:PORT`: the same services with a certificate that `ca_file` vouches for."""
        return self._run(self._listeners.tls_url("good"))

    @property
    def ca_file(self) -> Path:
        """The authority of `tls_url` as a PEM file."""
        return self._run(self._listeners.ca_file())

    @property
    def bad_tls_url(self) -> str:
        """As `tls_url`, by an authority that nobody knows."""
        return self.bad_tls("untrusted")

    def bad_tls(self, flaw: str) -> str:
        """As `tls_url`, with a certificate that is `untrusted`, `expired` or for a `wrong-host`."""
        return self._run(self._listeners.tls_url(flaw))

    @property
    def closed_url(self) -> str:
        """An origin that refuses every connection."""
        return self._listeners.closed_url

    def late_url(self, seconds: float) -> str:
        """The services on a port that refuses connections for `seconds` and then serves."""
        return self._run(self._listeners.late_url(seconds))

    @property
    def deaf_url(self) -> str:
        """An origin to which no connection is ever established."""
        return self._run(self._listeners.deaf_url())

    @property
    def elsewhere_url(self) -> str:
        """The foreign origin that `redirect` leads to; what reaches it is in `requests("elsewhere")`."""
        return self._backend.world.elsewhere_url

    @property
    def proxy_url(self) -> str:
        """A forward proxy (CONNECT and absolute URLs); what passes is in `requests("proxy")`.

        It knows one name of its own, `chittylocal.test`: `https://chittylocal.test` is `tls_url`, and
        `http://chittylocal.test` is `url`, so that a test can tell that the proxy was used.
        """
        return self._run(self._listeners.proxy_url())
