"""The demo as a person meets it: two runs with their progress, then what they prove."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import tempfile
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chittylocal.actrun.problems import CannotRun
from chittylocal.actrun.session import tool_cache
from chittylocal.actrun.stage import toolkit_root
from chittylocal.demo.sample import make_repository, make_sick
from chittylocal.demo.screen import BOLD, DIM, GREEN, RED, YELLOW, Screen
from chittylocal.demo.story import NotAsClaimed, Seen, Story
from chittylocal.local import Local

WAYS = {"oidc": "for its id token", "provision": "for the API key", "deploy": "for the API key, all in one call"}


def _folder() -> tuple[Path, bool]:
    """Where the demo works, and whether it is to go afterwards: inside the checkout, else a temporary folder."""
    root = toolkit_root()
    if (root / "pyproject.toml").is_file():
        return root / ".cache" / "demo", False
    return Path(tempfile.mkdtemp(prefix="chittyops-demo-")), True


def _run_folder(folder: Path) -> tuple[Path, bool]:
    """Where act runs, and whether it is to go: its host mode can't start a step below a path with white space."""
    if not re.search(r"\s", str(folder)):
        return folder / "run", False
    outside = Path(tempfile.mkdtemp(prefix="chittyops-demo-"))
    return outside / "run", True


def main(argv: Sequence[str]) -> int:
    """Run the demo; 0 when all that it claims was so."""
    parser = argparse.ArgumentParser("chittyops local demo", description=__doc__)
    parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    screen = Screen()
    started = time.monotonic()
    folder, temporary = _folder()
    try:
        _tell(screen, folder)
    except (CannotRun, NotAsClaimed) as error:
        screen.line()
        screen.line(screen.paint(f"✗ The demo failed: {error}", BOLD, RED))
        if not temporary:
            screen.line(f"  The backend's state is in {folder / 'state'}.")
        return 1
    except KeyboardInterrupt:
        screen.line()
        screen.line(screen.paint("The demo was interrupted. Nothing is left running.", BOLD, YELLOW))
        return 130
    finally:
        if temporary:
            shutil.rmtree(folder, ignore_errors=True)
    screen.line()
    done = f"✓ All of it held, in {time.monotonic() - started:.1f} s. Nothing is left running."
    screen.line(screen.paint(done, BOLD, GREEN))
    if not temporary:
        screen.line(screen.paint(f"  The state that proves it: {folder / 'state'}", DIM))
    screen.line(screen.paint("  The same with a repository of yours: chittyops local run PATH", DIM))
    return 0


def _tell(screen: Screen, folder: Path) -> None:
    repository = folder / "hello"
    shutil.rmtree(folder / "state", ignore_errors=True)
    make_repository(repository)
    screen.line(screen.paint("ChittyOps: from identity to a verified deploy, with no account anywhere", BOLD))
    os.environ.setdefault("RUNNER_TOOL_CACHE", str(tool_cache()))
    with Local(folder / "state") as local:
        place, outside = _run_folder(folder)
        story = Story(local, repository, place, lambda text: screen.line(f"  {text}" if text else ""))
        try:
            screen.title("A good version")
            first = story.deploy(colour=screen.colour)
            good = story.check_good(first)
            screen.line()
            screen.table(_first_rows(story, first, good))

            screen.title("A sick version")
            make_sick(repository)
            screen.line("  Its tests pass, since they have the binding that wrangler.jsonc lacks.")
            second = story.deploy(colour=screen.colour)
            sick = story.check_rolled_back(second, good)
            screen.line()
            screen.table(_second_rows(screen, story, second, good, sick))
        finally:
            shutil.rmtree(place.parent if outside else place, ignore_errors=True)


def _first_rows(story: Story, seen: Seen, version: str) -> list[tuple[str, str]]:
    lease = story.check_revoked(seen)
    claims, health = seen.claims, seen.health
    issued = [f"{each['name']}  {WAYS.get(each['way'], each['way'])}{_end(each)}" for each in seen.leases]
    heartbeat, event = seen.asked("registry", "/heartbeat")[-1], seen.asked("beacon", "/track")[-1]
    return [
        ("Who", f"{claims['repository']} at {str(claims['sha'])[:7]}, {claims['event_name']} by {claims['actor']}"),
        ("", f"sub {claims['sub']}\ncalled {claims['job_workflow_ref']}"),
        ("", f"asked {_first_way(seen)}"),
        ("Issued", "\n".join(issued) or "nothing"),
        ("Masked", textwrap.fill(story.check_secrets(seen), 84)),
        ("Deployed", f"version {version}, all traffic\n{story.url}"),
        (
            "Answers",
            f"GET /health → {health.status} {health.body}\nfrom real workerd, X-Chitty-Version: {health.version}",
        ),
        ("Registered", f"{heartbeat['method']} {heartbeat['path']} → {heartbeat['status']}"),
        ("", f"{event['method']} {event['path']} → {event['status']}"),
        ("Revoked", f"{lease['token_id']} at {_clock(lease['revoked_at'])}, issued at {_clock(lease['issued_at'])}"),
        ("Took", f"{seen.outcome.seconds:.1f} s"),
    ]


def _second_rows(screen: Screen, story: Story, seen: Seen, good: str, sick: str) -> list[tuple[str, str]]:
    lease, health = story.check_revoked(seen), seen.health
    story.check_secrets(seen)
    said = next((note.text for note in seen.outcome.record.notes if note.level == "error"), "")
    said = textwrap.fill(said.split("\n")[0], screen.width - 16, break_on_hyphens=False, break_long_words=False)
    return [
        ("Uploaded", f"version {sick}, {screen.paint('sick', RED)}"),
        ("Said", said or screen.paint("nothing", YELLOW)),
        ("Rolled back", f"to version {good}, all traffic"),
        ("Answers", f"GET /health → {health.status} {health.body}"),
        ("Workflow", f"failed, exit code {seen.outcome.code}, as it should"),
        ("Revoked", f"{lease['token_id']} at {_clock(lease['revoked_at'])}"),
        ("Took", f"{seen.outcome.seconds:.1f} s"),
    ]


def _first_way(seen: Seen) -> str:
    """By which of its two identities the run asked, from what the backend was asked."""
    if seen.asked("oidc", "/token"):
        return "with this id token, and with the API key for what can be revoked"
    return "with the API key, since what it issues can be revoked; this id token stood by"


def _end(lease: dict[str, Any]) -> str:
    if lease["token_id"]:
        return ", revocable"
    until = lease.get("expires_at")
    return f", ends by itself on {until[:10]}" if until else ""


def _clock(moment: str) -> str:
    return moment[11:19]
