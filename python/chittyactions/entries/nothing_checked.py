"""What `compliance-check` says where it could not check, and whether that fails the job. Standard library alone."""

from __future__ import annotations

from contextlib import suppress

from chittyactions.compliance.opting import has_opted_in
from chittyactions.errors import ChittyError
from chittyactions.runner import Runner

OUTPUTS = {
    "outcome": "unknown",
    "score": "",
    "passed": "",
    "failed": "",
    "unknown": "",
    "reports": "",
    "report_paths": "{}",
    "report_files": "{}",
    "artifact_name": "",
}

LONGEST = 20_000
"""Characters of the reason."""


def nothing_checked(runner: Runner, failure: ChittyError) -> int:
    """Tell the job and return its exit code: an error for who has asked to be failed, a warning for everybody else.

    It is no finding, whoever's mistake it is, and merges that no finding stops may not stop for it.
    """
    code = failure.exit_code if has_opted_in(runner.environ) else 0
    if code:
        runner.failed(failure)
    else:
        text = f"Nothing was checked: {failure}\nThis would fail the job with fail_on: required."
        runner.warning(text, title="Nothing was checked")
    with suppress(ChittyError):  # the file of outputs may be what failed
        runner.outputs(OUTPUTS)
    runner.summary(markdown(failure))
    return code


def markdown(failure: ChittyError) -> str:
    """The failure for the summary and the comment. What it quotes stands in a block, where it does nothing."""
    told = str(failure)[:LONGEST].splitlines()
    lines = ("".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in line) for line in told)
    return "### ❔ Compliance: nothing was checked\n\n" + "\n".join("    " + line for line in lines)
