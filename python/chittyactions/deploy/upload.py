"""Run the pinned wrangler on a clean folder: upload a version, deploy at once, apply triggers.

The token travels in the environment, secrets as JSON on standard input, and results in wrangler's own output file.
An upload whose answer was lost is looked for by this run's mark before it is sent again.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from chittyactions.deploy.plan import Upload
from chittyactions.deploy.toolchain import Wrangler
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.ecosystem.cloudflare_codes import PASSING, explain
from chittyactions.errors import AnswerLost, ChittyError, Refused, ServiceError, ToolError
from chittyactions.http import backoff
from chittyactions.process import Finished, run

UPLOAD_SECONDS = 300.0
TRIGGER_SECONDS = 120.0
TRIES = 3
SECRETS_FROM = "/dev/stdin"
_PASSING_WORDS = re.compile(
    r"fetch failed|socket|ECONN|ETIMEDOUT|EAI_AGAIN|timed? ?out|network|gateway|unavailable|received a malformed",
    re.IGNORECASE,
)


_ADVICE = ("To deploy this version", "Changes to non-versioned", "Changes to triggers")
"""Beginnings of wrangler's lines that tell a person to do what this action does."""


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class _Line(BaseModel):
    """One line of wrangler's output file; which fields are there depends on its type."""

    model_config = ConfigDict(extra="ignore")

    type: str
    version_id: str | None = None
    preview_url: str | None = None
    bundle_size: dict[str, float] | None = None
    code: int | str | None = None
    message: str = ""
    retry_after_ms: float | None = None


@dataclass(frozen=True)
class Uploaded:
    """A version at Cloudflare. `preview_url` is "" when it has none."""

    version_id: str
    preview_url: str = ""


@dataclass(frozen=True)
class Job:
    """What every command of one deploy has in common.

    `environment` is the whole environment of wrangler, its token within. `scratch` is an empty folder beside the
    upload's. `mark` is in the message of the version, by which it is found again.
    """

    wrangler: Wrangler
    upload: Upload
    environment: Mapping[str, str]
    scratch: Path
    mark: str
    secrets: Mapping[str, str]
    echo: Callable[[str], None]
    redact: Callable[[str], str]
    say: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep

    @property
    def message(self) -> str:
        """What the version's annotation says; the next deploy reads the size from it."""
        return f"{self.mark} size={self.upload.bundle_size} gzip={self.upload.bundle_gzip}"


def upload_version(job: Job, api: Cloudflare) -> Uploaded:
    """`versions upload`: a new version that takes no traffic."""
    return _send(job, api, ("versions", "upload"), "version-upload")


def deploy_at_once(job: Job, api: Cloudflare) -> Uploaded:
    """`deploy`: a new version that takes all traffic, with its triggers and migrations."""
    return _send(job, api, ("deploy",), "deploy")


def apply_triggers(job: Job) -> None:
    """`triggers deploy`: routes, domains, schedules, queues as the config has them. Safe to repeat."""
    for attempt in range(1, TRIES + 1):
        done, lines = _wrangler(job, ("triggers", "deploy", *job.upload.target), seconds=TRIGGER_SECONDS)
        failure = None if done.code == 0 else _failure("triggers deploy", lines)
        if failure is None:
            return
        if attempt == TRIES or not _passes(lines):
            raise failure
        _pause(job, attempt, failure)


def _send(job: Job, api: Cloudflare, command: tuple[str, ...], result: str) -> Uploaded:
    upload = job.upload
    arguments = [*command, *upload.target, *upload.code, "--tag", upload.commit, "--message", job.message]
    if job.secrets:
        arguments += ["--secrets-file", SECRETS_FROM]
    stdin = json.dumps(dict(job.secrets), ensure_ascii=False).encode() if job.secrets else b""
    for attempt in range(1, TRIES + 1):
        done, lines = _wrangler(job, tuple(arguments), seconds=UPLOAD_SECONDS, stdin=stdin)
        line = next((line for line in lines if line.type == result and line.version_id), None)
        if done.code == 0 and line:
            return Uploaded(line.version_id or "", line.preview_url or "")
        failure = _failure(" ".join(command), lines)
        arrived = _find(api, upload.plan.script, job.mark, serving=command == ("deploy",))
        if arrived:
            job.say(f"The answer to the upload was lost; version {arrived} arrived, and is used.")
            if command == ("deploy",):
                apply_triggers(job)
            return Uploaded(arrived)
        if attempt == TRIES or not _passes(lines):
            raise failure
        _pause(job, attempt, failure)
    raise AssertionError("the loop returns or raises")


