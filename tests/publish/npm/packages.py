"""Packages to publish, packed as `npm pack` does, and the channel that publishes them to the local registry."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chittyactions.environment import tool_cache
from chittyactions.http import Client, Deadline
from chittyactions.publish.model import Release, ReleaseFile, Result
from chittyactions.publish.npm import NpmChannel
from chittyactions.publish.npm_cli import NpmCli, NpmSession, ensure_npm
from chittyactions.publish.npm_said import SERVICE
from chittyactions.publish.version import parse
from chittylocal import Local

ROOT = Path(__file__).resolve().parents[3]
NODE = ROOT / ".tools/node/bin"
ENVIRONMENT = {
    "PATH": f"{NODE}:/usr/bin:/bin",
    "RUNNER_ENVIRONMENT": "github-hosted",
    "RUNNER_TOOL_CACHE": str(ROOT / ".tools/tool-cache"),
}
NAME = "@chittyos/hello"


def the_npm() -> NpmCli:
    """The locked npm, where `make setup` put it."""
    return ensure_npm(tool_cache(ENVIRONMENT), ENVIRONMENT)


def tarball(entries: list[tuple[tarfile.TarInfo, bytes]] | Mapping[str, bytes | str]) -> bytes:
    """A .tgz of `entries`: path → content, or members as they are, in order."""
    if isinstance(entries, Mapping):
        members = []
        for path, content in entries.items():
            info = tarfile.TarInfo(path)
            info.mode = 0o644
            members.append((info, content.encode() if isinstance(content, str) else content))
    else:
        members = entries
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), mtime=0)


def package(version: str, text: str = "hello", name: str = NAME, **fields: Any) -> bytes:
    """A package with one module that exports `text`."""
    manifest = {"name": name, "version": version, "main": "index.js", **fields}
    return tarball({"package/package.json": json.dumps(manifest), "package/index.js": f"module.exports = {text!r}\n"})


def release(folder: Path, data: bytes, version: str, name: str = NAME) -> Release:
    """The release of a packed package, as the verified artifact hands it to a channel."""
    folder.mkdir(parents=True, exist_ok=True)
    sha256 = hashlib.sha256(data).hexdigest()
    path = folder / sha256
    path.write_bytes(data)
    file = ReleaseFile(f"{name.removeprefix('@').replace('/', '-')}-{version}.tgz", path, len(data), sha256)
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    return Release(name.rpartition("/")[2], "npm", name, parse(version), "0" * 40, (file,), integrity)


class Publisher:
    """Publishes one package to the registry of `local`; what the channel said is in `said`."""

    def __init__(
        self, local: Local, temp: Path, name: str, *, token: str | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        self.local = local
        self.name = name
        self.token = local.npm_token if token is None else token
        self.environ = {**ENVIRONMENT, **(environ or {})}
        self.said: list[str] = []
        self.files = temp / "files"
        self.temp = temp / "temp"
        self.temp.mkdir(parents=True, exist_ok=True)

    def channel(self, **settings: Any) -> NpmChannel:
        """A channel of its own for each publish, as each run of a job has one."""
        usual = Client(SERVICE, Deadline(60), environ=self.environ, sleep=lambda _: None)
        client = settings.pop("client", usual)
        settings = {"registry": self.local.npm.url, "token": self.token, "wait_seconds": 5.0, **settings}
        return NpmChannel(the_npm(), client, environ=self.environ, temp=self.temp, say=self.said.append, **settings)

    def session(self) -> NpmSession:
        """What a person does at the registry with npm, past the channel."""
        return NpmSession(
            the_npm(), registry=self.local.npm.url, scope="@chittyos", token=self.token, provenance=False,
            environ=self.environ, temp=self.temp, redact=lambda text: text,
        )  # fmt: skip

    def release(self, version: str, text: str = "hello", **fields: Any) -> Release:
        """One version of the package, packed."""
        return release(self.files, package(version, text, self.name, **fields), version, self.name)

    def publish(self, version: str, text: str = "hello", *, dry_run: bool = False, **settings: Any) -> Result:
        """Publish one version; `fields` of package.json, the rest are settings of the channel."""
        made = self.release(version, text, **settings.pop("fields", {}))
        return self.channel(**settings).publish(made, dry_run=dry_run)

    @property
    def tags(self) -> dict[str, str]:
        """The package's dist-tags as the registry keeps them."""
        kept = self.local.npm.packument(self.name)
        return dict(kept["dist-tags"]) if kept else {}

    @property
    def versions(self) -> list[str]:
        """The package's versions as the registry keeps them, in the order of their publishing."""
        kept = self.local.npm.packument(self.name)
        return list(kept["versions"]) if kept else []

    def sent(self, method: str = "PUT") -> list[str]:
        """Paths of this package that were asked for by `method`, without its name."""
        entries = self.local.requests("npm")
        found = [entry["path"] for entry in entries if entry["method"] == method and self.name in entry["path"]]
        return [path.replace(self.name, "·") for path in found]
