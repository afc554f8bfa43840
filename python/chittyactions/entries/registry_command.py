"""`chittyops registry`: look the registry of services over, and hold it against what is on GitHub."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from chittyactions.cancel import Cancellation, beside, ended_by
from chittyactions.compliance.assemble import CHECKS, REGISTRY
from chittyactions.compliance.catalogue import did_you_mean, read_catalogue
from chittyactions.compliance.fixing.diff import diff, patch
from chittyactions.compliance.fixing.plan import BOM, Change
from chittyactions.compliance.fixing.write import write
from chittyactions.compliance.registry import Registry, read_registry
from chittyactions.compliance.registry_discover import applied, propose
from chittyactions.compliance.registry_lint import lint
from chittyactions.compliance.registry_listing import Listing, listed
from chittyactions.compliance.registry_report import count, lint_json, lint_text, shown, told
from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_graphql_answers import graphql_url
from chittyactions.ecosystem.github_tokens import graphql_for
from chittyactions.ecosystem.github_wire import SERVICE
from chittyactions.entries.github_access import mask_for, tokens_of
from chittyactions.entries.terminal import aside, by_itself, show, show_bytes
from chittyactions.environment import toolkit
from chittyactions.errors import Cancelled, ChittyError, ConfigError, InputError
from chittyactions.http import Client, Deadline

ABOUT = """\
The registry of the ecosystem's services: service-registry.yml.

  chittyops registry lint                              everything that is wrong with it, and what it does not know
  chittyops registry discover --org ORG                what GitHub says otherwise, as a diff
  chittyops registry discover --org ORG --write        and write it

