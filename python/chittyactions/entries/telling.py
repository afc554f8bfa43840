"""Hand a verdict to GitHub: the pull request's comment, the Security tab. Neither can change the verdict."""

from __future__ import annotations

import base64
import gzip

from chittyactions.compliance.model import Checked, Outcome, Service, Verdict
from chittyactions.compliance.reports import markdown, sarif
from chittyactions.compliance.reports.wording import WORDS, line
from chittyactions.entries import nothing_checked
from chittyactions.entries.looking import TARGET, Around
from chittyactions.errors import ChittyError, Refused, ServiceError
from chittyactions.runner import Runner

NO_COMMENT = "No comment was written"
NO_ALERTS = "The findings were not handed to the Security tab"

NOT_ENABLED = (
    "code scanning is not enabled for this repository. Switch it on under Settings, Advanced Security (a private "
    "repository needs a plan for it), or leave `sarif` out."
)
OF_THE_BASE = (
    f"{TARGET} checks out the branch that the pull request goes to, and not what it brings, so that the verdict is "
    "about something else. Call this workflow on `pull_request`."
)
OF_A_FORK = "the pull request comes from a fork, whose token may not write here. The job summary has the findings."
SPENT = "GitHub has a limit of requests, and it is used up for now. Run this job again later."

MOST_CHECKS = 10
"""That a notice names."""


class Telling:
    """Where a run's verdict goes beside its own log. `warned` counts the warnings that were shown about it."""

    def __init__(self, around: Around, runner: Runner, *, comment: bool, sarif: bool) -> None:
        self._around, self._runner = around, runner
        self._comment, self._sarif = comment, sarif
        self._lacks_permission = False
        self.warned = 0

    def verdict(self, verdict: Verdict, comment: str) -> None:
        """Do what was asked for; `comment` is the text of one."""
        if self._comment:
            self._comment_on(markdown.marker(verdict), comment)
        if self._sarif:
            self._hand_over(verdict)
        self._say_permissions()

    def nothing_checked(self, service: Service, failure: ChittyError) -> None:
        """Take back what an earlier run said of the service: its comment tells the failure. None is written for it."""
        if self._comment:
            marker, run = markdown.marker(Verdict(service, "", (), ())), self._around.run_url
            parts = [marker, nothing_checked.markdown(failure), run and f"[Run]({run})"]
            self._comment_on(marker, self._runner.redact("\n\n".join(filter(None, parts))), anew=False)
        self._say_permissions()

    def _comment_on(self, marker: str, text: str, *, anew: bool = True) -> None:
        """Edit the pull request's one comment of the service in place, or write it."""
        number, github = self._around.pull_request, self._around.github(self._runner.info)
        if self._around.event == TARGET:
            self._warn(f"{NO_COMMENT}: {OF_THE_BASE}", NO_COMMENT)
        elif not number:
            self._runner.info("There is no pull request to comment on.")
        elif github is None:
            self._warn(f"{NO_COMMENT}: there is no token.", NO_COMMENT)
        else:
            try:
                there = github.comment(number, marker)
                if there:
                    github.edit_comment(there.id, text)
                elif anew:
                    github.write_comment(number, text)
            except ServiceError as failure:
                self._failed(failure, NO_COMMENT, "pull-requests: write")

    def _hand_over(self, verdict: Verdict) -> None:
        """Upload the findings to code scanning: of what is checked out, as its lines are counted there."""
        github, commit = self._around.github(self._runner.info), self._around.environ.get("GITHUB_SHA", "")
        if github is None or not commit or not self._around.ref:
            self._warn(f"{NO_ALERTS}: there is no token, or no commit.", NO_ALERTS)
            return
        text, open_ends = sarif.to_hand_over(verdict)
        if open_ends:
            self._runner.notice(_left_as_they_are(open_ends), title="Alerts stay as they are")
        if not text:
            return
        packed = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
        try:
            github.upload_sarif(commit, self._around.ref, packed)
        except ServiceError as failure:
            self._failed(failure, NO_ALERTS, "security-events: write")

    def _failed(self, failure: ServiceError, what: str, permission: str) -> None:
        code, status = (failure.code, failure.status) if isinstance(failure, Refused) else ("", 0)
        denied = status in (403, 404)
        if code == "not enabled":
            text = f"{what}: {NOT_ENABLED}"
        elif code == "rate limit" or status == 429:
            text = f"{what}: {SPENT}"
        elif denied and self._around.fork:
            text = f"{what}: {OF_A_FORK}"
        else:
            self._lacks_permission |= denied
            fix = f"Grant `{permission}` to the job that calls this workflow; the log has the block to paste."
            parts = (f"{what}.", failure.what, failure.why, fix if denied else failure.fix)
            text = " ".join(part for part in parts if part)
        self._warn(text, what)

    def _warn(self, text: str, title: str) -> None:
        self.warned += 1
        self._runner.warning(text, title=title)

    def _say_permissions(self) -> None:
        """Where one lacks, all that was asked for: a job has no permission that its block does not name."""
        if not self._lacks_permission:
            return
        lines = ["permissions:", "  contents: read", "  actions: read"]
        lines += ["  pull-requests: write"] * self._comment + ["  security-events: write"] * self._sarif
        self._runner.info("\n" + "\n".join(lines) + "\n")


def _left_as_they_are(open_ends: tuple[Checked, ...]) -> str:
    """Which alerts an upload would have closed without a look, and what to do."""
    names = ", ".join(dict.fromkeys(map(sarif.category_of, open_ends)))
    lines = [f"The alerts of {names} stay as they are: an upload would close those that nobody looked at."]
    lines += [f"{one.id} is {WORDS[one.outcome]}: {line(one.reason, 300)}" for one in open_ends[:MOST_CHECKS]]
    if any(one.outcome is Outcome.UNKNOWN for one in open_ends):
        lines.append("What is unknown may be known by another run.")
    if any(one.outcome is Outcome.NOT_EVALUATED for one in open_ends):
        lines.append("What is not evaluated was not asked for: set check_health, and hand over a token.")
    return "\n".join(lines)
