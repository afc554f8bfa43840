"""What the build job says of the release that it packed; the publish job believes none of it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

GIB = 1024**3
FILE_LIMIT = 4 * GIB
RELEASE_LIMIT = 7 * GIB
"""All files together; a size in a tar's header ends at 8 GiB."""
FILES = 200
MANIFEST_LIMIT = 1024 * 1024

FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9._+~@-]{0,198}[A-Za-z0-9]"
"""One path segment that is the same in a URL, in S3, in Ruby and on any disk; never a hidden file."""

_TYPES = {
    ".tgz": "application/gzip",
    ".gz": "application/gzip",
    ".zip": "application/zip",
    ".whl": "application/zip",
    ".crate": "application/gzip",
    ".xz": "application/x-xz",
    ".bz2": "application/x-bzip2",
    ".zst": "application/zstd",
    ".tar": "application/x-tar",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".sha256": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".deb": "application/vnd.debian.binary-package",
    ".rpm": "application/x-rpm",
    ".exe": "application/vnd.microsoft.portable-executable",
}
"""Nothing that a browser would run: a page of a build's own has no place under the ecosystem's host."""


def content_type(name: str) -> str:
    """The content type that a file of this name is served with."""
    return _TYPES.get(PurePosixPath(name.lower()).suffix, "application/octet-stream")


class Frozen(BaseModel):
    """A value that is read once, whole, and holds nothing that is not in its model."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class File(Frozen):
    """One file of the release. `platform` is "" for a file that is for any."""

    name: Annotated[str, Field(pattern=f"^{FILE_NAME}$")]
    size: Annotated[int, Field(ge=1, le=FILE_LIMIT)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    platform: Annotated[str, Field(pattern=r"^[a-z0-9._-]{0,40}$")] = ""
    content_type: Annotated[str, Field(max_length=100)]


class Manifest(Frozen):
    """The release in words; `files[0]` stands for it, and `integrity` is that file's sha512 as npm writes it."""

    format: Literal[1] = 1
    service: Annotated[str, Field(max_length=100)]
    ecosystem: Literal["npm", "python", "rust", "go", "files"]
    name: Annotated[str, Field(max_length=214)]
    version: Annotated[str, Field(max_length=200)]
    commit: Annotated[str, Field(max_length=64)]
    ref: Annotated[str, Field(max_length=300)]
    integrity: Annotated[str, Field(pattern=r"^sha512-[A-Za-z0-9+/]{86}==$")]
    platforms: Annotated[tuple[str, ...], Field(min_length=1, max_length=50)]
    files: Annotated[tuple[File, ...], Field(min_length=1, max_length=FILES)]


def name_problem(name: str) -> str:
    """Why a file of a release can't be called `name`, or ""."""
    if re.fullmatch(FILE_NAME, name) and ".." not in name:
        return ""
    return "has a name that cannot be released: letters, digits and ._+~@- alone, and a letter or digit at both ends"
