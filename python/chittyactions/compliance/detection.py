"""What a repository is by its own manifests: parsed, so that no word in a comment or in a longer name decides.

setup.py is a program, which is not run: it counts as Python by being there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chittyactions.compliance.documents import Document, Spot
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.routes import Open, domain_of, routes_of

WRANGLER = ("wrangler.json", "wrangler.jsonc", "wrangler.toml")
"""In wrangler's order: the first of them in a folder counts there."""

MOST_NAMED = 5
"""Folders of Workers that are named."""

_STACKS = {
    "package.json": "node",
    "pyproject.toml": "python",
    "setup.py": "python",
    "setup.cfg": "python",
    "requirements.txt": "python",
    "Cargo.toml": "rust",
    "go.mod": "go",
}
_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys((*WRANGLER, "package.json"), (("name",),)),
    "pyproject.toml": (("project", "name"), ("tool", "poetry", "name")),
    "Cargo.toml": (("package", "name"),),
}
"""Where a manifest names what it describes."""

_NOT_THE_SERVICE = frozenset(
    {"examples", "example", "fixtures", "testdata", "test", "tests", "templates", "node_modules", "vendor", "docs"}
)
"""Folders whose manifests are samples, tests or others' code."""

_PROSE = re.compile(r".*\.(md|mdx|rst|txt|adoc|png|jpe?g|gif|svg|pdf|ya?ml)|(.*/)?(LICENSE|CODEOWNERS|NOTICE|CNAME)")
_NAME = re.compile(r"(?:@[\w.-]+/)?([\w.-]{1,100})")
_TEXTS = {
    "go.mod": re.compile(r'^module[ \t]+"?(?:\S*?/)??([\w.-]+?)(?:/v[0-9]+)?"?[ \t]*(?://.*)?\r?$', re.MULTILINE),
    # configparser takes minutes for lines that it can't read
    "setup.cfg": re.compile(r"^\[metadata\](?:(?!^\[)[\s\S])*?^name[ \t]*[=:][ \t]*([\w.-]+)[ \t]*\r?$", re.MULTILINE),
}
"""How a manifest of another format names what it describes."""

_DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")


@dataclass(frozen=True)
class Called:
    """What a manifest calls the service, without a scope."""

    name: str
    path: str
    spot: Spot = field(default_factory=Spot)


@dataclass(frozen=True)
class Rival:
    """A wrangler file that nobody reads, as `counts` beside it comes first, and that states another name or routes."""

    path: str
    counts: str
    states: str
    """What it states."""
    spot: Spot


@dataclass(frozen=True)
class Detected:
    """What the manifests say. "" where they say nothing, or several things."""

    type: str
    evidence: str
    """Path of the manifest that the type is known by, or why it is assumed."""
    stacks: tuple[str, ...] = ()
    """Among: cloudflare-workers, nextjs, node, python, rust, go."""
    name: str = ""
    domain: str = ""
    workers: tuple[str, ...] = ()
    """Paths of the wrangler files, one a folder."""
    hosts: tuple[str, ...] = ()
    """Every host of a Worker's routes; `*.example.com` for all below one."""
    called: tuple[Called, ...] = ()
    """By the only Worker's wrangler file, and by package.json in the service's own folder."""
    rivals: tuple[Rival, ...] = ()
    bare: bool = True
    """Whether the service's own folder has no manifest."""
    pages: tuple[str, ...] = ()
    """Paths of the wrangler files that describe a Pages project."""
    apart: tuple[str, ...] = ()
    """Folders of the Workers below, where there are several, and none in the service's own folder."""
    open: Open | None = None
    """Where routes lead to the service, and not to one domain."""


def detect(repository: Repository, slug: str = "") -> Detected:
    """What the service in `repository.folder` looks like. `slug` is owner/name of the repository where it is known.

    It always comes to a type, the mildest that fits: a manifest that can't be read is told elsewhere.
    """
    manifests = _manifests(repository)
    folders = _folders(manifests)
    pages = tuple(path for path, *_ in folders if _is_pages(_tabled(repository, path)))
    workers = tuple(path for path, *_ in folders if path not in pages)
    own = [path for path in manifests if path == repository.home(_base(path))]
    only = workers if len(workers) == 1 else ()
    main = only or tuple(path for path in workers if path in own)
    apart = () if main else tuple(path.rpartition("/")[0] for path in workers)
    packages = [path for path in manifests if _base(path) == "package.json"]
    node = _tabled(repository, packages[0]) if packages else None
    stacks = {_STACKS[_base(path)] for path in manifests if _base(path) in _STACKS}
    if workers:
        stacks.add("cloudflare-workers")
    if any(_needs_next(_tabled(repository, path)) for path in packages):
        stacks.add("nextjs")
    routes = {path: list(routes_of(_tabled(repository, path))) for path in workers}
    domain, undecided = domain_of(main[0], routes[main[0]]) if main else ("", None)
    kind, evidence = _type(repository, slug, main, packages, node)
    if not evidence and pages:
        evidence = f"{pages[0]} describes a Pages project, not a Worker"
    if not evidence:
        evidence = next((path for path in manifests if _base(path) in _STACKS), "no manifest says more")
    naming = dict.fromkeys((*only, *own)) if len(workers) < 2 else ()
    named = [one for path in naming if (one := _called(repository, path))]
    return Detected(
        kind,
        evidence,
        tuple(sorted(stacks)),
        named[0].name if named else "",
        domain,
        workers,
        tuple(dict.fromkeys(route.host for path in workers for route in routes[path])),
        tuple(one for one in named if one.path in only or _base(one.path) == "package.json"),
        tuple(_rivals(repository, folders)),
        not own,
        pages,
        apart,
        undecided,
    )


