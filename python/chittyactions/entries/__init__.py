"""One small main per action: read the inputs, call a feature, report."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from chittyactions.errors import ChittyError
    from chittyactions.runner import Runner


def guarded(
    action: Callable[[Runner], int],
    runner: Runner,
    docs: str = "",
    tell: Callable[[Runner, ChittyError], int] | None = None,
) -> int:
    """Run an entry; render an error of the tree once, and return its exit code. `tell` does it in another way.

    `docs` is where one leads that has no page of its own. Anything else is a defect of ours. It is told by its class
    and place alone: a message or a stack may hold a secret.
    """
    from chittyactions.errors import ChittyError

    try:
        return action(runner)
    except ChittyError as error:
        error.docs = error.docs or docs
        failure = error
    except Exception as defect:  # noqa: BLE001 - the last resort
        failure = unexpected(defect)
    if tell:
        return tell(runner, failure)
    runner.failed(failure)
    return failure.exit_code


def unexpected(defect: Exception) -> ChittyError:
    """An error of the tree for a defect of ours."""
    from chittyactions.errors import ChittyError

    place, trace = "", defect.__traceback__
    while trace:
        _, ours, module = trace.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/chittyactions/")
        place = f" in {module}, line {trace.tb_lineno}" if ours else place
        trace = trace.tb_next
    return ChittyError(
        f"This step failed in a way that it does not know: {type(defect).__name__}{place}.",
        why="That is a defect of ChittyOps. No more of it is shown, since it might hold a secret.",
        fix="Run again; if it lasts, report this line at https://github.com/chittyos/chittyops/issues.",
    )


def second_tier(action: str) -> int:
    """Get the locked packages for `action`, run it, and return its exit code."""
    from importlib import import_module

    from chittyactions.entries.nothing_checked import nothing_checked
    from chittyactions.runner import Runner

    def run(runner: Runner) -> int:
        prepare(action, runner)
        return int(import_module(f"chittyactions.entries.{action.replace('-', '_')}").main())

    return guarded(run, Runner(), tell=nothing_checked if action == "compliance-check" else None)


def prepare(action: str, runner: Runner) -> None:
    """Get the locked packages for `action`. Raises an error of the tree."""
    import os

    from chittyactions.environment import JOB_TOOLS, activate, tool_cache, trusts_tool_cache

    cache = tool_cache()
    if not trusts_tool_cache(os.environ) and JOB_TOOLS not in os.environ:
        os.environ[JOB_TOOLS] = str(cache)
        runner.export(JOB_TOOLS, str(cache))  # one installation a job
    activate(cache, action)
