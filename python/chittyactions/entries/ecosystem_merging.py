"""The merge of `ecosystem-audit`: the shards as one audit, in every form in which it is read."""

from __future__ import annotations

import io
import tarfile
from datetime import datetime
from pathlib import Path

from chittyactions.compliance.audit.completeness import undecided
from chittyactions.compliance.audit.document import read_audit
from chittyactions.compliance.audit.handing import carry_state, left_out
from chittyactions.compliance.audit.past import FILE, Line, line_of, read_history, written
from chittyactions.compliance.audit.record import Audit
from chittyactions.compliance.audit.reports import dashboard, markdown
from chittyactions.compliance.audit.reports.forms import FORMS
from chittyactions.compliance.audit.reports.view import View, view
from chittyactions.compliance.audit.shards import merged
from chittyactions.entries.audit_summary import summary
from chittyactions.entries.ecosystem_looking import REPORTS, STATE, STATE_FILE, every_target, now, rules_of, work_folder
from chittyactions.entries.ecosystem_request import Request, run_url
from chittyactions.errors import DOCS, ConfigError, InputError
from chittyactions.runner import Runner

INCOMPLETE = 3
RIGHTS = (
    "But what the token may not see, such as branch protection, stays unknown however often it runs: that needs an "
    f"app, by the secrets AUDIT_APP_ID and AUDIT_APP_PRIVATE_KEY ({DOCS}audit-workflow.md#tokens)."
)
AUDIT, MARKDOWN, PAGE = "audit.json", "audit.md", "index.html"
FILES = {AUDIT: "json", MARKDOWN: "markdown", "dashboard.html": "html", "audit.sarif": "sarif", "audit.csv": "csv"}


def merge(runner: Runner, request: Request) -> int:
    """Put the shards together, write every report, and say whether all was looked at."""
    shards = sorted(one.parent for one in request.folder.glob("**/shard.json")) if request.folder else []
    if not shards:
        raise InputError(
            f"There is no shard in {request.folder or 'the input folder, which is empty'}.",
            why="The jobs before left none: each has its own error.",
            fix="Run the failed jobs again.",
        )
    parts = [read_audit(one / "shard.json") for one in shards]
    audit, already = merged(parts), left_out(parts)
    past = read_history(*(one / FILE for one in (request.previous, *shards) if one), now=now())
    previous = _previous(runner, request)
    link = run_url(runner.environ)

    def seen(*, public: bool) -> tuple[View, Line]:
        made = view(audit, previous=previous, public=public, link=link, already=already)
        line = line_of(audit, made.totals, public=public or already > 0)
        points = [one.point for one in past if one.scope == line.scope]
        again = view(audit, previous=previous, public=public, link=link, history=points, already=already)
        return again, line

    mine, line = seen(public=not request.private)
    folder, site = work_folder(runner.environ, "reports"), work_folder(runner.environ, "site")
    for name, form in FILES.items():
        with (folder / name).open("wb") as file:
            file.writelines(runner.redact(one).encode("utf-8", "replace") for one in FORMS[form](mine))
    # Pages and the dashboard's issue show the public part whatever was opted into: its line is written as well.
    public, public_line = seen(public=True) if request.private else (mine, line)
    _pack(runner.redact(dashboard.render(public)).encode("utf-8", "replace"), site / "artifact.tar", audit.finished)
    state = work_folder(runner.environ, "state")
    for one in (folder, state):  # by the one it goes from week to week, by the other through what fails in between
        (one / FILE).write_text(written([*past, line, public_line]), "utf-8")
    every = every_target(rules_of(request))
    carry_state([one / STATE_FILE for one in shards], state / STATE_FILE, every, public=not request.private)
    whole = len(parts) == int(parts[0].scope.shard.partition("/")[2])
    return _told(runner, mine, {"path": folder, "site": site, "state": state}, whole=whole)


def _pack(page: bytes, target: Path, moment: datetime) -> None:
    """The dashboard as GitHub Pages takes a site: one tar file."""
    with tarfile.open(target, "w") as tar:
        for name, data in ((".", None), (f"./{PAGE}", page)):
            entry = tarfile.TarInfo(name)
            entry.mtime = int(moment.timestamp())
            entry.type, entry.mode = (tarfile.DIRTYPE, 0o755) if data is None else (tarfile.REGTYPE, 0o644)
            entry.size = len(data or b"")
            tar.addfile(entry, io.BytesIO(data or b""))


def _previous(runner: Runner, request: Request) -> Audit | None:
    """The audit before; None where there is none that can be read."""
    if request.previous is None or not (request.previous / AUDIT).is_file():
        return None
    try:
        return read_audit(request.previous / AUDIT)
    except ConfigError as failure:
        runner.notice(f"What changed is not told. {failure.why}", title="The audit before can't be read")
        return None


def _told(runner: Runner, seen: View, folders: dict[str, Path], *, whole: bool) -> int:
    """Say what came of it; `whole` is whether every shard was there."""
    audit, percent = seen.audit, seen.totals.rate.percent
    runner.info(summary(audit))
    runner.summary(markdown.render(seen))
    runner.outputs(
        {
            "artifact_name": REPORTS,
            "state_name": STATE,
            **{name: str(folder) for name, folder in folders.items()},
            "complete": str(audit.complete).lower(),
            "percent": "" if percent is None else str(percent),
        }
    )
    if audit.complete:
        return 0
    for why in audit.incomplete:
        runner.error(why, title="The audit is incomplete")
    again = "Start a new run" if whole else "Run the failed jobs again"  # that would merge the same shards again
    rights = f" {RIGHTS}" if undecided(audit.services) else ""
    runner.info(f"{again}, or wait for the next run: it goes on where this one was.{rights}")
    return INCOMPLETE
