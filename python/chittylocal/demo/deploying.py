"""The first demo as a person meets it: two runs with their progress, then what they prove."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from chittylocal.demo.deploy_story import Seen, Story
from chittylocal.demo.sample import make_sick, make_worker
from chittylocal.demo.screen import RED, YELLOW, Screen
from chittylocal.local import Local

TITLE = "ChittyOps: from identity to a verified deploy, with no account anywhere"
WAYS = {"oidc": "for its id token", "provision": "for the API key", "deploy": "for the API key, all in one call"}


def tell(screen: Screen, local: Local, folder: Path, run: Path) -> None:
    """Deploy a good version and a sick one. `folder` takes the repository, `run` the files of act."""
    repository = folder / "hello"
    make_worker(repository)
    story = Story(local, repository, run, lambda text: screen.line(f"  {text}" if text else ""))
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
