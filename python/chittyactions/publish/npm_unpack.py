"""Whether npm itself finds in a tarball what was judged, and nothing of the machine.

The second wall behind `npm_tarball`: npm's own code unpacks the tarball and reads it as for a publish, so that a trick
with paths or headers that nobody has thought of is seen before a token is there.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chittyactions.environment import toolkit
from chittyactions.node import clean_environment
from chittyactions.process import run
from chittyactions.publish.npm_cli import LOCKED, SECONDS, NpmCli
from chittyactions.publish.npm_tarball import LEAK, read_manifest, refused
from chittyactions.publish.package_json import bare, parse_manifest

SCRIPT = "unpack.cjs"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def check_unpacking(cli: NpmCli, tarball: Path, *, environ: Mapping[str, str], temp: Path) -> None:
    """Raise ArtifactError unless `cli` reads the very package.json that `read_manifest` finds, and no repository.

    Needs no network and no credential.
    """
    with tempfile.TemporaryDirectory(prefix="chitty-npm-", dir=temp) as place:
        folder = Path(place)
        named, into = folder / "package.tgz", folder / "package"
        named.symlink_to(tarball.absolute())  # npm takes a path without this ending for a folder
        command = [cli.node, toolkit() / LOCKED / SCRIPT, cli.script.parents[1], named, into, folder / "cache"]
        env = clean_environment(environ, folder / "home")
        done = run([str(part) for part in command], cwd=folder, env=env, seconds=SECONDS, name="npm")
        if done.code:
            raise refused(f"the npm that publishes cannot unpack it: {done.stderr.strip()[:300]}")
        found, manifest = into / "package.json", read_manifest(tarball)
        if not found.is_file() or found.read_bytes() != manifest:
            raise refused("the npm that publishes finds another package.json in it than the one at its usual place")
        if (into / ".git").exists():
            raise refused("the npm that publishes finds a Git repository in it", LEAK)
    compare(parse_manifest(manifest), json.loads(done.stdout))


def compare(judged: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Raise ArtifactError unless what npm made of a package.json, `found`, decides as the `judged` one does."""
    for field in ("name", "version", "publishConfig", "tag", "private"):
        one, other = judged.get(field), found.get(field)
        if (bare(str(one)) != bare(str(other))) if field == "version" else one != other:
            raise refused(f"the npm that publishes reads another {field} out of it")
    head = found.get("gitHead")
    # Of a repository in a folder above, npm adds the commit.
    if head != judged.get("gitHead") and not (isinstance(head, str) and _COMMIT.fullmatch(head)):
        raise refused("the npm that publishes reads another gitHead than a commit out of it", LEAK)
