"""The account's state in the state folder: one JSON file a script, one for the account, contents by hash.

```
cloudflare/account.json          subdomain, zones, routes, domains, KV namespaces, databases, buckets, queues
cloudflare/scripts/NAME.json     versions, deployments, schedules, settings
cloudflare/contents/SHA256       modules, each once
cloudflare/assets/               static assets by hash, and a folder of links for each version
cloudflare/secrets[.key]         see `vault`
cloudflare/data/                 what Workers store: KV, D1, R2, Durable Objects, queues
```
"""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

from chittylocal.cloudflare.envelope import Refused, no_such_worker
from chittylocal.cloudflare.model import Script, Version, script_from_json
from chittylocal.cloudflare.vault import Vault
from chittylocal.state import State, now

SUBDOMAIN = "chittylocal"
"""The account's workers.dev subdomain: Workers answer on `NAME.chittylocal.workers.dev`."""

COLLECTIONS = ("zones", "routes", "domains", "namespaces", "databases", "buckets", "queues", "assets")


class Store:
    """The account, loaded from the folder and written back by `save`.

    Attributes:
        state: the backend's state.
        folder: `cloudflare` in it.
        scripts: by name.
        account: `subdomain`, and a dict by id for each of `COLLECTIONS`.
        vault: the secrets of versions.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.folder = state.folder / "cloudflare"
        self.vault = Vault(self.folder)
        self.account: dict[str, Any] = {"subdomain": SUBDOMAIN, **{name: {} for name in COLLECTIONS}}
        self.account.update(state.read("cloudflare/account", {}))
        files = sorted((self.folder / "scripts").glob("*.json"))
        self.scripts: dict[str, Script] = {
            path.stem: script_from_json(state.read(f"cloudflare/scripts/{path.stem}")) for path in files
        }

    @property
    def contents(self) -> Path:
        """Where contents lie under their hashes."""
        return self.folder / "contents"

    def script(self, name: str, *, code: int = 10007) -> Script:
        """The Worker of that name, or the refusal that there is none."""
        try:
            return self.scripts[name]
        except KeyError:
            raise no_such_worker(code=code) from None

    def new_script(self, name: str) -> Script:
        """A Worker without versions, not yet in the account."""
        return Script(name=name, tag=uuid.uuid4().hex, created_on=now())

    def save(self, script: Script | None = None) -> None:
        """Write down the account, and the script when one is given (it joins the account)."""
        self.state.write("cloudflare/account", self.account)
        if script:
            self.scripts[script.name] = script
            self.state.write(f"cloudflare/scripts/{script.name}", script.to_json())

    def remove(self, script: Script) -> None:
        """Delete a Worker with its versions, secrets, routes and domains."""
        del self.scripts[script.name]
        (self.folder / "scripts" / f"{script.name}.json").unlink(missing_ok=True)
        for version in script.versions:
            self.vault.forget(version.id)
        for kind, key in (("routes", "script"), ("domains", "service")):
            kept = {id_: item for id_, item in self.account[kind].items() if item[key] != script.name}
            self.account[kind] = kept
        self.save()

    def keep_content(self, data: bytes) -> str:
        """Keep bytes; returns the SHA-256 that finds them again."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.contents / digest
        if not path.exists():
            self.contents.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{uuid.uuid4().hex}")
            temporary.write_bytes(data)
            temporary.replace(path)
        return digest

    def asset(self, digest: str) -> Path:
        """Where an asset lies under the hash that its uploader made of it."""
        if not digest.isalnum():
            raise Refused(400, 100314, "An asset's hash is 32 hex digits.")
        return self.folder / "assets" / "contents" / digest

    def asset_folder(self, version: Version) -> Path:
        """A folder with the version's assets under their paths, made on first use by linking."""
        assert version.assets is not None
        folder = self.folder / "assets" / version.id
        if folder.exists():
            return folder
        folder.mkdir(parents=True)
        for path, digest in version.assets["files"].items():
            target = (folder / path.lstrip("/")).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise Refused(400, 100315, f"The asset path {path!r} leaves the assets' folder.")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(self.asset(digest))
        config = version.assets["config"]
        for name in ("_headers", "_redirects"):
            if config.get(name):
                (folder / name).write_text(config[name], "utf-8")
        return folder

    def zone_for(self, host: str) -> dict[str, Any]:
        """The zone that a host name lies in. Every registrable domain is a zone of this account."""
        labels = host.lower().removeprefix("*.").strip(".").split(".")
        # Country codes with a second-level registry: example.co.uk is a domain, co.uk is not.
        second_level = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in ("co", "com", "org", "net", "ac")
        name = ".".join(labels[-3 if second_level else -2 :])
        zone_id = hashlib.sha256(name.encode()).hexdigest()[:32]
        zone: dict[str, Any] = self.account["zones"].setdefault(
            zone_id, {"id": zone_id, "name": name, "status": "active", "account": {"id": self.state.account_id}}
        )
        return zone
