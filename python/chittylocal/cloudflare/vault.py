"""Worker secrets, which have to be there for serving and must not lie about in clear.

They are kept in memory and, so that a backend that is started again can serve, in one encrypted file whose key
lies beside it, both readable by the owner alone. That keeps them out of searches, backups of single files and
other users' sight; who may read the whole folder may read them, as with any local development server.
"""

from __future__ import annotations

import json
import os
from pathlib import Path


class Vault:
    """Version id → its secrets by name. `folder` is made with mode 0700."""

    def __init__(self, folder: Path) -> None:
        self._file, self._key = folder / "secrets", folder / "secrets.key"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._secrets: dict[str, dict[str, str]] = self._load()

    def of(self, version_id: str) -> dict[str, str]:
        """The secrets of a version; a copy."""
        return dict(self._secrets.get(version_id, {}))

    def keep(self, version_id: str, secrets: dict[str, str]) -> None:
        """Remember a version's secrets, on disk too."""
        if secrets:
            self._secrets[version_id] = dict(secrets)
            self._save()

    def forget(self, version_id: str) -> None:
        """Drop a version's secrets."""
        if self._secrets.pop(version_id, None) is not None:
            self._save()

    def _load(self) -> dict[str, dict[str, str]]:
        if not self._file.exists():
            return {}
        from cryptography.fernet import Fernet

        loaded: dict[str, dict[str, str]] = json.loads(Fernet(self._key.read_bytes()).decrypt(self._file.read_bytes()))
        return loaded

    def _save(self) -> None:
        from cryptography.fernet import Fernet

        if not self._key.exists():
            _write_private(self._key, Fernet.generate_key())
        _write_private(self._file, Fernet(self._key.read_bytes()).encrypt(json.dumps(self._secrets).encode()))


def _write_private(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    temporary.replace(path)
