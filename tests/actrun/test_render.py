"""act's JSON becomes a log to read, without a secret, and without a lie about how it went."""

from __future__ import annotations

import json
from typing import Any

from chittylocal.actrun.render import Note, Renderer


def played(*entries: dict[str, Any] | str, secrets: list[str] | None = None, verbose: bool = False) -> Any:
    lines: list[str] = []
    renderer = Renderer(lines.append, secrets or [], verbose=verbose)
    for entry in entries:
        whole = entry if isinstance(entry, str) else json.dumps({"job": "w/build", "jobID": "build", **entry})
        renderer.line(whole + "\n")
    return renderer.record, "\n".join(lines)


def output(text: str) -> dict[str, Any]:
    return {"msg": f"{text}\n", "raw_output": True, "stepID": ["0"], "stage": "Main"}


def ended(result: str, name: str = "Build") -> dict[str, Any]:
    return {
        "msg": "done", "step": name, "stepID": ["0"], "stage": "Main", "stepResult": result,
        "executionTime": 1_500_000_000,
    }  # fmt: skip


GROUP = {"command": "group", "msg": "  ❓  ::group::Details\n", "stepID": ["0"]}
END = {"command": "endgroup", "msg": "  ❓  ::endgroup::\n", "stepID": ["0"]}


def test_a_log_has_jobs_steps_and_times() -> None:
    """Each step ends with its result and its seconds, and so does the job."""
    record, log = played(output("hello"), ended("success"), {"jobResult": "success", "msg": "🏁"})
    assert log.strip().splitlines() == ["w / build", "    │ hello", "  ✓ Build (1.5 s)", "  ✓ job success"]
    assert record.jobs == {"w/build": "success"}
    assert record.steps == [("w/build", "Build", "success", 1.5)]


def test_groups_fold_unless_their_step_fails() -> None:
    """What a group holds is shown when it is needed: after a failure, or when asked for."""
    inside = [GROUP, output("noise"), END, output("after")]
    assert "noise" not in played(*inside, ended("success"))[1]
    assert "noise" in played(*inside, ended("failure"))[1]
    assert "noise" in played(*inside, ended("success"), verbose=True)[1]
    assert "after" in played(*inside, ended("success"))[1]


def test_no_secret_shows() -> None:
    """act masks whole values only: every line of a secret is hidden, in JSON too."""
    secret = 'first "quoted"\nsecond line'
    _, log = played(
        output("x second line y"), output(json.dumps({"k": secret})), "stderr second line", secrets=[secret]
    )
    assert "second line" not in log
    assert "quoted" not in log


def test_annotations_are_read_whole() -> None:
    """Level, title and an escaped message of several lines."""
    message = "  🚧  ::warning title=Too old::first%0Asecond 100%25\n"
    record, log = played({"command": "warning", "msg": message, "stepID": ["0"]})
    assert record.notes == [Note("warning", "first\nsecond 100%", "Too old")]
    assert "warning: Too old: first\n      second 100%" in log


def test_outputs_and_summaries_are_kept() -> None:
    """What a step gave, under its job and id; what it wrote for the summary."""
    record, _ = played(
        {"command": "set-output", "name": "url", "msg": "  ⚙  ::set-output:: url=http://x", "stepID": ["deploy"]},
        {"command": "summary", "content": "raw", "msg": "  ⚙  Summary - # Deployed\n", "stepID": ["deploy"]},
    )
    assert record.outputs == {("build", "deploy"): {"url": "http://x"}}
    assert record.summaries == [("w/build", "# Deployed")]


def test_what_act_passes_over_is_a_problem() -> None:
    """A skipped job and an expression that could not be read end well for act, and not on GitHub."""
    record, _ = played(
        {"msg": "🚧  Skipping unsupported platform -- Try running with `-P macos=...`"},
        'level=error msg="Unable to interpolate expression"',
    )
    assert len(record.problems) == 2
