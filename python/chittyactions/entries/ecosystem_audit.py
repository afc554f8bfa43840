"""`ecosystem-audit`: one phase of the audit of all services, each a job of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chittyactions.cancel import Cancellation
from chittyactions.entries import guarded
from chittyactions.entries.ecosystem_looking import audit, plan
from chittyactions.entries.ecosystem_merging import merge
from chittyactions.entries.ecosystem_request import Request, read_inputs
from chittyactions.entries.ecosystem_telling import dashboard, remediate
from chittyactions.inputs import Inputs
from chittyactions.runner import Runner

DOCS = "audit-workflow.md#inputs"

RUN: Mapping[str, Callable[[Runner, Request], int]] = {
    "plan": plan,
    "audit": audit,
    "merge": merge,
    "remediate": remediate,
    "dashboard": dashboard,
}


def main() -> int:
    """Run the phase that is asked for."""

    def action(runner: Runner) -> int:
        inputs = Inputs.load(runner.environ)
        request = read_inputs(inputs)
        for name, secret in (("token", request.token), ("app_private_key", request.app_private_key)):
            if secret:
                runner.mask(name, secret)
        inputs.finish()
        with Cancellation():  # which revokes an app's tokens
            return RUN[request.phase](runner, request)

    return guarded(action, Runner(), docs=DOCS)


__all__ = ["main", "read_inputs"]
