"""`chittyops check`: the same verdict for a person at a terminal, and with --fix what makes it better."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from chittyactions.compliance.claims import asked
from chittyactions.compliance.fixing.values import read_owners
from chittyactions.compliance.observe import Sources
from chittyactions.compliance.reports import human, json_report, junit, markdown, sarif
from chittyactions.compliance.request import POLICIES
from chittyactions.entries.checking import Examined, Inquiry, examine
from chittyactions.entries.fixing import Wish, fix
from chittyactions.entries.looking import Around, looking
from chittyactions.entries.terminal import aside, by_itself, show
from chittyactions.errors import Cancelled, ChittyError, ConfigError, InputError

ABOUT = """\
Check a repository against the ecosystem's dimensions.

All that lies in the repository is looked at: files, workflows, manifests. With a token in GITHUB_TOKEN or GH_TOKEN
the branch's protection and switched-off workflows too, and unless --offline the service's health, its registration and
its route. What is not asked for is shown as not evaluated.

  chittyops check                      this repository
  chittyops check --fix                and write what is missing, after showing it
  chittyops check --format sarif -o findings.sarif
  chittyops check services/auth        one service of a monorepo
"""

CODES = """\
exit codes: 0 passed, 1 findings that count (--fail-on), 2 the command line or a settings file, 3 incomplete: a required
check needs something that could not be looked up.
"""

USAGE = 2


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a command line."""
    raw = argparse.RawDescriptionHelpFormatter
    check = commands.add_parser(
        "check", help="check a repository's compliance", description=ABOUT, epilog=CODES, formatter_class=raw
    )
    check.add_argument("path", nargs="?", default=".", help="the service's folder (default: this one)")
    check.add_argument("--format", choices=("human", "json", "sarif", "junit", "markdown"), default="human")
    check.add_argument("-o", "--output", metavar="FILE", help="write the report there instead of to the terminal")
    check.add_argument("--service", default="", metavar="NAME", help="the service's name")
    check.add_argument("--type", default="", help="its type, such as cloudflare-worker or tool")
    check.add_argument("--tier", type=int, help="its tier, 0 to 5")
    check.add_argument("--domain", default="", help="its production domain")
    check.add_argument(
        "--config", default="", metavar="FILE", help="settings, from the repository's root (.chittyops.yml)"
    )
    check.add_argument(
        "--fail-on",
        default="",
        choices=("", *POLICIES),
        metavar="POLICY",
        help=f"{', '.join(POLICIES)} (default: the settings', else required)",
    )
    check.add_argument("--offline", action="store_true", help="ask no service")
    check.add_argument(
        "--staged", action="store_true", help="look at what is staged for a commit, not at what lies on the disk"
    )
    check.add_argument("--fix", action="store_true", help="write what is missing and can be written safely")
    check.add_argument("--yes", action="store_true", help="with --fix: do not ask before writing")
    check.add_argument(
        "--dry-run", action="store_true", help="with --fix: show what would be written, and write nothing"
    )
    check.add_argument(
        "--owner",
        action="append",
        default=[],
        metavar="OWNER",
        help="with --fix: an owner for CODEOWNERS, such as @org/team",
    )


def run(given: argparse.Namespace) -> int:
    """Run the command; its exit code."""
    try:
        _agree(given)
        examined = _examine(given)
        if given.fix:
            config = given.config.removeprefix("./")
            wish = Wish(tuple(given.owner), sure=given.yes, rehearse=given.dry_run, config=config)
            around = Around(os.environ, _token(given), examined.verdict.service.repository, "", "", 0)
            examined = fix(examined, wish, around.github(aside), lambda: _examine(given))
        _show(examined, given)
    except ConfigError as failure:
        aside(str(failure))
        return USAGE
    except ChittyError as failure:
        aside(str(failure))
        return failure.exit_code
    except KeyboardInterrupt:
        aside("\nStopped: what is not named above as written was not.")
        return Cancelled.exit_code
    return examined.decision.exit_code


def _agree(given: argparse.Namespace) -> None:
    """Raises InputError for words that would do nothing, or nothing good: nothing is asked or written then."""
    given_in_vain = [
        word for word, there in (("--yes", given.yes), ("--dry-run", given.dry_run), ("--owner", given.owner)) if there
    ]
    if given_in_vain and not given.fix:
        raise InputError(
            f"{', '.join(given_in_vain)} is for --fix, which is not there.",
            why="Without --fix nothing is written.",
            fix="Add --fix, or leave it out.",
            docs="compliance.md#command-line",
        )
    if given.staged and given.fix:
        raise InputError(
            "--staged and --fix do not go together.",
            why="--fix writes by what lies on the disk, and stages nothing.",
            fix="Run --fix, then `git add` what it wrote, then --staged.",
            docs="compliance.md#command-line",
        )
    read_owners(given.owner)


def _examine(given: argparse.Namespace) -> Examined:
    sources = Sources(os.environ, _token(given), offline=given.offline, say=aside)
    inquiry = Inquiry(
        folder=Path(given.path),
        given=asked(given.service, given.type, given.tier, given.domain),
        config=given.config,
        fail_on=given.fail_on,
        opted_in=True,
        slug="",
        commit="",
        today=datetime.now(timezone.utc).date(),
        staged=given.staged,
    )
    return examine(inquiry, looking(sources))


def _token(given: argparse.Namespace) -> str:
    return "" if given.offline else os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN") or ""


def _show(examined: Examined, given: argparse.Namespace) -> None:
    verdict, decision = examined.verdict, examined.decision
    colour = not given.output and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = {
        "human": lambda: human.render(verdict, decision, colour=colour),
        "json": lambda: json_report.render(verdict),
        "sarif": lambda: sarif.render(verdict),
        "junit": lambda: junit.render(verdict, decision),
        "markdown": lambda: markdown.render(verdict, decision),
    }[given.format]()
    if not given.output:
        show(text, machine=given.format != "human")
        return
    try:
        Path(given.output).write_text(text + "\n", "utf-8")
    except OSError as error:
        raise ConfigError(
            f"{given.output} could not be written: {error.strerror}.",
            why="The report goes there.",
            fix="Name a file in a folder that exists and may be written to.",
        ) from None


def main(argv: Sequence[str]) -> int:
    """`check` by itself."""
    return by_itself("check", add_parser, run, argv)


__all__ = ["add_parser", "main", "run"]
