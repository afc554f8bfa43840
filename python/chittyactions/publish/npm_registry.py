"""What npm's registry says of a package: versions, their bytes, and dist-tags.

API: https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urljoin, urlsplit

from chittyactions.errors import BadAnswer, CredentialError, Refused, ServiceError
from chittyactions.http import Client
from chittyactions.publish.npm_said import PAGE, SERVICE

PACKUMENT_LIMIT = 128 * 1024 * 1024
"""Bytes. The short form of a package with thousands of versions has some 20 MiB."""

HOPS = 4


@dataclass(frozen=True)
class Bytes:
    """What a version consists of: `integrity` (`sha512-…`, "" for very old ones), `shasum` (SHA-1) and an address.

    `deprecated` says that its owner took it back, as far as npm knows that.
    """

    integrity: str
    shasum: str
    tarball: str
    deprecated: bool = False


@dataclass(frozen=True)
class Packument:
    """A package as the registry shows it: version → bytes, dist-tag → version."""

    versions: Mapping[str, Bytes] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


class Registry:
    """Reads one registry. `url` ends in a slash; `token` may be "".

    Every method raises Refused, CredentialError, Unreachable, AnswerLost or BadAnswer.
    """

    def __init__(self, client: Client, url: str, token: str = "") -> None:
        self.url = url
        self._client = client
        self._token = token

    def packument(self, name: str) -> Packument | None:
        """The package as it is now; None when there is none, or the registry sends on to another that may have it."""
        headers = {
            # The short form holds all that is looked at; the long one is many times its size.
            "Accept": "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8",
            "Cache-Control": "no-cache",
        } | self._authorization(self.url)
        address = self.url + quote(name, safe="@")
        answer = self._client.send("GET", address, headers=headers, limit=PACKUMENT_LIMIT, redirects=True)
        location = answer.headers.get("location", "")
        if answer.status == 404 or (answer.status == 302 and _sends_on(address, location, name)):
            return None
        if 300 <= answer.status < 400:
            raise BadAnswer(
                f"{SERVICE} answered with a redirect to {_origin(location)} (HTTP {answer.status}), "
                "which is not followed.",
                service=SERVICE,
                why="The token would go there: to a page to sign in at, or to a new address of the registry.",
                fix="Check registry_url.",
                docs=f"{PAGE}#other-registries",
            )
        if answer.status != 200:
            raise self._refused(name, answer.status)
        return _read(answer.json())

    def address(self, name: str, version: str) -> str:
        """Where a tarball that is not there yet will be, by the form that npm's registry and its kin have."""
        return f"{self.url}{name}/-/{name.rpartition('/')[2]}-{version}.tgz"

    def times(self, name: str) -> dict[str, str]:
        """When each version was published, to be compared as text; {} where the registry does not tell.

        Only the long form of a package has it.
        """
        headers = {"Accept": "application/json", "Cache-Control": "no-cache"} | self._authorization(self.url)
        answer = self._client.send("GET", self.url + quote(name, safe="@"), headers=headers, limit=PACKUMENT_LIMIT)
        data = answer.json() if answer.status == 200 else {}
        times = data.get("time") if isinstance(data, dict) else None
        return {key: value for key, value in (times or {}).items() if isinstance(value, str)}

    def shows_to_anybody(self, name: str) -> bool:
        """Whether the package is public, as far as the registry tells a stranger."""
        try:
            return Registry(self._client, self.url).packument(name) is not None
        except (CredentialError, ServiceError):
            return False

    def sha512(self, url: str, limit: int) -> str:
        """The SHA-512 of what `url` serves, as npm writes it (`sha512-…`); "" when it does not answer with success.

        Redirects are followed without a token, as far as they stay encrypted.
        """
        address = urljoin(self.url, url)
        for _ in range(HOPS):
            body = _Hash()
            headers = {"Accept": "*/*"} | self._authorization(address)
            answer = self._client.send("GET", address, headers=headers, limit=limit, into=body.begin, redirects=True)
            if 300 <= answer.status < 400:
                address = self._next(address, answer.headers.get("location", ""))
                continue
            return body.integrity if answer.status == 200 else ""
        return ""

    def _authorization(self, address: str) -> dict[str, str]:
        """The token, for the registry itself and for nobody else."""
        one, other = urlsplit(self.url), urlsplit(address)
        same = (one.scheme, one.netloc) == (other.scheme, other.netloc)
        return {"Authorization": f"Bearer {self._token}"} if self._token and same else {}

    def _next(self, address: str, location: str) -> str:
        target = urljoin(address, location)
        if not location or (urlsplit(address).scheme == "https" and urlsplit(target).scheme != "https"):
            raise BadAnswer(
                f"{SERVICE} leads to the package by a redirect that can't be followed.",
                service=SERVICE,
                why="It names no address, or one that is not encrypted.",
                fix="Check registry_url.",
            )
        return target

    def _refused(self, name: str, status: int) -> CredentialError | Refused:
        if status == 401 or (status == 403 and not self._token):
            return CredentialError(
                f"{SERVICE} does not let this job read {name} (HTTP {status}).",
                why="The token is not valid there." if self._token else "It shows packages to those who sign in.",
                fix="Give the secret NPM_TOKEN a token that may read and write the package.",
                docs=f"{PAGE}#npm-token",
            )
        return Refused(
            f"{SERVICE} did not say what it has of {name} (HTTP {status}).",
            service=SERVICE,
            status=status,
            why="So it is not known whether this version is out.",
            fix="Check registry_url and the registry's status, then run again.",
            docs=f"{PAGE}#errors",
        )


class _Hash:
    """SHA-512 of a body that is begun anew by every try."""

    def begin(self) -> Callable[[bytes], object]:
        self._sha512 = hashlib.sha512()
        return self._sha512.update

    @property
    def integrity(self) -> str:
        return "sha512-" + base64.b64encode(self._sha512.digest()).decode()


def _read(data: object) -> Packument:
    if not isinstance(data, dict) or not isinstance(data.get("versions", {}), dict):
        raise BadAnswer(
            f"{SERVICE} answered with something that is no package.",
            service=SERVICE,
            why="The address may be that of a website, or of another kind of registry.",
            fix="Check registry_url.",
        )
    versions = {
        version: _bytes(manifest.get("dist"), deprecated=bool(manifest.get("deprecated")))
        for version, manifest in data.get("versions", {}).items()
        if isinstance(manifest, dict)
    }
    tags = data.get("dist-tags")
    tags = tags if isinstance(tags, dict) else {}
    return Packument(versions, {tag: version for tag, version in tags.items() if isinstance(version, str)})


def _sends_on(address: str, location: str, name: str) -> bool:
    """Whether a redirect leads to this package at another registry: GitLab says so that it has none of this name."""
    try:
        target = urlsplit(urljoin(address, location))
        return target.netloc != urlsplit(address).netloc and unquote(target.path).endswith(f"/{name}")
    except ValueError:
        return False


def _origin(location: str) -> str:
    try:
        parts = urlsplit(location)
    except ValueError:
        return "no address"
    return f"{parts.scheme}://{parts.hostname}" if parts.hostname else "another page"


def _bytes(dist: object, *, deprecated: bool) -> Bytes:
    known = dist if isinstance(dist, dict) else {}
    integrity, shasum, tarball = (str(known.get(key) or "") for key in ("integrity", "shasum", "tarball"))
    return Bytes(integrity, shasum, tarball, deprecated)
