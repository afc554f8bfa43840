"""The last phases of `ecosystem-audit`: what was found is brought to the services' repositories, and to a dashboard."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout
from pathlib import Path

from chittyactions.compliance.audit.document import read_audit
from chittyactions.compliance.audit.past import FILE, line_of, read_history
from chittyactions.compliance.audit.reports import markdown
from chittyactions.compliance.audit.reports.view import view
from chittyactions.compliance.remediation.dashboard_issue import dashboard_of
from chittyactions.compliance.remediation.issue_text import Links
from chittyactions.compliance.remediation.keeping import Manner
from chittyactions.compliance.remediation.pace import Pace, PacedClient
from chittyactions.compliance.remediation.run import exit_code
from chittyactions.entries import remediate_command
from chittyactions.entries.ecosystem_looking import now
from chittyactions.entries.ecosystem_merging import AUDIT
from chittyactions.entries.ecosystem_request import Request, run_url
from chittyactions.entries.hub import Hub
from chittyactions.entries.remediate_dashboard import kept_dashboard
from chittyactions.errors import ConfigError
from chittyactions.runner import Runner

UNFINISHED = 3
"""As `remediate` ends where nothing failed, and yet not all was settled."""
LONGEST = 30 * 60.0
"""Seconds that the dashboard waits for GitHub's limits."""
TITLES = {"plan": "What remediation would do", "issues": "Issues", "prs": "Pull requests"}


def remediate(runner: Runner, request: Request) -> int:
    """`chittyops remediate` on the merged audit, in its log and in the summary."""
    words = [str(_audit_file(request)), "--mode", request.mode, "--max-wait", "40"]
    url = run_url(runner.environ)
    words += ["--report-url", url] if url else []
    words += ["--registry", request.registry] if request.registry else []
    words += ["--include-private"] if request.private else []
    # The command reads its token from its environment; this process has no other use for it.
    os.environ.update(request.environ(runner.environ))
    said = io.StringIO()
    with redirect_stdout(said):
        code = remediate_command.main(words)
    text = said.getvalue().rstrip()
    runner.info(text)
    if text:
        runner.summary(f"## {TITLES[request.mode]}\n\n{_fenced(text)}")
    if code == UNFINISHED:
        runner.error(
            "Nothing failed. Either the audit is incomplete, and what it could not look at was left alone: the merge "
            "has the reasons. Or GitHub's limit ended it, as the log says then: the next run goes on.",
            title="Remediation is not finished",
        )
    elif code:
        runner.error("The log has each failure with its remedy.", title=f"Remediation ended with {code}")
    return code


def dashboard(runner: Runner, request: Request) -> int:
    """Keep the one issue of this repository that shows the public part of the audit."""
    audit = read_audit(_audit_file(request))
    repository = runner.environ.get("GITHUB_REPOSITORY", "")
    # Whatever was opted into: issues outlive a repository's being private.
    bare = view(audit, public=True)
    line = line_of(audit, bare.totals, public=True)
    past = read_history(_audit_file(request).with_name(FILE), now=now())
    points = [one.point for one in past if one.scope == line.scope]
    text = markdown.render(view(audit, public=True, link=run_url(runner.environ), history=points))
    environ = request.environ(runner.environ)
    pace = Pace(longest=LONGEST, say=runner.info)
    links = Links((environ.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/"), run_url(environ))
    client = PacedClient(pace, environ=environ, say=runner.info)
    with Hub.of(environ, client, remediate_command.PERMISSIONS["issues"], runner.info) as hub:
        manner = Manner("", (), links, pace.pause)
        row = kept_dashboard(dashboard_of(audit, text), repository, hub, manner, runner.info, rehearse=False)
    runner.info(f"{row.repository}: {row.verb}, {row.why}. {row.url}".rstrip())
    if row.failure:
        raise row.failure
    return exit_code([row], complete=True)


def _audit_file(request: Request) -> Path:
    if request.folder is None:
        raise ConfigError(
            "The input folder is empty.", why="The merged audit lies in it.", fix="Give the merge's artifact."
        )
    return request.folder / AUDIT


def _fenced(text: str) -> str:
    fence = "`" * 3
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"
