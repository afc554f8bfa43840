"""What the build job hands to the deploy job: modules, assets, and a manifest that says what each of them is.

One tar with `manifest.json` first, then each content once as `files/<its SHA-256>`. Paths stand in the manifest alone,
where they are checked before anything is written. The build job ran strangers' code, so none of this is believed: it
decides which code is deployed, and never to which Worker, account, route or binding.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from chittyactions import tarball
from chittyactions.deploy.paths import asset_problem, judge_collisions, module_problem
from chittyactions.deploy.plan import Frozen, Plan
from chittyactions.errors import ArtifactError
from chittyactions.tarball import refused

MIB = 1024 * 1024
TAR_LIMIT = 4096 * MIB
MANIFEST_LIMIT = 48 * MIB
"""100 000 assets with long names."""
MODULE_LIMIT = 256 * MIB
"""All modules with their source maps; Cloudflare takes 64 MiB of code."""
GZIP_OVERHEAD = 64 * 1024
"""What gzip can add to modules that it can't make smaller: 5 bytes for each block of at most 64 KiB, and its frame."""
ASSET_LIMIT = 25 * MIB
"""One asset: Cloudflare's own limit."""
ASSETS_LIMIT = 4096 * MIB
MODULES, ASSETS = 5_000, 100_000

Kind = Literal["esm", "commonjs", "wasm", "text", "data", "python", "python-requirement", "source-map"]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class File(Frozen):
    """A file by its path (relative, forward slashes), size in bytes and SHA-256."""

    path: Annotated[str, Field(min_length=1, max_length=1024)]
    size: Annotated[int, Field(ge=0)]
    sha256: Digest


class Module(File):
    """A part of the Worker. Wrangler makes modules of several kinds out of equal names: the kind is said."""

    kind: Kind


class Manifest(Frozen):
    """The artifact in words. `settings` maps each setting that the build saw to a digest, never to its value."""

    version: Literal[1] = 1
    service: str
    environment: str
    script: str
    commit: str
    isolated: bool
    wrangler: str
    main: str
    """Path of the main module; "" for a Worker that is assets alone."""
    modules: Annotated[tuple[Module, ...], Field(max_length=MODULES)]
    assets: Annotated[tuple[File, ...], Field(max_length=ASSETS)] | None
    """None where the Worker has no assets."""
    bundle_size: Annotated[int, Field(ge=0, le=MODULE_LIMIT)]
    """Bytes that the build counted, which is believed only where the code is not in the artifact: see `sizes`."""
    bundle_gzip: Annotated[int, Field(ge=0, le=MODULE_LIMIT)]
    settings: dict[str, Digest]

    @property
    def sizes(self) -> tuple[int, int]:
        """Bytes of the code, as it is and at most when gzipped; source maps do not count."""
        if not self.isolated:
            return self.bundle_size, min(self.bundle_gzip, self.bundle_size + GZIP_OVERHEAD)
        raw = sum(module.size for module in self.modules if module.kind != "source-map")
        return raw, min(self.bundle_gzip, raw + GZIP_OVERHEAD)

    @property
    def files(self) -> tuple[tuple[str, File], ...]:
        """Every file with its place in the clean folder."""
        return (
            *((f"modules/{module.path}", module) for module in self.modules),
            *((f"assets/{asset.path}", asset) for asset in self.assets or ()),
        )


