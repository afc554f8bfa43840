"""What GitHub looks at before it starts a workflow, and act does not: inputs, branches, labels of runners."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chittylocal.actrun.problems import CannotRun

_UBUNTU = re.compile(r"ubuntu-(latest|slim|\d\d\.04)(-arm)?|self-hosted|linux|x64|arm64", re.IGNORECASE)
_PULL_REQUESTS = ("pull_request", "pull_request_target")


def refuse_inputs(settings: Mapping[str, Any], given: Mapping[str, str]) -> None:
    """Hold the inputs of a workflow_dispatch to what the workflow declares, as GitHub does before it starts.

    Raises:
        CannotRun: for an input that is not declared, one that is required and missing, or one of another type.
    """
    inputs = settings.get("inputs")
    declared = {str(name): each if isinstance(each, Mapping) else {} for name, each in (inputs or {}).items()}
    problems = [f"{name} is none of its inputs" for name in given if name not in declared]
    for name, each in declared.items():
        value, options = given.get(name, ""), [str(option) for option in each.get("options") or ()]
        if each.get("required") is True and not value and each.get("default") in (None, ""):
            problems.append(f"{name} is required and missing")
        elif value and each.get("type") == "choice" and value not in options:
            problems.append(f"{name} is {value!r} and none of {', '.join(options)}")
        elif value and each.get("type") == "boolean" and value not in ("true", "false"):
            problems.append(f"{name} is {value!r} and neither true nor false")
    if problems:
        raise CannotRun(
            f"GitHub would not start this workflow_dispatch: {'; '.join(problems)}. Give each as --input NAME=VALUE"
            f" (it has: {', '.join(declared) or 'none'})."
        )


def _pattern(text: str) -> re.Pattern[str]:
    """GitHub's filter pattern: `*` stops at a slash, `**` does not, `?` and `+` count the character before them."""
    parts = re.findall(r"\*\*/?|\*|[?+]|\[[^\]]*\]|\\.|.", text)
    meaning = {"*": "[^/]*", "**": ".*", "**/": "(?:.*/)?", "?": "?", "+": "+"}
    text = "".join(meaning.get(part) or (part if part[0] in "[\\" else re.escape(part)) for part in parts)
    try:
        return re.compile(text)
    except re.error:
        return re.compile(".*")  # what is beyond this function raises no alarm


def _matches(branch: str, patterns: Iterable[str]) -> bool:
    """Whether the last pattern that has something to say of the branch takes it; `!` takes it out again."""
    taken = False
    for text in patterns:
        if _pattern(text.removeprefix("!")).fullmatch(branch):
            taken = not text.startswith("!")
    return taken


def _texts(value: Any) -> list[str] | None:
    if value is None:
        return None
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def passed_over(event: str, settings: Mapping[str, Any], branch: str, default_branch: str = "main") -> str:
    """Why GitHub would not start this event's workflow for the branch; "" when it would."""
    if event != "push" and event not in _PULL_REQUESTS:
        return ""
    looked_at = branch if event == "push" else default_branch
    wanted, ignored = _texts(settings.get("branches")), _texts(settings.get("branches-ignore"))
    if wanted is not None and not _matches(looked_at, wanted):
        return f"on.{event}.branches is {', '.join(wanted)}, and not {looked_at}"
    if ignored is not None and _matches(looked_at, ignored):
        return f"on.{event}.branches-ignore has {looked_at}"
    if event == "push" and _tags_alone(settings):
        patterns = ", ".join(_texts(settings.get("tags")) or [])
        return f"on.push has tags alone{f' ({patterns})' if patterns else ''}, and no tag of this commit is among them"
    return ""


def _tags_alone(settings: Mapping[str, Any]) -> bool:
    return bool({"tags", "tags-ignore"} & set(settings)) and not {"branches", "branches-ignore"} & set(settings)


def starting_tag(event: str, settings: Mapping[str, Any], tags: Sequence[str]) -> str:
    """The tag of the commit, among `tags`, whose push or release starts the workflow; "" when the branch does.

    Raises:
        CannotRun: for a release of a commit that no tag names.
    """
    if event == "release" and not tags:
        raise CannotRun("A release is of a tag, and this commit has none: git tag v1.2.3")
    if event == "release":
        return tags[0]
    if event != "push" or not _tags_alone(settings):
        return ""
    wanted, ignored = _texts(settings.get("tags")), _texts(settings.get("tags-ignore"))
    return next(
        (tag for tag in tags if _matches(tag, wanted or ["**"]) and not (ignored and _matches(tag, ignored))), ""
    )


def warnings(event: str, settings: Mapping[str, Any], branch: str, labels: Iterable[str], tag: str = "") -> list[str]:
    """What runs here and would not, or elsewhere, on GitHub. With a `tag` it is its push, not the branch's."""
    found = []
    if not tag and (why := passed_over(event, settings, branch)):
        found.append(f"GitHub would not start this: {why}. It runs here all the same.")
    if odd := sorted(label for label in labels if not _UBUNTU.fullmatch(label)):
        found.append(
            f"This machine stands for the runner {', '.join(odd)}. GitHub's own Ubuntu has the label ubuntu-latest; "
            "with another one a job waits for a runner that has it."
        )
    return found
