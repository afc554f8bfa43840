"""`getchitty-creds-revoke`: the post step. Revokes what the main step saved, and only warns when it can't."""

from __future__ import annotations

from chittyactions.connect import address, lease
from chittyactions.connect.flight import hurry
from chittyactions.entries import unexpected
from chittyactions.errors import ChittyError
from chittyactions.http import Client, Deadline
from chittyactions.inputs import Inputs
from chittyactions.runner import Runner

SECONDS = 60.0
"""For all revocations together, when the main step's timeout was shorter than that."""


def read_inputs(read: Inputs) -> None:
    """It takes no inputs: everything comes from the saved state."""
    read.finish()


def _main(runner: Runner) -> None:
    leases = lease.load(runner.saved("leases"))
    if not leases:
        return
    key, url = runner.saved("api_key"), runner.saved("url")
    runner.mask("The API key", key)
    deadline = Deadline(_seconds(runner.saved("timeout")))
    hurry(deadline)
    done: dict[str, str] = {}
    for number, (token_id, name) in enumerate(leases.items()):
        # One that hangs may take its part of the time, and no more: the others are revoked all the same.
        share = deadline.within(deadline.remaining / (len(leases) - number))
        client = Client("ChittyConnect", share, environ=runner.environ, say=runner.info, sleep=share.pause)
        trouble = lease.revoke(client, url, key, token_id)
        if trouble:
            runner.warning(
                f"{name} (token id {token_id}) could not be revoked and stays valid until it expires. {trouble} "
                f"To revoke it by hand: DELETE {address.shown(url)}{lease.PATH} with this token id.",
                title=f"{name} is not revoked",
            )
        else:
            done[token_id] = name
    if done:
        runner.info(f"Revoked: {lease.names(done)}.")


def _seconds(text: str) -> float:
    try:
        return max(1.0, min(float(text), SECONDS))
    except ValueError:
        return SECONDS


def main() -> int:
    """Run the post step; 0 whatever happens, since a job that did its work is not to fail here."""
    runner = Runner()
    try:
        _main(runner)
    except Exception as error:  # noqa: BLE001 - whatever it is, the job is not to fail for it
        failure = error if isinstance(error, ChittyError) else unexpected(error)
        runner.warning(
            f"What ChittyConnect granted may not be revoked. {failure.what} {failure.why} {failure.fix}",
            title="Credentials may be left over",
        )
    return 0
