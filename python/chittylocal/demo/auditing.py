"""The third demo as a person meets it: an ecosystem audited, changed, and audited again; what changed, and a page."""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path

from chittylocal.demo.audit_story import RENAMED, Seen, Story
from chittylocal.demo.claims import claim
from chittylocal.demo.ecosystem_edge import serving
from chittylocal.demo.screen import BOLD, DIM, GREEN, RED, YELLOW, Screen
from chittylocal.local import Local

TITLE = "ChittyOps: 62 services of three organisations audited, and what changed since, with no account anywhere"
COLOURS = {"Broken": RED, "Fixed": GREEN}
BETWEEN = [
    ("Orchard/billing", "has a charter now"),
    ("Orchard/ledger", "a ruleset guards its branch"),
    ("Orchard/search", "is well again"),
    ("Orchard/invoices", "lets this machine ask for its health"),
    ("Orchard/mailer", "deploys by hand, with a stored token"),
    ("Orchard/imports", "the waiver for its charter has expired, in the registry"),
    ("Orchard/catalog", f"is called {RENAMED[1]}"),
    ("Orchard/backups", "was archived"),
]


def tell(screen: Screen, local: Local, folder: Path, _run: Path) -> None:
    """Audit twice. `folder` takes the repositories, the audits and the page."""
    answers: dict[str, tuple[int, str]] = {}
    with serving(answers) as edge:
        story = Story(local, folder, answers, edge)
        screen.title("An ecosystem")
        screen.table(_made(story))

        screen.title("The first audit")
        first = story.audit("first")
        claim(first.code == 3, f"An audit with something unknown ended with {first.code}, not with 3.")
        screen.line()
        screen.table([*_judged(story, first), ("Exit code", "3: incomplete"), _took(first)])

        screen.title("Meanwhile")
        story.change()
        screen.table(BETWEEN)

        screen.title("The second audit")
        second = story.audit("second")
        claim(second.code == 1, f"An audit with failures ended with {second.code}, not with 1.")
        found = story.changes()
        still = story.check_second(second, found)
        screen.line()
        rows = [
            *_judged(story, second),
            ("Not read", f"{still} of {len(story.repositories)} repositories, which had not moved"),
        ]
        screen.table([*rows, ("Exit code", "1: not everybody passes"), _took(second)])

        screen.title("In short")
        for line in second.said.rstrip().splitlines():
            screen.line(f"  {line}" if line else "")
        screen.title("What changed since the first audit")
        screen.table([(screen.paint(kind, COLOURS.get(kind, YELLOW)), f"{who}: {what}") for kind, who, what in found])
        screen.title("The dashboard")
        page = story.dashboard()
        screen.line(f"  {screen.paint(str(page), BOLD)}")
        screen.line(screen.paint(f"  {page.stat().st_size // 1024} KiB, and nothing else is needed to show it.", DIM))


def _made(story: Story) -> list[tuple[str, str]]:
    services = story.services
    owners = Counter(one.organization for one in services)
    kinds = Counter(one.kind for one in services)
    files = sum(1 for path in story.ecosystem.rglob("*") if path.is_file())
    return [
        ("Services", f"{len(services)}: " + ", ".join(f"{count} of {name}" for name, count in owners.items())),
        ("Types", textwrap.fill(", ".join(f"{count} {name}" for name, count in kinds.most_common()), 84)),
        ("Repositories", f"{len(story.repositories)}, with {files} files, in {story.ecosystem}"),
        ("Registry", f"{story.folder / 'service-registry.yml'}"),
        ("Answer", "GitHub's API, ChittyRegistry, ChittyRouter, and the Workers themselves at /health"),
    ]


def _judged(story: Story, seen: Seen) -> list[tuple[str, str]]:
    findings, services = story.check(seen)
    cost = seen.cost
    rows = [
        ("Asked", f"{cost['graphql_requests']} queries ({cost['graphql_points']} points) for the base facts of all"),
        ("", f"{cost['rest_requests']} requests for the states of workflows"),
        ("", f"{cost['archives']} whole commits, where a check reads more than that"),
        ("", f"{cost['probes']} questions to the services, the registry and the router"),
        ("Found", f"{findings} checks fail in {services} services, required or not: exactly those that were made to"),
    ]
    return [*rows, *(("Unknown", textwrap.fill(why, 84)) for why in seen.audit["incomplete"])]


def _took(seen: Seen) -> tuple[str, str]:
    return "Took", f"{seen.seconds:.1f} s"
