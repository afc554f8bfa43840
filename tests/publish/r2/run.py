"""A publish to R2 as a process of its own, for the tests that kill it: what to publish comes by stdin, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from semver import Version

from chittyactions.http import Client, Deadline
from chittyactions.publish.model import Release, ReleaseFile
from chittyactions.publish.r2 import R2


def main() -> int:
    """Publish it; 0 when it is out."""
    given = json.load(sys.stdin)
    file = ReleaseFile(given["name"], Path(given["path"]), given["size"], given["sha256"])
    version = Version.parse(given["version"])
    release = Release(given["service"], "npm", given["service"], version, "c0ffee", (file,), "sha512-x")
    channel = R2(
        Client("R2", Deadline(60), environ={}),
        Client("Cloudflare's API", Deadline(60), environ={}),
        None,
        account_id=given["account_id"],
        token=given["token"],
        endpoint=given["endpoint"],
        cloudflare_url=given["cloudflare_url"],
        mask=lambda _name, _value: None,
        say=lambda line: print(line, flush=True),
    )
    result = channel.publish(release, dry_run=False)
    print(result.status.value, flush=True)
    return int(result.failure is not None)


if __name__ == "__main__":
    sys.exit(main())
