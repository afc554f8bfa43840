"""What the committed project says of itself: which ecosystem, which name, which version.

Both jobs read it, at the same commit: the build before anything runs, and the publish instead of believing the
artifact. A tag that names a version has to name this one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semver import Version

from chittyactions.errors import ConfigError
from chittyactions.project.documents import json_of, line, shown, table, text_of, toml_of
from chittyactions.project.folder import folder_within
from chittyactions.project.workspaces import find_package
from chittyactions.publish.stated import Place
from chittyactions.publish.version import from_python, parse

NPM_NAME = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
"""What npm takes for a new package (https://docs.npmjs.com/cli/configuring-npm/package-json#name)."""
_NPM_LONGEST = 214


@dataclass(frozen=True)
class Source:
    """A package as it is committed.

    `root` is the working directory, `folder` the package's own (another one in a workspace), both absolute; `where` is
    the file that was read, relative to the repository. `version` is None where the built files alone tell it (Python
    with a dynamic version, off a tag). `platforms` are the systems that package.json's `os` allows.
    """

    ecosystem: str
    root: Path
    folder: Path
    where: str
    name: str
    version: Version | None
    platforms: tuple[str, ...] = ()
    description: str = ""
    homepage: str = ""
    license: str = ""

    def read_version(self, text: str) -> Version:
        """A version as this ecosystem writes it. Raises ValueError."""
        return from_python(text) if self.ecosystem == "python" else parse(text)


def read_source(
    checkout: Path, working_directory: str = ".", *, service: str, package: str = "", ref: str = "", npm: bool = False
) -> Source:
    """What is committed in `working_directory`, or in the workspace `package` there; `ref` is the run's (GITHUB_REF).

    `npm` says that it is for npm, so that it has to be a package that npm may have. Else the first of package.json
    (with a name and a version), pyproject.toml, Cargo.toml and go.mod is what it is, and without any it is plain files,
    called `service`. Raises ConfigError for what can't be read or published, and for a tag that says another version.
    """
    root = folder_within(checkout, working_directory, "package-build.md#inputs")
    try:
        return _read(checkout, root, service=service, package=package, ref=ref, npm=npm)
    except ConfigError as error:
        error.docs = error.docs or "package-build.md#ecosystems"
        raise


def _read(checkout: Path, root: Path, *, service: str, package: str, ref: str, npm: bool) -> Source:
    folder = find_package(checkout, root, package) if package else root
    manifest = folder / "package.json"
    if npm and not manifest.is_file():
        raise ConfigError(
            f"publish_npm is on, and there is no package.json in {shown(folder, checkout)}.",
            fix="Set working_directory to the package's folder, or leave publish_npm out.",
            docs="package-build.md#ecosystems",
        )
    place = Place(checkout.resolve(), folder, service, ref)
    others: dict[str, Callable[[Place, Path], Source]] = {
        "pyproject.toml": _python,
        "Cargo.toml": _rust,
        "go.mod": _go,
    }
    other = next((name for name in others if (folder / name).is_file()), "")
    if manifest.is_file():
        data = json_of(manifest, checkout)
        complete = bool(line(data, "name") and line(data, "version"))
        if npm or package or (complete and not (other and data.get("private"))):
            return _npm(place, root, data, npm=npm)
    return others.get(other, _files)(place, root)


def _npm(place: Place, root: Path, data: dict[str, Any], *, npm: bool) -> Source:
    where = place.shown("package.json")
    name = data.get("name")
    if not isinstance(name, str) or not NPM_NAME.fullmatch(name) or len(name) > _NPM_LONGEST:
        raise ConfigError(
            f"{where} has no name that a package can have" + (f": {str(name)[:80]!r}." if name else "."),
            why="npm takes lower case letters, digits, dots, dashes, underscores, and a scope like @chittyos/ first.",
            fix='Give it one: "name": "@chittyos/hello".',
            docs="package-build.md#ecosystems",
        )
    if npm and data.get("private"):
        raise ConfigError(
            f"{where} says that {name} is private, and publish_npm asks to publish it.",
            why='npm publishes nothing that has "private": true.',
            fix='Remove "private", or leave publish_npm out. A workspace is named by the input package.',
            docs="package-build.md#workspaces",
        )
    systems = data.get("os")
    names = [systems] if isinstance(systems, str) else systems if isinstance(systems, list) else []
    allowed = (item for item in names if isinstance(item, str) and re.fullmatch(r"[a-z][a-z0-9]{1,19}", item))
    return Source(
        ecosystem="npm",
        root=root,
        folder=place.folder,
        where=where,
        name=name,
        version=place.stated(where, data.get("version"), parse),
        platforms=tuple(dict.fromkeys(allowed)),
        description=line(data, "description"),
        homepage=line(data, "homepage"),
        license=line(data, "license"),
    )


def _python(place: Place, root: Path) -> Source:
    where = place.shown("pyproject.toml")
    data = toml_of(place.folder / "pyproject.toml", place.checkout)
    project = table(data, "project")
    poetry = table(data, "tool", "poetry")
    name = line(project, "name") or line(poetry, "name")
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?", name):
        raise ConfigError(
            f"{where} has no [project] name that a package can have" + (f": {name[:80]!r}." if name else "."),
            fix='Give it one, such as name = "hello"; for files that are no Python package, set working_directory.',
            docs="package-build.md#python",
        )
    stated = project.get("version", None if project.get("dynamic") else poetry.get("version"))
    if stated is not None:
        version: Version | None = place.stated(where, stated, from_python)
    else:
        version = place.tagged(name, read=from_python)
    license_ = project.get("license")
    urls = {key.lower(): line(table(project, "urls"), key) for key in table(project, "urls")}
    return Source(
        ecosystem="python",
        root=root,
        folder=place.folder,
        where=where,
        name=name,
        version=version,
        description=line(project, "description") or line(poetry, "description"),
        homepage=urls.get("homepage", "") or line(poetry, "homepage"),
        license=line(project, "license") or (line(license_, "text") if isinstance(license_, dict) else ""),
    )


def _rust(place: Place, root: Path) -> Source:
    where = place.shown("Cargo.toml")
    data = toml_of(place.folder / "Cargo.toml", place.checkout)
    crate = table(data, "package")
    name = line(crate, "name")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", name):
        inner = ", ".join(str(member)[:60] for member in _list(table(data, "workspace"), "members")[:6])
        raise ConfigError(
            f"{where} has no [package] name that a crate can have" + (f": {name[:80]!r}." if name else "."),
            why=f"It is a workspace of {inner}." if inner else "",
            fix="Set working_directory to the crate that is released.",
            docs="package-build.md#rust",
        )
    inherited = {key for key, value in crate.items() if isinstance(value, dict) and value.get("workspace") is True}
    shared = _workspace_of(place, data) if inherited else {}
    crate = {**crate, **{key: shared.get(key) for key in inherited}}
    if "version" in inherited and crate["version"] is None:
        raise ConfigError(
            f"{where} takes its version from the workspace, which has none.",
            why="No Cargo.toml here or above, up to the repository's root, has [workspace.package] version.",
            fix='Add it: [workspace.package] version = "1.2.3".',
            docs="package-build.md#rust",
        )
    return Source(
        ecosystem="rust",
        root=root,
        folder=place.folder,
        where=where,
        name=name,
        version=place.stated(where, crate.get("version"), parse),
        description=line(crate, "description"),
        homepage=line(crate, "homepage") or line(crate, "repository"),
        license=line(crate, "license"),
    )


def _workspace_of(place: Place, data: dict[str, Any]) -> dict[str, Any]:
    """`[workspace.package]` of the Cargo.toml that is the workspace's root: this one, or the nearest above."""
    for folder in (place.folder, *place.folder.parents):
        if folder != place.folder:
            data = toml_of(folder / "Cargo.toml", place.checkout) if (folder / "Cargo.toml").is_file() else {}
        if "workspace" in data:
            return table(data, "workspace", "package")
        if folder == place.checkout:
            break
    return {}


def _go(place: Place, root: Path) -> Source:
    where = place.shown("go.mod")
    text = text_of(place.folder / "go.mod", place.checkout)
    found = re.search(r'^\s*module\s+"?([\w./~-]{1,200})"?\s*(?://.*)?$', text, re.MULTILINE)
    if not found:
        raise ConfigError(
            f"{where} names no module.",
            fix="Its first line is: module github.com/chittyos/hello.",
            docs="package-build.md#go",
        )
    own = re.sub(r"/v\d+$", "", found[1]).rpartition("/")[2]
    version = place.from_tag(where, own, "a Go module's version is its tag")
    return Source("go", root, place.folder, where, found[1], version)


def _files(place: Place, root: Path) -> Source:
    why = f"{place.shown()} has no package.json with a version, pyproject.toml or Cargo.toml that would tell it"
    version = place.from_tag(place.service, place.service, why)
    return Source("files", root, place.folder, "", place.service, version)


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []
