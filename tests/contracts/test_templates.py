"""The workflows that `--fix` writes into a repository, under the linters that this one is under."""

from __future__ import annotations

from pathlib import Path

import pytest

import lint
from chittyactions.compliance.fixing.recipes import load_recipes, template
from chittyactions.compliance.fixing.templates import render
from chittyactions.compliance.yaml_text import read_yaml
from compliance.repositories import CHECKS

ROOT = Path(__file__).resolve().parents[2]

KNOWN = {
    "SERVICE": "hello",
    "WORKER": "hello",
    "BRANCH": "trunk",
    "ORGANIZATION": "CHITTYOS",
    "TYPE": "cloudflare-worker",
    "JOB": "compliance",
}
IN_A_FOLDER = {**KNOWN, "FOLDER": "services/hello", "WORKER_FOLDER": "services/hello", "CONFIG": "ci/c.yml"}


@pytest.fixture(scope="module", params=[KNOWN, IN_A_FOLDER], ids=["at the root", "in a folder"])
def workflows(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every workflow among the templates, filled in, where a repository would have it."""
    root = tmp_path_factory.mktemp("repository")
    found = []
    for recipe in load_recipes().files:
        if recipe.path.startswith(".github/workflows/"):
            path = root / recipe.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(render(template(recipe), request.param, yaml=True), "utf-8")
            found.append(str(path))
    assert len(found) == 3
    return found


@pytest.mark.parametrize("name", ["actionlint", "zizmor pedantic", "GitHub's parser", "schema: workflows"])
def test_a_linter_finds_nothing_in_what_is_written(name: str, workflows: list[str]) -> None:
    """Nobody gets a workflow out of a template that their own linter would complain of."""
    linter = next(one for one in lint.all_linters() if one.name == name)
    options = tuple(word for word in linter.argv if word not in linter.files)
    if name == "zizmor pedantic":
        options = (*options, "--config", str(ROOT / ".github/zizmor.yml"))
    clean, said, _ = lint.run(lint.Linter(name, (*options, *workflows), tuple(workflows)))
    assert clean, said


def test_a_linter_would_find_something(tmp_path: Path) -> None:
    """The linters do look at the files that they are given here."""
    path = tmp_path / ".github/workflows/bad.yml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "on: push\njobs: { a: { runs-on: nowhere-1, steps: [{ run: 'echo ${{ github.head_ref }}' }] } }\n", "utf-8"
    )
    for linter in lint.all_linters():
        if linter.name in ("actionlint", "zizmor pedantic"):
            options = tuple(word for word in linter.argv if word not in linter.files)
            assert not lint.run(lint.Linter(linter.name, (*options, str(path)), (str(path),)))[0]


def test_what_is_written_gives_inputs_that_the_workflows_have(workflows: list[str]) -> None:
    """Every input and secret of a call exists in the reusable workflow, and every required one is given."""
    calls = [read_yaml(Path(path).read_text("utf-8")).data["jobs"] for path in workflows]
    for job in (job for jobs in calls for job in jobs.values() if "uses" in job):
        name = job["uses"].removeprefix("chittyos/chittyops/").partition("@")[0]
        called = read_yaml((ROOT / name).read_text("utf-8")).get("on", "workflow_call")
        assert set(job["with"]) <= set(called["inputs"])
        assert {one for one, spec in called["inputs"].items() if spec.get("required")} <= set(job["with"])
        assert set(job.get("secrets", {})) <= set(called.get("secrets", {}))


def test_the_self_check_of_a_template_fails_on_what_is_required(workflows: list[str]) -> None:
    """Whoever takes the template has asked for a check that can fail; its job is what rulesets name."""
    path = next(path for path in workflows if path.endswith("compliance.yml"))
    written = read_yaml(Path(path).read_text("utf-8"))
    job = written.get("jobs", "compliance")
    assert set(written.get("on")) == {"pull_request", "merge_group", "push"}  # a queue waits for ever for what it lacks
    assert job["with"]["fail_on"] == "required"
    assert job["permissions"] == {"contents": "read", "actions": "read"}


def test_no_key_is_an_argument_of_a_program(workflows: list[str]) -> None:
    """Every process of the runner can read the arguments of every other: keys go by a pipe, from the shell itself."""
    for path in workflows:
        for job in read_yaml(Path(path).read_text("utf-8")).data["jobs"].values():
            secrets = [name for step in job.get("steps", ()) for name in step.get("env", {})]
            lines = [line.strip() for step in job.get("steps", ()) for line in step.get("run", "").splitlines()]
            using = [line for line in lines if any(f"${name}" in line for name in secrets)]
            assert all(line.startswith("printf ") and line.endswith("|") for line in using)


@pytest.mark.parametrize("name, check", [("CHARTER.md", "chittycanon.charter")])
def test_an_outline_that_a_check_shows_is_that_of_the_template(name: str, check: str) -> None:
    """A finding shows the headings alone, and they are those of the file that is written."""
    outline = next(one for one in read_yaml(CHECKS.read_text("utf-8")).data["checks"] if one["id"] == check)["with"][
        "fix"
    ]
    written = (ROOT / "templates" / name).read_text("utf-8").splitlines()
    assert [line for line in outline.splitlines() if line.startswith("##") and line not in written] == []
