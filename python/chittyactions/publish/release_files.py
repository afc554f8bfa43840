"""The files of a release in the project's folders: those that the inputs `files` and `platforms` name by globs."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from pathlib import Path

from chittyactions.errors import ConfigError
from chittyactions.project.documents import shown
from chittyactions.publish.artifact import Packed
from chittyactions.publish.manifest import FILE_LIMIT, FILES, name_problem

DOCS = "package-build.md#files"


def find_files(checkout: Path, root: Path, patterns: Sequence[str], platforms: Mapping[str, str]) -> list[Packed]:
    """The files that `patterns` (in their order), then `platforms` match below `root`; each file once.

    As in a shell, `*` matches no hidden file, and `**` any number of folders. Raises ConfigError for a pattern that
    matches nothing, a platform that matches several files, a name that can't be released, and two files of one name.
    """
    chosen: dict[Path, str] = {}
    for pattern in patterns:
        for path in _matches(checkout, root, pattern, "files"):
            chosen.setdefault(path, "")
    for platform, pattern in platforms.items():
        if not pattern:
            continue
        found = _matches(checkout, root, pattern, f"platforms: {platform}")
        if len(found) > 1 or chosen.get(found[0]):
            others = ", ".join(path.name for path in found[:4])
            raise ConfigError(
                f"platforms: {platform} is not one file: {pattern[:100]} matches {others}."
                if len(found) > 1
                else f"platforms: {found[0].name} is for {chosen[found[0]]} and for {platform}.",
                why="A formula has one url and one hash for each platform.",
                fix="Narrow the pattern to the one archive of that platform.",
                docs="package-build.md#platforms",
            )
        chosen[found[0]] = platform
    return [_packed(checkout, path, platform) for path, platform in chosen.items()]


def judge_names(files: Sequence[Packed]) -> None:
    """No two files of the release under one name, and not too many of them. Raises ConfigError."""
    seen: dict[str, Packed] = {}
    for file in files:
        other = seen.setdefault(file.name.casefold(), file)
        if other is not file:
            raise ConfigError(
                f"Two files of the release are called {file.name}: {other.path} and {file.path}.",
                fix="Give them different names, or name one of them in files.",
                docs=DOCS,
            )
    if len(files) > FILES:
        raise ConfigError(
            f"files matches {len(files)} files, and {FILES} are the most.",
            fix="Name the release's own files, such as dist/*.tar.gz, or pack them into one archive.",
            docs=DOCS,
        )


def _matches(checkout: Path, root: Path, pattern: str, what: str) -> list[Path]:
    """The plain files that a glob matches, sorted; at least one."""
    if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
        raise ConfigError(
            f"{what} names {pattern[:100]!r}, which leads out of {shown(root, checkout)}.",
            fix="Give a path or a glob relative to working_directory, such as dist/*.tar.gz.",
            docs=DOCS,
        )
    hits = (root / name for name in sorted(glob.glob(pattern, root_dir=root, recursive=True)))  # noqa: PTH207 - it hides hidden files
    found = [path for path in hits if path.is_file()]
    if not found:
        raise ConfigError(
            f"{what} names {pattern[:100]!r}, and the build left no such file in {shown(root, checkout)}.",
            why="The build ended well, so it writes to another place, or the pattern is misspelt.",
            fix="Look for it in the log of the build, and correct the pattern, which is relative to working_directory.",
            docs=DOCS,
        )
    return found


def _packed(checkout: Path, path: Path, platform: str) -> Packed:
    where = shown(path, checkout)
    real = path.resolve()
    problem = name_problem(path.name)
    if checkout.resolve() not in real.parents:
        problem = "is a link to a file outside the repository"
    elif not real.stat().st_size:
        problem = "is empty"
    elif real.stat().st_size > FILE_LIMIT:
        problem = f"has more than {FILE_LIMIT // 1024**3} GiB"
    if problem:
        raise ConfigError(
            f"{where} {problem}.",
            why="The inputs files and platforms name it as a file of the release.",
            fix="Let the build write it as a release has it, or narrow the pattern.",
            docs=DOCS,
        )
    return Packed(real, path.name, platform)