Who asks GitHub is GITHUB_TOKEN or GH_TOKEN, or a GitHub App by GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.
"""
LINT = "exit codes: 0 no problem (notes do not count), 1 problems, 2 the command line, or a file that cannot be read."
DISCOVER = """\
exit codes: 0 nothing to propose, or all of it written; 1 proposals; 2 the command line, or a registry that cannot be
used; 3 incomplete: GitHub did not answer all of it. Then nothing is switched off, and nothing is written. 130 stopped.
"""
PROBLEMS, USAGE, INCOMPLETE = 1, 2, 3
PERMISSIONS = {"contents": "read"}
"""What an app's tokens ask for."""
SECONDS = 3600.0
"""For all of GitHub's answers, waits for its limits included."""
DOCS = "registry.md"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a command line."""
    raw = argparse.RawDescriptionHelpFormatter
    top = commands.add_parser(
        "registry", help="the registry of services: look it over, and at GitHub", description=ABOUT, formatter_class=raw
    )
    inner = top.add_subparsers(dest="what", metavar="COMMAND", required=True)
    looked = inner.add_parser("lint", help="everything that is wrong with it", epilog=LINT, formatter_class=raw)
    looked.add_argument("--format", choices=("human", "json"), default="human")
    found = inner.add_parser("discover", help="what GitHub says otherwise", epilog=DISCOVER, formatter_class=raw)
    found.add_argument("--org", action="append", required=True, metavar="ORG", help="an organisation of the registry")
    found.add_argument("--write", action="store_true", help="write what is proposed")
    found.add_argument("--private", action="store_true", help="propose private repositories too")
    for one in (looked, found):
        one.add_argument("file", nargs="?", default=REGISTRY, help=f"the registry (default: {REGISTRY})")


def run(given: argparse.Namespace) -> int:
    """Run the command; its exit code."""
    try:
        path = Path(given.file)
        data = _read(path)
        text = _text(path, data)
        return _lint(given, text) if given.what == "lint" else _discover(given, path, data, text)
    except (Cancelled, KeyboardInterrupt):
        aside("\nStopped: nothing was written.")
        return Cancelled.exit_code
    except ChittyError as failure:
        aside(str(failure))
        return USAGE


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.",
            why="It would be the registry.",
            fix=f"Name the file, or run this where {REGISTRY} is.",
            docs=DOCS,
        ) from None


def _text(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path} cannot be read: line {line} is no UTF-8.", fix="Save it as UTF-8.") from None


# -- lint --------------------------------------------------------------------------------------------------------------


def _lint(given: argparse.Namespace, text: str) -> int:
    catalogue = read_catalogue((toolkit() / CHECKS).read_text("utf-8"), CHECKS)
    found = lint(text, catalogue, datetime.now(timezone.utc).date())
    show(lint_json(given.file, found) if given.format == "json" else lint_text(given.file, found))
    return PROBLEMS if found.problems else 0


# -- discover ----------------------------------------------------------------------------------------------------------


def _discover(given: argparse.Namespace, path: Path, data: bytes, text: str) -> int:
    registry = read_registry(text, str(path))
    organizations = _organizations(given.org, registry)
    listings = _listings(organizations, registry)
    missing = [reason for one in listings for reason in one.incomplete]
    found = [propose(registry, one, private=given.private, whole=not missing) for one in listings]
    proposals = [one for each in found for one in each.proposals]
    made, homeless = applied(text, proposals)
    read_registry(made, f"{path}, as it would be,")
    for each in found:
        show(told(each))
    for number, reason in homeless.items():
        one = proposals[number].edit
        show(f"  ! {one.organization}/{one.service}: write it by hand: {reason}.")
    after = (BOM if data.startswith(BOM) else b"") + made.encode()
    if made != text:
        _show_change(Change(_relative(path), data, after, ()))
    if missing:
        aside("\n".join(["Incomplete:", *(f"  {shown(one)}" for one in missing)]))
        aside(f"Nothing is switched off{', and nothing is written' if given.write else ''}. Run again.")
        return INCOMPLETE
    if given.write and made != text:
        _write(path, Change(path.name, data, after, ()))
        aside(f"{path} is written: {count(len(proposals) - len(homeless), 'change')}.")
        return PROBLEMS if homeless else 0
    return PROBLEMS if proposals else 0


def _show_change(change: Change) -> None:
    """As a patch, byte for byte; at a terminal so that it is safe to read."""
    if sys.stdout.isatty():
        show(diff(change).rstrip("\n"))
    else:
        show_bytes(patch(change))


def _organizations(asked: Sequence[str], registry: Registry) -> list[str]:
    """As the registry spells them, each once. Raises InputError."""
    known = {one.lower(): one for one in registry.organizations}
    unknown = [one for one in asked if one.lower() not in known]
    if unknown:
        named = "; ".join(f"{one[:100]}{_close(one, known)}" for one in unknown)
        raise InputError(
            f"The registry has no organisation {named}",
            why=f"It has {', '.join(known.values())}. Whoever else has a name like that should not get in by a typo.",
            fix="Correct it. A new organisation is added by hand first, as `NAME: {services: {}}`.",
            docs=DOCS,
        )
    return list(dict.fromkeys(known[one.lower()] for one in asked))


def _close(name: str, known: dict[str, str]) -> str:
    close = did_you_mean(name.lower(), known)
    return next((close.replace(key, one) for key, one in known.items() if f" {key}?" in close), ".")


def _listings(organizations: Sequence[str], registry: Registry) -> list[Listing]:
    """What GitHub has of each; an app's tokens are revoked, whatever happens. Raises CredentialError, Cancelled."""
    deadline = Deadline(SECONDS)
    budget = Budget(say=aside, deadline=deadline)
    client = Client(SERVICE, deadline, say=aside)

    def leave() -> None:
        budget.stop()
        deadline.shorten(0)

    tokens = tokens_of(os.environ, PERMISSIONS, mask_for(os.environ), aside)
    with Cancellation(), ended_by(tokens.close):

        def look(organization: str) -> Listing:
            services = registry.organizations[organization].services.values()
            graphql = graphql_for(tokens, organization, client, url=graphql_url(os.environ), budget=budget)
            return listed(graphql.ask, organization, [one.repo for one in services if one.active])

        return beside(lambda: [look(one) for one in organizations], leave)


def _write(path: Path, change: Change) -> None:
    _, left = write(path.parent, [change])
    if left:
        raise ConfigError(
            f"{path} is not written: {left[0].reason}.",
            why="Nothing is written over what is another's.",
            fix="Run again.",
            docs=DOCS,
        )


def _relative(path: Path) -> str:
    """As a diff names it."""
    return os.path.relpath(path).replace(os.sep, "/")


def main(argv: Sequence[str]) -> int:
    """`registry` by itself."""
    return by_itself("registry", add_parser, run, argv)


__all__ = ["add_parser", "main", "run"]
