"""The steps of a build: strangers' code at work, in a job without credentials.

Each step says what it runs and how long it took; the first that fails ends the build with its name and its last lines.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from chittyactions.errors import ToolError
from chittyactions.process import Finished, run

STEP_SECONDS = 3600.0
"""For one step; the job's own timeout-minutes ends it earlier where it is set."""

LAST_LINES = 12

CREDENTIALS = (
    *("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CHITTYCONNECT_API_KEY", "WORKER_SECRETS"),
    *("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CF_API_TOKEN", "CF_API_KEY", "GITHUB_TOKEN", "GH_TOKEN"),
    *("NPM_TOKEN", "TAP_TOKEN", "GITHUB_APP_PRIVATE_KEY"),
)
"""What a build has no use for. NODE_AUTH_TOKEN and npm's own settings stay: private packages need them."""

_RUNNERS_OWN = ("CHITTY_INPUTS", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "ACTIONS_RUNTIME_TOKEN")


@dataclass(frozen=True)
class Talk:
    """How a build is told to a person: a line, a warning, and a folded part of the log around a step."""

    say: Callable[[str], None]
    warn: Callable[[str], None]
    group: Callable[[str], AbstractContextManager[None]]


class Steps:
    """Runs steps of the project in `checkout`, with `environ` less every credential (`found` names those it held).

    `docs` is the page that a failing step's message leads to.
    """

    def __init__(self, checkout: Path, environ: Mapping[str, str], talk: Talk, docs: str) -> None:
        self.checkout = checkout.resolve()
        self.found = tuple(name for name in CREDENTIALS if environ.get(name))
        self.environ = {k: v for k, v in environ.items() if k not in CREDENTIALS and k not in _RUNNERS_OWN}
        self.environ |= {"CI": "true", "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0"}
        self.talk = talk
        self._docs = docs

    def run(self, title: str, command: Sequence[str], cwd: Path) -> Finished:
        """Run one step; its lines are folded under `title`. Raises ToolError when it fails."""
        started = time.monotonic()
        with self.talk.group(title):
            done = run(command, cwd=cwd, env=self.environ, seconds=STEP_SECONDS, echo=self.talk.say, name=title)
        seconds = time.monotonic() - started
        if done.code:
            self.talk.say(f"✗ {title} failed after {seconds:.1f} s")
            raise ToolError(
                f"`{title}` failed with exit code {done.code}.",
                why="Its last lines were:\n" + last_lines(done) if last_lines(done) else "It said nothing.",
                fix=f"Run it in {_shown(cwd, self.checkout)} on your machine; the build job has no credentials, "
                "so a step that needs one belongs elsewhere.",
                docs=self._docs,
            )
        self.talk.say(f"✓ {title} ({seconds:.1f} s)")
        return done


def last_lines(done: Finished) -> str:
    """The end of what a program said, without colours."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.stdout + done.stderr)
    lines = [line.rstrip()[:200] for line in text.splitlines() if line.strip()]
    return "\n".join(lines[-LAST_LINES:])


def _shown(folder: Path, root: Path) -> str:
    return "the repository's root" if folder == root else folder.relative_to(root).as_posix()
