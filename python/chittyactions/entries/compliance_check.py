"""`compliance-check`: judge the repository that is checked out, and tell it where people look."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

from chittyactions.compliance.claims import asked
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.observe import Sources
from chittyactions.compliance.reports import badge, human, json_report, junit, markdown, sarif, summary
from chittyactions.compliance.reports.annotations import annotate
from chittyactions.compliance.reports.key import key_of
from chittyactions.compliance.request import Request, as_far_as_readable, read_inputs
from chittyactions.entries import guarded
from chittyactions.entries.checking import Examined, Inquiry, examine, whose
from chittyactions.entries.looking import Around, looking
from chittyactions.entries.nothing_checked import nothing_checked
from chittyactions.entries.telling import Telling
from chittyactions.errors import ChittyError, ConfigError, InputError
from chittyactions.inputs import Inputs
from chittyactions.project.folder import folder_within
from chittyactions.runner import Runner

__all__ = ["main", "read_inputs"]

FILES = {
    "json": "compliance.json",
    "sarif": "compliance.sarif",
    "junit": "compliance.junit.xml",
    "markdown": "compliance.md",
    "badge": "compliance.badge.json",
}


class Step:
    """One run of the action."""

    def __init__(self, runner: Runner, request: Request) -> None:
        self.runner = runner
        self.request = request
        self.around = Around.of(runner.environ, request.token)
        self.telling = Telling(self.around, runner, comment=request.comment, sarif=request.sarif)

    def run(self) -> int:
        """Judge, tell, and return the exit code."""
        examined = self._examine()
        self._tell(examined)
        return 1 if examined.decision.fails else 0

    def nothing_checked(self, failure: ChittyError) -> None:
        """Take back what an earlier run said on the pull request, where it can be told of which service."""
        if self.request.comment:
            with suppress(ConfigError, InputError):
                self.telling.nothing_checked(whose(self._inquiry()), failure)

    def _examine(self) -> Examined:
        environ, request = self.runner.environ, self.request
        sources = Sources(
            environ, request.token, self.around.repository, health=request.check_health, say=self.runner.info
        )
        return examine(self._inquiry(), looking(sources))

    def _inquiry(self) -> Inquiry:
        environ, request = self.runner.environ, self.request
        checkout = Path(environ.get("GITHUB_WORKSPACE") or ".")
        return Inquiry(
            folder=folder_within(checkout, request.working_directory, "compliance.md#inputs"),
            given=asked(request.service_name, request.type, request.tier, request.domain),
            config=request.config,
            fail_on=request.fail_on,
            opted_in=request.opted_in,
            slug=environ.get("GITHUB_REPOSITORY", ""),
            commit=environ.get("GITHUB_SHA", ""),
            today=datetime.now(timezone.utc).date(),
        )

    def _tell(self, examined: Examined) -> None:
        runner, verdict, decision = self.runner, examined.verdict, examined.decision
        folder, paths = self._write(examined)
        score = verdict.score
        runner.outputs(
            {
                "outcome": verdict.outcome.value,
                "score": "" if score is None else str(score),
                "passed": str(verdict.count(Outcome.PASS)),
                "failed": str(verdict.count(Outcome.FAIL, Outcome.ERROR)),
                "unknown": str(verdict.count(Outcome.UNKNOWN)),
                "reports": str(folder) if paths else "",
                "report_paths": json.dumps(paths),
                "report_files": json.dumps({name: Path(path).name for name, path in paths.items()}),
                "artifact_name": f"chittyops-compliance-{key_of(verdict.service)}",
            }
        )
        runner.info(human.render(verdict, decision))
        runner.summary(summary.render(verdict, decision, source=self.around.source))
        # Before the findings: GitHub shows ten warnings of a step, and these are said nowhere else.
        text = markdown.render(verdict, decision, source=self.around.source, run_url=self.around.run_url)
        self.telling.verdict(verdict, text)
        for one in annotate(verdict, decision, warned=self.telling.warned):
            show = {"error": runner.error, "warning": runner.warning, "notice": runner.notice}[one.level]
            show(one.message, title=one.title, file=one.path, line=one.line)

    def _write(self, examined: Examined) -> tuple[Path, dict[str, str]]:
        """Write the reports that were asked for; where they are."""
        verdict, decision = examined.verdict, examined.decision
        temp = Path(self.runner.environ.get("RUNNER_TEMP") or tempfile.gettempdir())
        folder = temp / f"chittyops-compliance-{key_of(verdict.service)}"
        made = {
            "json": lambda: json_report.render(verdict),
            "sarif": lambda: sarif.render(verdict),
            "junit": lambda: junit.render(verdict, decision),
            "markdown": lambda: markdown.render(verdict, decision, source=self.around.source),
            "badge": lambda: badge.render(verdict, decision),
        }
        paths = {}
        for name in self.request.formats:
            if name in made:
                folder.mkdir(parents=True, exist_ok=True)
                path = folder / FILES[name]
                path.write_text(self.runner.redact(made[name]()), "utf-8")
                paths[name] = str(path)
        return folder, paths


def main() -> int:
    """Check the repository that the runner checked out."""

    def action(runner: Runner) -> int:
        inputs = Inputs.load(runner.environ)
        request = as_far_as_readable(inputs)
        if request.token:
            runner.mask("token", request.token)
        step = Step(runner, request)
        try:
            inputs.finish()
            return step.run()
        except (ConfigError, InputError) as failure:
            failure.docs = failure.docs or "compliance.md#inputs"
            step.nothing_checked(failure)
            raise

    return guarded(action, Runner(), tell=nothing_checked)
