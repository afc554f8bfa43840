"""Repositories for tests: paths and contents, laid out on the disk, and a check of checks.yml run over them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from chittyactions.compliance.catalogue import Catalogue, CheckSpec, read_catalogue
from chittyactions.compliance.checkout import Checkout
from chittyactions.compliance.checks import EVALUATORS
from chittyactions.compliance.documents import Places, Spot
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.files import Kind
from chittyactions.compliance.model import Finding, Service
from chittyactions.compliance.repository import Observed, Repository

CHECKS = Path(__file__).resolve().parents[2] / "compliance/checks.yml"

_roots: list[Path] = []
_numbers = itertools.count()


class Link(str):
    """The content of a path that is a symbolic link: where it leads."""

    __slots__ = ()


class Submodule:
    """The content of a path that is a gitlink."""


Content = str | bytes | Submodule


@contextmanager
def laid_out_under(root: Path) -> Iterator[None]:
    """Have `repository` make its folders in `root`. conftest.py does it for every test, with its tmp_path."""
    _roots.append(root)
    try:
        yield
    finally:
        _roots.pop()


def repository(
    files: Mapping[str, Content],
    folder: str = "",
    observed: Observed | None = None,
    *,
    commit: str = "",
    remote: str = "",
) -> Repository:
    """A repository of these files, without git. `folder` is where the service lies in it.

    A text or bytes is a file; Link("target") a symbolic link; Submodule() a commit of another repository.
    """
    root = _roots[-1] / f"repository-{next(_numbers)}"
    root.mkdir()
    paths: dict[str, Kind] = {}
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Submodule):
            place.mkdir()
            paths[path] = Kind.SUBMODULE
        elif isinstance(content, Link):
            place.symlink_to(content)
            paths[path] = Kind.LINK
        else:
            place.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
            paths[path] = Kind.FILE
    return Repository(Checkout(root, paths, commit, remote=remote), folder, observed)


def placed(places: Places, *above: str | int) -> dict[tuple[str | int, ...], Spot]:
    """The places of a document by their paths."""
    found: dict[tuple[str | int, ...], Spot] = {}
    for step, inner in places.inner.items():
        path = (*above, step)
        if inner.spot:
            found[path] = inner.spot
        found |= placed(inner, *above, step)
    return found


@cache
def catalogue() -> Catalogue:
    """What checks.yml says."""
    return read_catalogue(CHECKS.read_text("utf-8"), "compliance/checks.yml")


def spec_of(check: str) -> CheckSpec:
    """The entry of a check in checks.yml."""
    return next(one for one in catalogue().checks if one.id == check)


def service(
    name: str = "chittyexample", kind: str = "cloudflare-worker", tier: int | None = None, domain: str = ""
) -> Service:
    """A service for a check to look at."""
    return Service(name, kind, tier, domain)


def findings(check: str, held: Repository | Mapping[str, Content], of: Service | None = None) -> tuple[Finding, ...]:
    """What a check finds, with the parameters that checks.yml gives it. NotKnown and its like come through."""
    spec = spec_of(check)
    looked_at = held if isinstance(held, Repository) else repository(held)
    return tuple(EVALUATORS[spec.evaluate](Subject(looked_at, of or service(), spec.parameters)))
