"""Where a release is downloaded and where it is told of: a public server, a tap in the local GitHub, a channel."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from semver import Version

from chittyactions.http import Client
from chittyactions.publish.formula import About
from chittyactions.publish.homebrew import HomebrewChannel
from chittyactions.publish.model import Release, ReleaseFile
from chittyactions.publish.served import Public
from chittylocal import Local
from publish.tap.workshop import Hurried, tap_of

ABOUT = About("Says hello", "https://hello.example", "MIT", ("hello",))


@dataclass
class Shop:
    """A server of files for everybody. `files` maps a path to its bytes, `asked` lists the paths in order."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    """Happens once, while the next file is fetched."""

    def stock(self, release: Release) -> None:
        """Serve a release as gitChitty does, and each of its files by name."""
        base = f"/{release.service}@{release.version}"
        self.files[base] = release.tarball.path.read_bytes()
        self.files |= {f"{base}/{file.name}": file.path.read_bytes() for file in release.files}


@contextmanager
def open_shop() -> Iterator[Shop]:
    """A shop on loopback, open for the block."""
    shop = Shop()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.asked.append(self.path)
            body = shop.files.get(self.path)
            happens, shop.meanwhile = shop.meanwhile, lambda: None
            happens()
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def release_of(folder: Path, version: str, platforms: tuple[str, ...] = (), ecosystem: str = "npm") -> Release:
    """A release of hello: its tarball, or an archive for each platform."""
    names = [(f"hello-{name}.tar.gz", name) for name in platforms] or [(f"hello-{version}.tgz", "")]
    files = []
    for name, platform in names:
        path = folder / f"{version}-{name}"
        path.write_bytes(f"{name} {version}".encode())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        files.append(ReleaseFile(name, path, path.stat().st_size, digest, platform))
    return Release("hello", ecosystem, "@chittyos/hello", Version.parse(version), "c" * 40, tuple(files), "sha512-x")


@dataclass
class Street:
    """One tap, the shop, and a folder for releases."""

    local: Local
    repository: str
    shop: Shop
    folder: Path
    said: list[str] = field(default_factory=list)

    def channel(
        self,
        *,
        formula: str = "hello",
        mode: str = "commit",
        public_url: str = "{service}@{version}",
        environ: Mapping[str, str] | None = None,
        wait_seconds: float = 0.0,
    ) -> HomebrewChannel:
        """A channel to the tap. `public_url` is relative to the shop, which is asked once, or for `wait_seconds`.

        "" is the usual address, at the backend's edge.
        """
        return HomebrewChannel(
            formula=formula,
            public_url=f"{self.shop.url}/{public_url}" if public_url else "",
            mode=mode,
            tap=tap_of(self.local, self.repository, self.said),
            public=Public(
                Client("The download address", Hurried(20), environ={}),
                edge=self.local.env()["CHITTY_EDGE_URL"],
                say=self.said.append,
            ),
            about=ABOUT,
            environ=environ or {},
            say=self.said.append,
            wait_seconds=wait_seconds,
        )

    def release(self, version: str, platforms: tuple[str, ...] = (), *, served: bool = True) -> Release:
        """A release, which the shop has when it is `served`."""
        made = release_of(self.folder, version, platforms, "go" if platforms else "npm")
        if served:
            self.shop.stock(made)
        return made

    def text(self, path: str = "Formula/hello.rb", branch: str = "main") -> str:
        """What the tap has."""
        return self.local.github.read(self.repository, path, branch)

    def messages(self) -> list[str]:
        """The tap's commits, newest first."""
        return [commit.message for commit in self.local.github.log(self.repository)]

    def writes(self) -> list[str]:
        """Every request that was to change something on GitHub."""
        return [entry["path"] for entry in self.local.requests("github") if entry["method"] != "GET"]
