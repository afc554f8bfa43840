"""Release: stamp this repository's references to itself, commit, tag.

    python3 tools/release.py v2.1.0            commit and tag here, push nothing
    python3 tools/release.py v2.1.0 --push     and push both tags (RELEASE_TOKEN), as release.yml does
    python3 tools/release.py --check           every reference to itself has one and the same version

On main the actions and reusable workflows refer to each other as `chittyos/chittyops/…@v2`. The release commit
refers to `@v2.1.0`, so that a caller who pins it, by tag or SHA, gets no part that can move. It is on no branch:
the tag keeps it, and the major tag moves to it.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMPED = (
    "actions/**/action.yml",
    ".github/actions/**/action.yml",
    ".github/workflows/reusable-*.yml",
    ".github/workflows/ecosystem-*.yml",
)
REFERENCE = re.compile(r"(?P<what>uses:\s*['\"]?chittyos/chittyops/[\w./-]+)@(?P<ref>[\w.-]+)")
VERSION = re.compile(r"v(?P<major>[0-9]+)\.[0-9]+\.[0-9]+")


def stamped_files(root: Path) -> list[Path]:
    """The files that callers run, and that refer to each other."""
    return sorted({path for pattern in STAMPED for path in root.glob(pattern)})


def references(root: Path) -> Iterator[tuple[Path, str]]:
    """Each reference of this repository to itself: file and ref."""
    for path in stamped_files(root):
        for match in REFERENCE.finditer(path.read_text("utf-8")):
            yield path, match["ref"]


def stamp(root: Path, version: str) -> list[Path]:
    """Point every own reference at `version`; returns the files that changed."""
    changed = []
    for path in stamped_files(root):
        before = path.read_text("utf-8")
        after = REFERENCE.sub(rf"\g<what>@{version}", before)
        if after != before:
            path.write_text(after, "utf-8")
            changed.append(path)
    return changed


def git(root: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    """A git command's output; its own error text goes to the terminal."""
    done = subprocess.run(
        ["git", *arguments], cwd=root, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **(env or {})}
    )
    return done.stdout.strip()


def release(root: Path, version: str) -> str:
    """Make the release commit and its two tags on a clean tree; the branch stays where it is. Returns the commit."""
    match = VERSION.fullmatch(version)
    if not match:
        raise SystemExit(f"{version!r} is no version to release: it reads v2.1.0.")
    if git(root, "status", "--porcelain"):
        raise SystemExit("The tree has changes: commit them first, a release holds nothing else.")
    if git(root, "tag", "--list", version):
        raise SystemExit(f"{version} exists already, and a released version never moves: take the next one.")
    branch = git(root, "rev-parse", "--abbrev-ref", "HEAD")
    start = git(root, "rev-parse", "HEAD")
    changed = [str(path.relative_to(root)) for path in stamp(root, version)]
    try:
        git(root, "checkout", "--quiet", "--detach")
        git(root, "commit", "--quiet", "--allow-empty", "-m", f"Release {version}", "--", *changed)
        commit = git(root, "rev-parse", "HEAD")
        git(root, "tag", version, commit)
        git(root, "tag", "--force", f"v{match['major']}", commit)
    finally:
        git(root, "checkout", "--quiet", "--force", start if branch == "HEAD" else branch)
    return commit


def push(root: Path, version: str) -> None:
    """Push the version's tag, then move the major one. The token is in the environment only."""
    token = os.environ.get("RELEASE_TOKEN", "")
    if not token:
        raise SystemExit("RELEASE_TOKEN is empty: release.yml passes the job's token.")
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    secret = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.https://github.com/.extraheader",
        "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {basic}",
    }
    git(root, "push", "origin", version, env=secret)
    git(root, "push", "--force", "origin", version.partition(".")[0], env=secret)


def check(root: Path) -> int:
    """0 when all references have one version; else 1, and the differing ones are named."""
    found = list(references(root))
    refs = sorted({ref for _, ref in found})
    if len(refs) == 1:
        print(f"{len(found)} references, all @{refs[0]}")
        return 0
    for path, ref in found:
        print(f"{path.relative_to(root)}: @{ref}", file=sys.stderr)
    print(f"References to this repository have {len(refs)} versions; they must have one.", file=sys.stderr)
    return 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", nargs="?", help="the version, such as v2.1.0")
    parser.add_argument("--check", action="store_true", help="only look whether the references agree")
    parser.add_argument("--push", action="store_true", help="push the tags with RELEASE_TOKEN")
    chosen = parser.parse_args(argv)
    if chosen.check:
        return check(ROOT)
    if not chosen.version:
        parser.error("say which version to release")
    commit = release(ROOT, chosen.version)
    print(f"{chosen.version} is {commit}")
    if chosen.push:
        push(ROOT, chosen.version)
    return 0


if __name__ == "__main__":
    sys.exit(main())
