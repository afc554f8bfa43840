"""What wrangler's dry run made, read from its own upload form: every module with its kind, and nothing guessed.

`wrangler deploy --dry-run --outfile` writes the multipart body that a deploy would send. Its parts tell the module
types, which the files of `--outdir` do not.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chittyactions.deploy.artifact import File, Kind, Module
from chittyactions.deploy.ignore import Ignore
from chittyactions.deploy.paths import asset_problem
from chittyactions.errors import ArtifactError, ConfigError

_KINDS: dict[str, Kind] = {
    "application/javascript+module": "esm",
    "application/javascript": "commonjs",
    "application/wasm": "wasm",
    "text/plain": "text",
    "application/octet-stream": "data",
    "text/x-python": "python",
    "text/x-python-requirement": "python-requirement",
    "application/source-map": "source-map",
}


@dataclass(frozen=True)
class Bundle:
    """The code of a Worker: `main` is a path in `modules`, `contents` their bytes by SHA-256, sizes in bytes."""

    main: str
    modules: tuple[Module, ...]
    contents: dict[str, bytes]
    size: int
    gzip: int


@dataclass(frozen=True)
class Static:
    """The assets of a Worker; `contents` are the files that hold them, by SHA-256."""

    files: tuple[File, ...]
    contents: dict[str, Path]


def read_form(data: bytes) -> tuple[dict[str, Any], list[tuple[str, str, bytes]]]:
    """Metadata and (name, content type, content) of each part of a multipart form."""
    boundary, _, _ = data.partition(b"\r\n")
    parts = []
    metadata: dict[str, Any] = {}
    for part in data.split(b"\r\n" + boundary) if boundary.startswith(b"--") else ():
        head, separator, content = part.removeprefix(boundary).partition(b"\r\n\r\n")
        if not separator:
            continue
        headers = head.decode("utf-8", "surrogateescape")
        name = re.search(r'; name="([^"]*)"', headers)
        kind = re.search(r"(?im)^content-type: *([^;\r\n]+)", headers)
        if name and name[1] == "metadata":
            metadata = json.loads(content)
        elif name:
            unescaped = name[1].replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
            parts.append((unescaped, kind[1].strip() if kind else "", content))
    return metadata, parts


def read_bundle(form: Path) -> Bundle:
    """The bundle in the form that a dry run wrote. Raises ConfigError for what can't be uploaded by itself."""
    metadata, parts = read_form(form.read_bytes())
    main = str(metadata.get("main_module") or metadata.get("body_part") or "")
    modules: list[Module] = []
    contents: dict[str, bytes] = {}
    whole = b""
    for name, content_type, content in parts:
        kind = _KINDS.get(content_type)
        if kind is None:
            raise ConfigError(
                f"The build made a part of type {content_type[:60]!r}, which cannot be uploaded by itself.",
                why=f"It is called {name[:80]!r}.",
                fix="Turn isolation off, and report it.",
                docs="worker-build.md#isolation",
            )
        digest = hashlib.sha256(content).hexdigest()
        contents[digest] = content
        modules.append(Module(path=name.removeprefix("./"), kind=kind, size=len(content), sha256=digest))
        if kind != "source-map":
            whole += content
    return Bundle(
        main=main,
        modules=tuple(sorted(modules, key=lambda module: module.path)),
        contents=contents,
        size=len(whole),
        gzip=len(gzip.compress(whole, mtime=0)),
    )


def read_assets(directory: Path) -> Static:
    """Every file below `directory` that wrangler would upload, and the three that tell it how.

    Links to files are followed, as wrangler does; links to folders are not. Raises ArtifactError for what is private.
    """
    if not directory.is_dir():
        raise ConfigError(
            f"There is no assets folder {directory.name}.",
            why="assets.directory names it, and the build did not make it.",
            fix="Let `npm run build` write it, or correct assets.directory.",
            docs="worker-build.md#assets",
        )
    ignore = Ignore.beside(directory)
    found: list[File] = []
    contents: dict[str, Path] = {}
    for folder, folders, names in os.walk(directory):  # follows no linked folders, as wrangler does not
        inside = Path(folder).relative_to(directory)
        folders[:] = sorted(n for n in folders if not ignore.prunes((inside / n).as_posix()))
        for name in sorted(names):
            relative = (inside / name).as_posix()
            if relative not in Ignore.STEERS and ignore.matches(relative):
                continue
            reason = asset_problem(relative)
            if reason:
                raise ArtifactError(f"The asset {relative!r} {reason}.", docs="worker-build.md#assets")
            source = Path(folder) / name
            size, digest = _measure(source, relative)
            found.append(File(path=relative, size=size, sha256=digest))
            contents[digest] = source
    return Static(files=tuple(found), contents=contents)


def _measure(source: Path, relative: str) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a file. Raises ConfigError for what is no file, or can't be read."""
    try:
        if not source.is_file():
            raise ConfigError(f"The asset {relative!r} is not a file.", fix="Remove it, or list it in .assetsignore.")
        digest = hashlib.sha256()
        size = 0
        with source.open("rb") as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    except OSError as error:
        raise ConfigError(f"The asset {relative!r} cannot be read.", why=f"{error.strerror}.") from None
    return size, digest.hexdigest()
