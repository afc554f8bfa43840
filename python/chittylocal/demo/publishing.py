"""The second demo as a person meets it: one package on three channels, published exactly once whatever happens."""

from __future__ import annotations

import textwrap
from pathlib import Path

from chittylocal.demo.claims import claim
from chittylocal.demo.publish_story import FORMULA, PACKAGE, SERVICE, TAP, Out, Seen, Story
from chittylocal.demo.publish_user import Fetched, Installed, fetch, install
from chittylocal.demo.sample import NEXT_VERSION, make_next, make_package
from chittylocal.demo.screen import RED, Screen
from chittylocal.local import Local

TITLE = "ChittyOps: one package on npm, R2 and Homebrew, exactly once, with no account anywhere"
FIRST_VERSION = "1.0.0"


def tell(screen: Screen, local: Local, folder: Path, run: Path) -> None:
    """Publish, again, be killed, finish, install. `folder` takes the repository, `run` the files of act."""
    repository = folder / "greet"
    make_package(repository)
    story = Story(local, repository, run, lambda text: screen.line(f"  {text}" if text else ""))

    screen.title(f"{FIRST_VERSION}, for the first time")
    first = story.publish(colour=screen.colour)
    story.check_out(first, FIRST_VERSION, ["published"] * 3, commits=2)
    _show(screen, [*_channels(first), *_credentials(story, first)])

    screen.title("The same again")
    again = story.publish(colour=screen.colour)
    story.check_out(again, FIRST_VERSION, ["already"] * 3, commits=2)
    story.check_nothing_changed(again, first.out)
    _show(screen, [*_channels(again), ("Changed", "nothing: no request wrote to npm or R2"), _took(again)])

    screen.title(f"{NEXT_VERSION}, killed half-way")
    make_next(repository)
    killed = story.publish_and_be_killed(NEXT_VERSION, colour=screen.colour)
    story.check_half_way(killed, NEXT_VERSION, again.out)
    _show(screen, _half_way(screen, story, killed))

    screen.title(f"{NEXT_VERSION}, run again")
    rest = story.publish(colour=screen.colour)
    story.check_out(rest, NEXT_VERSION, ["already", "published", "published"], commits=3)
    _show(screen, [*_channels(rest), *_credentials(story, rest)])

    screen.title("A user")
    installed = install(local, "--in", "it", "Ada")
    claim(installed == Installed(NEXT_VERSION, "Ciao, Ada!"), f"npm installed {installed}.")
    _show(screen, _user(installed, fetch(local, rest.out.formula)))


def _show(screen: Screen, rows: list[tuple[str, str]]) -> None:
    screen.line()
    screen.table(rows)


def _channels(seen: Seen) -> list[tuple[str, str]]:
    out = seen.out
    version = seen.outputs["version"]
    npm, r2, brew = seen.statuses
    return [
        ("npm", f"{npm:10} {PACKAGE}@{version}, tags {_tags(out)}"),
        ("R2", f"{r2:10} {SERVICE}/{version}/{seen.outputs['tarball']}\nmetadata.json → {out.metadata['version']}"),
        ("Homebrew", f"{brew:10} {TAP}: {FORMULA}, {out.commits - 1} of our commits"),
    ]


def _tags(out: Out) -> str:
    return ", ".join(f"{tag} → {version}" for tag, version in sorted(out.tags.items()))


def _credentials(story: Story, seen: Seen) -> list[tuple[str, str]]:
    lease = story.check_revoked(seen)
    return [
        ("Masked", textwrap.fill(story.check_secrets(seen), 84)),
        ("Revoked", f"{lease['token_id']} at {lease['revoked_at'][11:19]}, issued at {lease['issued_at'][11:19]}"),
        _took(seen),
    ]


def _took(seen: Seen) -> tuple[str, str]:
    return "Took", f"{seen.outcome.seconds:.1f} s"


def _half_way(screen: Screen, story: Story, seen: Seen) -> list[tuple[str, str]]:
    out = seen.out
    return [
        ("Killed", f"{screen.paint('SIGKILL', RED)} while R2 was about to get latest/"),
        ("npm", f"has {', '.join(out.versions)}, tags {_tags(out)}"),
        ("R2", f"has {', '.join(out.files(NEXT_VERSION))}; metadata.json still → {out.metadata['version']}"),
        ("Homebrew", f"untouched, {out.commits - 1} of our commits"),
        ("Workflow", f"failed, exit code {seen.outcome.code}, as it should"),
        *_credentials(story, seen),
    ]


def _user(installed: Installed, fetched: Fetched) -> list[tuple[str, str]]:
    return [
        ("npm install", f"{PACKAGE} {installed.version}; greet --in it Ada → {installed.said}"),
        ("brew", f"{fetched.url}\n{fetched.size} bytes, SHA-256 {fetched.sha256}, as the formula says"),
        ("", f"the formula is {fetched.ruby}"),
    ]
