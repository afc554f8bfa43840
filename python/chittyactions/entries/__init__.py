"""One small main per action: read the inputs, call a feature, report."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from chittyactions.runner import Runner


def guarded(action: Callable[[Runner], int], runner: Runner) -> int:
    """Run an entry; render an error of the tree once, and return its exit code."""
    from chittyactions.errors import ChittyError

    try:
        return action(runner)
    except ChittyError as failure:
        runner.failed(failure)
        return failure.exit_code


def prepare() -> int:
    """Get the locked packages for an action of the second tier. 0, or the exit code of what went wrong."""
    import os

    from chittyactions.environment import JOB_TOOLS, activate, tool_cache, trusts_tool_cache
    from chittyactions.runner import Runner

    def action(runner: Runner) -> int:
        cache = tool_cache()
        if not trusts_tool_cache(os.environ) and JOB_TOOLS not in os.environ:
            os.environ[JOB_TOOLS] = str(cache)
            runner.export(JOB_TOOLS, str(cache))  # one installation a job
        activate(cache)
        return 0

    return guarded(action, Runner())
