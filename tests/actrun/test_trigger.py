"""What GitHub looks at before it starts a workflow."""

from __future__ import annotations

import pytest

from chittylocal.actrun.problems import CannotRun
from chittylocal.actrun.trigger import passed_over, refuse_inputs, starting_tag, warnings

INPUTS = {
    "inputs": {
        "place": {"required": True},
        "colour": {"type": "choice", "options": ["red", "blue"], "required": True, "default": "red"},
        "loud": {"type": "boolean"},
        "note": None,
    }
}


def test_inputs_that_github_takes_pass() -> None:
    """A required input is there or has a default."""
    refuse_inputs(INPUTS, {"place": "here", "loud": "true", "note": "any"})
    refuse_inputs({}, {})


@pytest.mark.parametrize(
    "given, said",
    [
        ({}, "place is required and missing"),
        ({"place": "x", "plaice": "y"}, "plaice is none of its inputs"),
        ({"place": "x", "colour": "green"}, "none of red, blue"),
        ({"place": "x", "loud": "yes"}, "neither true nor false"),
    ],
)
def test_inputs_that_github_refuses_are_refused(given: dict[str, str], said: str) -> None:
    """GitHub answers 422 and starts nothing; the message has every input that there is."""
    with pytest.raises(CannotRun, match=rf"{said}.*it has: place, colour, loud, note"):
        refuse_inputs(INPUTS, given)


@pytest.mark.parametrize(
    "event, settings, branch, starts",
    [
        ("push", {}, "topic", True),
        ("push", {"branches": ["main"]}, "main", True),
        ("push", {"branches": ["main"]}, "topic", False),
        ("push", {"branches": "main"}, "topic", False),
        ("push", {"branches": ["releases/*"]}, "releases/1", True),
        ("push", {"branches": ["releases/*"]}, "releases/1/a", False),
        ("push", {"branches": ["releases/**", "!releases/old"]}, "releases/1/a", True),
        ("push", {"branches": ["releases/**", "!releases/old"]}, "releases/old", False),
        ("push", {"branches": ["**"]}, "a/b", True),
        ("push", {"branches": ["v[12].x"]}, "v2.x", True),
        ("push", {"branches-ignore": ["topic"]}, "topic", False),
        ("push", {"tags": ["v*"]}, "main", False),
        ("pull_request", {"branches": ["main"]}, "topic", True),
        ("pull_request", {"branches": ["next"]}, "topic", False),
        ("workflow_dispatch", {"branches": ["main"]}, "topic", True),
    ],
)
def test_branch_filters_are_githubs(event: str, settings: dict[str, object], branch: str, starts: bool) -> None:
    """A push is filtered by its branch, a pull request by the branch that it goes to."""
    assert (passed_over(event, settings, branch) == "") is starts


@pytest.mark.parametrize(
    "event, settings, tags, found",
    [
        ("push", {"tags": ["v*"]}, ("v1.1.0", "v1.0.0"), "v1.1.0"),
        ("push", {"tags": ["v*", "!v1.1.*"]}, ("v1.1.0", "v1.0.0"), "v1.0.0"),
        ("push", {"tags": "v2.*"}, ("v1.1.0",), ""),
        ("push", {"tags-ignore": ["old-*"]}, ("old-1", "v1.0.0"), "v1.0.0"),
        ("push", {"tags": ["v*"], "branches": ["main"]}, ("v1.0.0",), ""),
        ("push", {}, ("v1.0.0",), ""),
        ("release", {}, ("v1.0.0",), "v1.0.0"),
        ("workflow_dispatch", {}, ("v1.0.0",), ""),
    ],
)
def test_a_tag_starts_what_only_tags_start(
    event: str, settings: dict[str, object], tags: tuple[str, ...], found: str
) -> None:
    """A workflow of tags alone runs by the tag of the commit; one of branches as well runs by the branch."""
    assert starting_tag(event, settings, tags) == found
    starts = found or "tags" not in settings or "branches" in settings
    assert (warnings(event, settings, "main", [], found) == []) is bool(starts)


def test_a_release_of_nothing_is_refused() -> None:
    """GitHub has no release without a tag; the message has the command that makes one."""
    with pytest.raises(CannotRun, match="git tag"):
        starting_tag("release", {}, ())


def test_what_runs_here_alone_is_said() -> None:
    """A branch that GitHub passes over and a label that its Ubuntu has not are one warning each."""
    assert warnings("push", {}, "main", ["ubuntu-latest", "ubuntu-24.04-arm", "self-hosted"]) == []
    branch, label = warnings("push", {"branches": ["main"]}, "topic", ["ubuntu-latest", "ubuntu-lastest"])
    assert "on.push.branches is main, and not topic" in branch
    assert "ubuntu-lastest" in label
