"""Whether npm itself finds the package.json in a tarball that was judged.

The second wall behind `npm_tarball`: npm's own code unpacks the tarball, so that a trick with paths or headers that
nobody has thought of is seen before a token is there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from chittyactions.environment import toolkit
from chittyactions.node import clean_environment
from chittyactions.process import run
from chittyactions.publish.npm_cli import LOCKED, SECONDS, NpmCli
from chittyactions.publish.npm_tarball import read_manifest, refused

SCRIPT = "unpack.cjs"


def check_unpacking(cli: NpmCli, tarball: Path, *, environ: Mapping[str, str], temp: Path) -> None:
    """Raise ArtifactError unless `cli` unpacks the very bytes of package.json that `read_manifest` finds.

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
        found = into / "package.json"
        if not found.is_file() or found.read_bytes() != read_manifest(tarball):
            raise refused("the npm that publishes finds another package.json in it than the one at its usual place")