def _find(api: Cloudflare, script: str, mark: str, *, serving: bool) -> str:
    """The id of this run's version when Cloudflare has one, and where `serving` is asked, gives it traffic; else ""."""
    try:
        found = next((version.id for version in api.versions(script) if mark in version.message), "")
        if not found or not serving:
            return found
        deployments = api.deployments(script) or ()
    except ServiceError:
        return ""
    return found if any(share.version_id == found for item in deployments[:1] for share in item.versions) else ""


def _wrangler(
    job: Job, arguments: tuple[str, ...], *, seconds: float, stdin: bytes = b""
) -> tuple[Finished, tuple[_Line, ...]]:
    results = job.scratch / "wrangler-output.ndjson"
    results.unlink(missing_ok=True)
    done = run(
        job.wrangler.command(*arguments),
        cwd=job.upload.folder,
        env={**job.environment, "WRANGLER_OUTPUT_FILE_PATH": str(results)},
        seconds=seconds,
        stdin=stdin,
        echo=lambda line: _show(line, job.echo),
        redact=job.redact,
        name="wrangler",
    )
    lines = results.read_text("utf-8").splitlines() if results.is_file() else []
    return done, tuple(line for text in lines if (line := _read(text)))


def _show(line: str, echo: Callable[[str], None]) -> None:
    """A line of wrangler's, without its colours, unless it is empty or advice."""
    plain = _COLOUR.sub("", line)
    if plain.strip() and not plain.strip().startswith(_ADVICE):
        echo(plain)


def _read(text: str) -> _Line | None:
    try:
        return _Line.model_validate_json(text)
    except ValidationError:
        return None


def _pause(job: Job, attempt: int, failure: ChittyError) -> None:
    wait = 2 * backoff(attempt)
    job.say(f"{failure.what} Trying again in {wait:.1f} s ({attempt} of {TRIES} tries made).")
    job.sleep(wait)


def _failed(lines: tuple[_Line, ...]) -> _Line:
    return next((line for line in reversed(lines) if line.type == "command-failed"), _Line(type="command-failed"))


def _passes(lines: tuple[_Line, ...]) -> bool:
    line = _failed(lines)
    return (
        str(line.code or "") in PASSING or line.retry_after_ms is not None or bool(_PASSING_WORDS.search(line.message))
    )


def _failure(command: str, lines: tuple[_Line, ...]) -> ChittyError:
    """What wrangler's failure means. Its own words are in the log above; here is what to do."""
    line = _failed(lines)
    code = str(line.code or "")
    meaning = explain(code)
    said = " ".join(line.message.split())[:300]
    docs = "worker-deploy.md#cloudflares-error-codes"
    if code.isdigit():
        return Refused(
            f"wrangler {command} failed: Cloudflare's API refused it (code {code}).",
            service="Cloudflare's API",
            status=400,
            code=code,
            why=meaning.why or said,
            fix=meaning.fix or "wrangler's own words are in the log above.",
            docs=docs,
        )
    if said and _PASSING_WORDS.search(said):
        return AnswerLost(
            f"wrangler {command} failed: no whole answer of Cloudflare's API.",
            service="Cloudflare's API",
            why=said,
            fix="Run the job again when the network and Cloudflare are well.",
            docs=docs,
        )
    return ToolError(
        f"wrangler {command} failed.",
        why=said or "It gave no reason in its output file.",
        fix="Its own words are in the log above.",
        docs=docs,
    )
