"""`getchitty-creds-revoke`: the post step. Revokes what the main step saved, and only warns when it can't."""

from __future__ import annotations

from chittyactions.connect import lease
from chittyactions.entries import guarded
from chittyactions.http import Client, Deadline
from chittyactions.inputs import Inputs
from chittyactions.runner import Runner

SECONDS = 60.0
"""For all revocations together, when the main step's timeout was shorter than that."""


def read_inputs(read: Inputs) -> None:
    """It takes no inputs: everything comes from the saved state."""
    read.finish()


def _main(runner: Runner) -> int:
    leases = lease.load(runner.saved("leases"))
    if not leases:
        return 0
    key, url = runner.saved("api_key"), runner.saved("url")
    runner.mask("The API key", key)
    deadline = Deadline(_seconds(runner.saved("timeout")))
    client = Client("ChittyConnect", deadline, environ=runner.environ, say=runner.info)
    done: dict[str, str] = {}
    for token_id, name in leases.items():
        trouble = lease.revoke(client, url, key, token_id)
        if trouble:
            runner.warning(
                f"{name} (token id {token_id}) could not be revoked and stays valid until it expires. {trouble} "
                f"To revoke it by hand: DELETE {url}{lease.PATH} with this token id.",
                title=f"{name} is not revoked",
            )
        else:
            done[token_id] = name
    if done:
        runner.info(f"Revoked: {lease.names(done)}.")
    return 0


def _seconds(text: str) -> float:
    try:
        return max(1.0, min(float(text), SECONDS))
    except ValueError:
        return SECONDS


def main() -> int:
    """Run the post step; 0 whatever happens, since a job that did its work is not to fail here."""
    guarded(_main, Runner())
    return 0
