"""One small main per action: read the inputs, call a feature, report."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from chittyactions.errors import ChittyError
    from chittyactions.runner import Runner


def guarded(action: Callable[[Runner], int], runner: Runner, docs: str = "") -> int:
    """Run an entry; render an error of the tree once, and return its exit code.

    `docs` is where one leads that has no page of its own. Anything else is a defect of ours. It is told by its class
    and place alone: a message or a stack may hold a secret.
    """
    from chittyactions.errors import ChittyError

    try:
        return action(runner)
    except ChittyError as failure:
        failure.docs = failure.docs or docs
        runner.failed(failure)
        return failure.exit_code
    except Exception as defect:  # noqa: BLE001 - the last resort
        runner.failed(unexpected(defect))
        return 1


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


def prepare(action: str) -> int:
    """Get the locked packages for `action`, which is of the second tier. 0, or the exit code of what went wrong."""
    import os

    from chittyactions.environment import JOB_TOOLS, activate, tool_cache, trusts_tool_cache
    from chittyactions.runner import Runner

    def get(runner: Runner) -> int:
        cache = tool_cache()
        if not trusts_tool_cache(os.environ) and JOB_TOOLS not in os.environ:
            os.environ[JOB_TOOLS] = str(cache)
            runner.export(JOB_TOOLS, str(cache))  # one installation a job
        activate(cache, action)
        return 0

    return guarded(get, Runner())
