"""The runs of the second demo, and the proof of each claim: from what registry, bucket and tap really hold."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chittylocal.actrun.session import Order, Outcome, run
from chittylocal.demo.claims import claim, count_hidden, revoked
from chittylocal.faults import Fault
from chittylocal.local import Local

SERVICE = "greet"
PACKAGE = "@chittyos/greet"
TAP = "chittyos/homebrew-tap"
FORMULA = "Formula/greet.rb"
STATUSES = ("npm_status", "r2_status", "brew_status")
CHANGES = ("PUT", "POST", "PATCH", "DELETE")


@dataclass(frozen=True)
class Out:
    """What is out at one moment.

    Attributes:
        versions: of the npm package, each with its integrity.
        tags: npm's dist-tags.
        objects: keys of the bucket, each with its SHA-256.
        metadata: the service's metadata.json, empty when there is none.
        formula: the text in the tap, "" when there is none.
        commits: of the tap.
    """

    versions: dict[str, str]
    tags: dict[str, str]
    objects: dict[str, str]
    metadata: dict[str, Any]
    formula: str
    commits: int

    def files(self, place: str) -> dict[str, str]:
        """Name → SHA-256 of the service's objects in a version's folder, or in `latest`."""
        start = f"{SERVICE}/{place}/"
        return {key[len(start) :]: digest for key, digest in self.objects.items() if key.startswith(start)}


@dataclass(frozen=True)
class Seen:
    """What one run did, as the backend saw it: its outcome, its statuses by channel, credentials, requests."""

    outcome: Outcome
    outputs: dict[str, str]
    leases: list[dict[str, Any]]
    requests: list[dict[str, Any]]
    out: Out

    @property
    def statuses(self) -> list[str]:
        """Of npm, R2 and Homebrew."""
        return [self.outputs.get(name, "") for name in STATUSES]

    def changes(self, *services: str) -> list[dict[str, Any]]:
        """The requests to services that were to change something."""
        return [each for each in self.requests if each["service"] in services and each["method"] in CHANGES]


def what_is_out(local: Local) -> Out:
    """Look at registry, bucket and tap themselves."""
    packument = local.npm.packument(PACKAGE) or {}
    objects = {key: found.sha256 for key, found in local.r2.objects().items()}
    metadata = f"{SERVICE}/metadata.json"
    tap = local.github.repositories.find(TAP) is not None
    try:
        formula = local.github.read(TAP, FORMULA) if tap else ""
    except KeyError:
        formula = ""
    return Out(
        versions={name: each["dist"]["integrity"] for name, each in packument.get("versions", {}).items()},
        tags=dict(packument.get("dist-tags", {})),
        objects=objects,
        metadata=json.loads(local.r2.read("chittyos-packages", metadata)) if metadata in objects else {},
        formula=formula,
        commits=len(local.github.log(TAP)) if tap else 0,
    )


class Story:
    """One backend and one repository; `publish` runs its workflow."""

    def __init__(self, local: Local, repository: Path, folder: Path, write: Callable[[str], None]) -> None:
        self.local, self.repository, self.folder, self.write = local, repository, folder, write
        self.token = ""

    def publish(self, *, colour: bool) -> Seen:
        """Run the repository's workflow and collect what it did. KeyboardInterrupt when that was cancelled."""
        local = self.local
        leases, requests = len(local.leases()), len(local.requests())
        # Known beforehand, so that the log can be searched for it; each run has another, as from Cloudflare.
        self.token = local.issue_as["CLOUDFLARE_API_TOKEN"] = secrets.token_urlsafe(30)
        outcome = run(local, Order(self.repository, self.folder), self.write, colour=colour, compact=True)
        if outcome.code == 130:
            raise KeyboardInterrupt
        outputs = outcome.record.outputs.get(("publish", "publish"), {})
        return Seen(outcome, outputs, local.leases()[leases:], local.requests()[requests:], what_is_out(local))

    def publish_and_be_killed(self, version: str, *, colour: bool) -> Seen:
        """As `publish`, and SIGKILL ends the publishing step once npm has the version and R2 its object alone."""
        local = self.local
        local.fault("r2", "PUT", f"*/{SERVICE}/latest/*", Fault("hang", times=1))

        def half_way() -> bool:
            hangs = any(each["fault"] == "hang" for each in local.requests("r2"))
            return hangs and version in (local.npm.packument(PACKAGE) or {}).get("versions", {})

        with _killing("package-publish", half_way) as killed:
            seen = self.publish(colour=colour)
        local.clear_faults()
        claim(killed, "The publishing step was to be killed half-way, and it never got there.")
        return seen

    def check_secrets(self, seen: Seen) -> str:
        """No secret in any line that the run logged; returns what was looked for, in how many lines."""
        secret = {
            "the npm token": self.local.npm_token,
            "the Cloudflare token": self.token,
            "the S3 key made of it": hashlib.sha256(self.token.encode()).hexdigest(),
            "the app's key": self.local.issue_as["GITHUB_APP_PRIVATE_KEY"].splitlines()[1],
            "the API key": self.local.api_key,
        }
        return count_hidden(secret, seen.outcome.record.messages)

    def check_revoked(self, seen: Seen) -> dict[str, Any]:
        """The one Cloudflare token was revoked after its last use; returns its lease."""
        return revoked(seen.leases, seen.requests, "r2")

    def check_out(self, seen: Seen, version: str, statuses: list[str], commits: int) -> None:
        """The version is out, whole, on all three channels, and every pointer leads to it."""
        out = seen.out
        claim(seen.outcome.code == 0, f"The publish of {version} should have succeeded: its log above says why not.")
        claim(seen.statuses == statuses, f"npm, R2 and Homebrew should be {statuses}, and are {seen.statuses}.")
        claim(
            out.versions.get(version) == seen.outputs["integrity"],
            f"The registry serves {out.versions.get(version)}, and {seen.outputs['integrity']} was built.",
        )
        claim(out.tags.get("latest") == version, f"npm's latest is {out.tags.get('latest')}.")
        name, files = seen.outputs["tarball"], out.files(version)
        claim(list(files) == [name], f"The bucket has {sorted(files)} for {version}, and {name} was built.")
        claim(out.files("latest").get(name) == files[name], f"latest/ has not the {name} of {version}.")
        claim(
            (out.metadata.get("version"), out.metadata.get("sha256")) == (version, files[name]),
            f"metadata.json names {out.metadata.get('version')} with {out.metadata.get('sha256')}.",
        )
        claim(files[name] in out.formula, f"The formula has not the SHA-256 of {name}.")
        claim(out.commits == commits, f"The tap should have {commits} commits, and has {out.commits}.")

    def check_nothing_changed(self, seen: Seen, before: Out) -> None:
        """The same again: nothing was sent that changes anything, and nothing did change."""
        claim(seen.out == before, "The second publish of the same version changed something.")
        sent = [f"{each['method']} {each['path']}" for each in seen.changes("npm", "r2")]
        claim(not sent, f"Nothing had to be changed, and these were sent: {', '.join(sent)}.")

    def check_half_way(self, seen: Seen, version: str, before: Out) -> None:
        """npm has the version, R2 its object, no other pointer moved, and none names what is not there."""
        out = seen.out
        claim(seen.outcome.code != 0, "The workflow was killed half-way and says that it ended well.")
        claim(out.tags.get("latest") == version, f"npm should have {version} already, and has {out.tags}.")
        claim(out.files(version), f"The bucket should have the file of {version} already.")
        claim(out.metadata == before.metadata, f"metadata.json should not have changed: {out.metadata}.")
        claim(out.files("latest") == before.files("latest"), "latest/ should not have changed.")
        claim((out.formula, out.commits) == (before.formula, before.commits), "The tap should not have changed.")


@contextmanager
def _killing(action: str, reached: Callable[[], bool]) -> Iterator[list[int]]:
    """SIGKILL for the step of an action as soon as `reached`, while the block runs; the list has whom it hit."""
    killed: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            try:
                found = _processes(action) if reached() else []
            except ValueError:  # verdaccio is writing the file that `reached` reads
                continue
            for process in found:
                os.kill(process, signal.SIGKILL)
            killed.extend(found)
            if killed:
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield killed
    finally:
        over.set()
        watcher.join()


def _processes(action: str) -> list[int]:
    """What this process started, however far down, to run an action."""
    # -ww: ps cuts its lines where COLUMNS is set
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=False)
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    parents = {int(row[0]): int(row[1]) for row in rows if len(row) == 3}

    def ours(process: int) -> bool:
        while process in parents and process != os.getpid():
            process = parents[process]
        return process == os.getpid()

    return [int(row[0]) for row in rows if len(row) == 3 and row[2].endswith(f" {action}") and ours(int(row[0]))]