def check_each(detected: Detected) -> str:
    """What to do where several Workers lie apart, a sentence; "" where they don't."""
    if not detected.apart:
        return ""
    told = ", ".join(f"`chittyops check {folder}`" for folder in detected.apart[:MOST_NAMED])
    more = len(detected.apart) - MOST_NAMED
    return f"Check each by its folder: {told}{f' and {more} more' if more > 0 else ''}."


def _manifests(repository: Repository) -> list[str]:
    """Manifests of the service: those nearest to its folder first."""
    names = ",".join((*WRANGLER, *_STACKS))
    under = f"{repository.folder}/" if repository.folder else ""
    found = [path.removeprefix(under) for path in repository.paths(f"{under}**/{{{names}}}")]
    ours = [path for path in found if not _NOT_THE_SERVICE & set(path.split("/")[:-1])]
    return [under + path for path in sorted(ours, key=lambda path: (path.count("/"), path))]


def _folders(manifests: list[str]) -> list[list[str]]:
    """Each folder's wrangler files, the one that counts first: they come as the alphabet has them, as in WRANGLER."""
    folders: dict[str, list[str]] = {}
    for path in manifests:
        if _base(path) in WRANGLER:
            folders.setdefault(path.removesuffix(_base(path)), []).append(path)
    return list(folders.values())


def _is_pages(document: Document | None) -> bool:
    return document is not None and document.has("pages_build_output_dir")


def _needs_next(document: Document | None) -> bool:
    return document is not None and any(_table(document.get(kind)).get("next") for kind in _DEPENDENCIES)


def _type(
    repository: Repository, slug: str, main: tuple[str, ...], packages: list[str], node: Document | None
) -> tuple[str, str]:
    """A type, and what it is known by: "" for whatever manifest there is. `main` is the service's own Worker."""
    if slug.endswith("/.github") and not repository.folder:
        return "org-config", "the repository's name is .github"
    if main:
        return "cloudflare-worker", main[0]
    home = repository.home("package.json")
    if node and home in packages and node.get("name") and node.get("version") and node.get("private") is not True:
        return "npm-package", home
    if not packages and all(_PROSE.fullmatch(path) or path.startswith(".") for path in repository.paths("**")):
        return "documentation", "there is nothing but prose in it"
    return "tool", ""


def _called(repository: Repository, path: str) -> Called | None:
    """What a manifest calls what it describes; None where it says nothing that is a name."""
    base = _base(path)
    for key in _KEYS.get(base, ()):
        document = _tabled(repository, path)
        found = document.get(*key) if document else None
        if document and isinstance(found, str) and (name := _NAME.fullmatch(found)):
            return Called(name[1], path, document.spot(*key))
    text = _text(repository, path) if base in _TEXTS else None
    name = _TEXTS[base].search(text) if text else None
    return Called(name[1], path) if name else None


def _rivals(repository: Repository, folders: list[list[str]]) -> Iterator[Rival]:
    """Where a wrangler file contradicts the one that counts in its folder."""
    for counts, *others in folders:
        ours = _tabled(repository, counts)
        for path in others:
            theirs = _tabled(repository, path)
            if not ours or not theirs:
                continue
            if theirs.get("name") not in (None, ours.get("name")):
                yield Rival(path, counts, "another name", theirs.spot("name"))
            hosts = {route.host for route in routes_of(theirs)}
            if hosts and hosts != {route.host for route in routes_of(ours)}:
                yield Rival(path, counts, "other routes", theirs.spot("routes" if theirs.has("routes") else "route"))


def _tabled(repository: Repository, path: str) -> Document | None:
    """A manifest, or None where it can't be read."""
    name = _base(path)
    read = repository.toml if name.endswith(".toml") else repository.jsonc if name in WRANGLER else repository.json
    try:
        return read(path)
    except (Wrong, Undecided, NotKnown):
        return None


def _text(repository: Repository, path: str) -> str | None:
    try:
        return repository.text(path)
    except (Wrong, Undecided, NotKnown):
        return None


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _base(path: str) -> str:
    return path.rpartition("/")[2]
