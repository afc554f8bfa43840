"""Nothing that a caller runs can move under it, and no shell sees what a stranger wrote."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contracts.files import OWN, ROOT, YamlFile, actions, steps, workflows

FILES = [*workflows(), *actions()]
USES = re.compile(r"uses:\s*(?P<uses>\S+)(?P<rest>.*)")
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def by_name(file: YamlFile) -> str:
    return file.name


@pytest.mark.parametrize("file", FILES, ids=by_name)
def test_third_parties_are_pinned(file: YamlFile) -> None:
    """Everything that is not ours is pinned by its full SHA, with the version in a comment."""
    for match in USES.finditer(file.text):
        if not OWN.fullmatch(match["uses"]):
            assert PINNED.fullmatch(match["uses"]), match["uses"]
            assert re.fullmatch(r"\s+# v\d+\.\d+\.\d+", match["rest"]), match["uses"]


@pytest.mark.parametrize("file", FILES, ids=by_name)
def test_own_references_exist(file: YamlFile) -> None:
    """What we call of our own is there, by its public name, and all of it at one ref."""
    for match in OWN.finditer("\n".join(found["uses"] for found in USES.finditer(file.text))):
        target = ROOT / match["path"]
        assert target.is_file() or (target / "action.yml").is_file(), match["path"]
        assert match["ref"] == "v2"


@pytest.mark.parametrize("file", FILES, ids=by_name)
def test_no_expression_in_a_shell(file: YamlFile) -> None:
    """A `run:` holds no ${{ }} and at most five lines: logic is Python, and values come by `env`."""
    for name, step in steps(file):
        if "run" in step:
            assert "${{" not in step["run"], name
            assert len(step["run"].strip().splitlines()) <= 5, name


@pytest.mark.parametrize("file", FILES, ids=by_name)
def test_checkouts_keep_no_token(file: YamlFile) -> None:
    """No checkout leaves the job's token in .git/config."""
    for name, step in steps(file):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False, name


@pytest.mark.parametrize("file", workflows(), ids=by_name)
def test_every_job_ends(file: YamlFile) -> None:
    """A job that hangs is ended by a timeout of ours, not by GitHub's six hours."""
    for name, job in file.data["jobs"].items():
        assert "uses" in job or job.get("timeout-minutes", 999) <= 60, name


@pytest.mark.parametrize("file", actions(), ids=by_name)
def test_composites_hand_inputs_as_one_object(file: YamlFile) -> None:
    """A composite's own steps get their inputs by CHITTY_INPUTS alone (GitHub gives them no INPUT_*)."""
    if file.data["runs"]["using"] != "composite":
        return
    for name, step in steps(file):
        if "run" in step:
            assert step.get("env", {}).get("CHITTY_INPUTS") == "${{ toJSON(inputs) }}", name
        if "/lease@" in step.get("uses", ""):
            assert step["with"] == {"inputs": "${{ toJSON(inputs) }}"}, name


@pytest.mark.parametrize("file", actions(), ids=by_name)
def test_declared_outputs_are_produced(file: YamlFile) -> None:
    """Every output of a composite comes from a step that exists."""
    known = {step.get("id") for _, step in steps(file)}
    for name, output in file.data.get("outputs", {}).items():
        if "value" in output:
            for step in re.findall(r"steps\.([\w-]+)\.", output["value"]):
                assert step in known, name


def test_every_action_has_a_page() -> None:
    """One action, one folder, one README."""
    for path in sorted((ROOT / "actions").glob("*/action.yml")):
        assert Path(path.parent, "README.md").is_file(), path.parent.name