def fingerprints(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """`{"vars.REGION": "<SHA-256 of its JSON>"}`: comparable by path, with no value in it."""
    found: dict[str, str] = {}
    for key, value in settings.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            found.update(fingerprints(value, f"{path}."))
        else:
            canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            found[path] = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
    return found


def pack(path: Path, manifest: Manifest, contents: Mapping[str, Path | bytes]) -> None:
    """Write the tar. `contents` maps each SHA-256 of the manifest to its content or the file that has it."""
    _judge_paths(manifest)
    listed = json.dumps(manifest.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, indent=1).encode()
    digests = sorted({file.sha256 for _, file in manifest.files})
    members: list[tuple[str, Path | bytes]] = [("manifest.json", listed)]
    members += [(f"files/{digest}", contents[digest]) for digest in digests]
    tarball.write(path, members)


def unpack(path: Path, folder: Path, accept: Callable[[Manifest], None]) -> Manifest:
    """Extract the tar at `path` into `folder`, which is empty: `modules/…` and `assets/…`, modes 0600 and 0700.

    `accept` judges the manifest before anything is written, and raises to refuse it. Raises ArtifactError for
    everything that a build of ours would not have written.
    """
    members = tarball.read(path, TAR_LIMIT)
    first = next(members, None)
    if first is None or first.name != "manifest.json" or first.size > MANIFEST_LIMIT:
        raise refused("it does not begin with its manifest")
    manifest = _manifest(b"".join(first.chunks()))
    _judge_paths(manifest)
    _judge_sizes(manifest)
    accept(manifest)
    places: dict[str, list[tuple[str, int]]] = {}
    for place, file in manifest.files:
        places.setdefault(file.sha256, []).append((place, file.size))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ArtifactError(f"The folder {folder.name} for the upload is not empty.", fix="Run the job again.")
    for name in ("modules", *(() if manifest.assets is None else ("assets",))):
        (folder / name).mkdir(mode=0o700)
    for member in members:
        wanted = places.pop(member.name.removeprefix("files/"), None)
        if wanted is None:
            raise refused(f"{member.name} is not in its manifest, or twice in it")
        if any(size != member.size for _, size in wanted):
            raise refused(f"{wanted[0][0]!r} does not have the size that the manifest says")
        _extract(member, folder, [place for place, _ in wanted])
    if places:
        raise refused(f"{next(iter(places.values()))[0][0]!r} is missing")
    return manifest


def agree(plan: Plan, commit: str) -> Callable[[Manifest], None]:
    """The judgement for `unpack`: the artifact was built from the configuration that is committed at this commit."""

    def accept(manifest: Manifest) -> None:
        expected = {
            "service": plan.service,
            "environment": plan.environment,
            "script": plan.script,
            "commit": commit,
            "isolated": plan.isolated,
        }
        differing = [name for name, value in expected.items() if getattr(manifest, name) != value]
        if differing:
            name = differing[0]
            raise ArtifactError(
                f"The build artifact is for another {name}: {str(getattr(manifest, name))[:80]!r}.",
                why=f"This job deploys {name} {expected[name]!r}.",
                fix="Download the artifact of this run's build job, for this service and environment.",
                docs="worker-build.md#artifact",
            )
        _same_settings(plan, manifest)
        has = (bool(manifest.main), manifest.assets is not None)
        if has != ((bool(plan.main), bool(plan.assets)) if plan.isolated else (False, False)):
            raise refused("it has code or assets that the committed configuration does not name, or lacks them")

    return accept


def _same_settings(plan: Plan, manifest: Manifest) -> None:
    ours, theirs = fingerprints(plan.settings), manifest.settings
    changed = sorted(path for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path))
    if changed:
        raise ArtifactError(
            f"The build changed {plan.config_file}: {', '.join(path[:80] for path in changed[:8])}.",
            why="What is deployed where is told by the configuration that is committed, and the build saw another.",
            fix="Commit the change, use env.X for what differs between environments, or turn isolation off.",
            docs="worker-build.md#isolation",
        )


def _manifest(data: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:80]
        raise refused(f"its manifest cannot be used ({where}: {first['msg'][:120]})") from None


def _judge_sizes(manifest: Manifest) -> None:
    if sum(module.size for module in manifest.modules) > MODULE_LIMIT:
        raise refused(f"its modules have more than {MODULE_LIMIT // MIB} MiB")
    assets = manifest.assets or ()
    if sum(asset.size for asset in assets) > ASSETS_LIMIT or any(asset.size > ASSET_LIMIT for asset in assets):
        raise refused(f"its assets have more than {ASSETS_LIMIT // MIB} MiB, or one has more than 25 MiB")


def _judge_paths(manifest: Manifest) -> None:
    if manifest.main != next((m.path for m in manifest.modules if m.path == manifest.main), ""):
        raise refused("its main module is not among its modules")
    for paths, problem in (
        ([module.path for module in manifest.modules], module_problem),
        ([asset.path for asset in manifest.assets or ()], asset_problem),
    ):
        for path in paths:
            reason = problem(path)
            if reason:
                raise refused(f"{path[:120]!r} {reason}")
    judge_collisions([module.path for module in manifest.modules], fold=True)
    judge_collisions([asset.path for asset in manifest.assets or ()], fold=False)


def _extract(member: tarball.Member, folder: Path, places: list[str]) -> None:
    digest = hashlib.sha256()
    first = folder / places[0]
    try:
        with _create(first) as stream:
            for piece in member.chunks():
                digest.update(piece)
                stream.write(piece)
        if f"files/{digest.hexdigest()}" != member.name:
            raise refused(f"{places[0]!r} does not have the content that the manifest says")
        for place in places[1:]:
            with _create(folder / place) as stream, first.open("rb") as source:
                while piece := source.read(1 << 20):
                    stream.write(piece)
    except OSError as error:
        raise refused(f"{places[0]!r} cannot be written ({error.strerror})") from None


def _create(path: Path) -> Any:
    """A new file, mode 0600, in folders of mode 0700: never one that is there already, and never through a link."""
    missing = []
    parent = path.parent
    while not parent.is_dir():
        missing.append(parent)
        parent = parent.parent
    for one in reversed(missing):
        one.mkdir(mode=0o700)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")
