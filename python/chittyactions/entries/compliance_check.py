"""`compliance-check`: judge the repository that is checked out, and tell it where people look."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from chittyactions.compliance.claims import asked
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.observe import Sources
from chittyactions.compliance.reports import badge, human, json_report, junit, markdown, sarif, summary
from chittyactions.compliance.reports.annotations import annotate
from chittyactions.compliance.reports.key import key_of
from chittyactions.compliance.request import NEW_IN_V2, Request, read_inputs
from chittyactions.compliance.settings import FILE
from chittyactions.entries import guarded
from chittyactions.entries.checking import Examined, Inquiry, examine
from chittyactions.entries.looking import Around, looking
from chittyactions.entries.telling import hand_over_sarif, tell_pull_request
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

    def run(self) -> int:
        """Judge, tell, and return the exit code."""
        examined = self._examine()
        self._tell(examined)
        return 1 if examined.decision.fails else 0

    def _examine(self) -> Examined:
        environ, request = self.runner.environ, self.request
        checkout = Path(environ.get("GITHUB_WORKSPACE") or ".")
        inquiry = Inquiry(
            folder=folder_within(checkout, request.working_directory, "compliance.md#inputs"),
            given=asked(request.service_name, request.type, request.tier, request.domain),
            config=request.config,
            fail_on=request.fail_on,
            opted_in=request.opted_in,
            slug=environ.get("GITHUB_REPOSITORY", ""),
            commit=environ.get("GITHUB_SHA", ""),
            today=datetime.now(timezone.utc).date(),
        )
        sources = Sources(
            environ, request.token, self.around.repository, health=request.check_health, say=self.runner.info
        )
        return examine(inquiry, looking(sources))

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
        for one in annotate(verdict, decision):
            show = {"error": runner.error, "warning": runner.warning, "notice": runner.notice}[one.level]
            show(one.message, title=one.title, file=one.path, line=one.line)
        if self.request.comment:
            text = markdown.render(verdict, decision, source=self.around.source, run_url=self.around.run_url)
            tell_pull_request(self.around, markdown.marker(verdict), text, runner)
        if self.request.sarif:
            hand_over_sarif(self.around, sarif.render(verdict), runner)

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
        try:
            request = _read(inputs)
            if request.token:
                runner.mask("token", request.token)
            return Step(runner, request).run()
        except (ConfigError, InputError) as failure:
            if _has_opted_in(inputs, runner.environ):
                raise
            return _only_warned(runner, failure)

    return guarded(action, Runner())


def _read(inputs: Inputs) -> Request:
    try:
        return read_inputs(inputs)
    except InputError as error:
        error.docs = "compliance.md#inputs"
        raise


def _has_opted_in(inputs: Inputs, environ: Mapping[str, str]) -> bool:
    """Whether the caller, or its repository, asked for what is new; nobody else's merges may stop for a mistake."""
    checkout = Path(environ.get("GITHUB_WORKSPACE") or ".")
    return inputs.given(*NEW_IN_V2) or (checkout / FILE).exists()


def _only_warned(runner: Runner, failure: ChittyError) -> int:
    """Tell a caller of before of the mistake that would fail the job, and let it pass."""
    runner.outputs({"outcome": Outcome.UNKNOWN.value, "passed": "0", "failed": "0", "unknown": "0"})
    runner.warning(f"{failure}\nThis would fail the job with fail_on: required.", title="Nothing was checked")
    return 0
