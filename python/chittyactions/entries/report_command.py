"""`chittyops report`: an audit as a page, a table, or a list of findings."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from chittyactions.compliance.audit.document import read_audit
from chittyactions.compliance.audit.record import Audit
from chittyactions.compliance.audit.reports.forms import FORMS
from chittyactions.compliance.audit.reports.view import Point, View, point, view
from chittyactions.compliance.audit.totals import looked_at
from chittyactions.entries.output import write_whole
from chittyactions.entries.terminal import aside, by_itself, show_bytes
from chittyactions.errors import ChittyError, ConfigError, InputError

ABOUT = """\
Show an audit: the numbers, each service by dimension, what changed, and every finding with what to do.

  chittyops report audit.json -o dashboard.html         one page that needs nothing else, for a browser
  chittyops report audit.json --format markdown         for an issue or a job's summary
  chittyops report audit.json --previous last.json      and what changed since
  chittyops report audit.json --history audits/         and how it went: every audit in that folder
  chittyops report audit.json --public -o index.html    without what is not known to be public
"""

CODES = """\
exit codes: 0 written (of an incomplete audit too: it says so at its top), 1 a file that could not be written, 2 the
command line, or a file that is no audit.
"""

USAGE = 2

ENDINGS = {".html": "html", ".htm": "html", ".md": "markdown", ".sarif": "sarif", ".csv": "csv", ".json": "json"}
"""The format of a file that is named so."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a command line."""
    raw = argparse.RawDescriptionHelpFormatter
    report = commands.add_parser(
        "report", help="show an audit as a page or a table", description=ABOUT, epilog=CODES, formatter_class=raw
    )
    report.add_argument("audit", metavar="AUDIT.json", help="what `chittyops audit` wrote")
    report.add_argument(
        "--previous",
        nargs="+",
        default=[],
        metavar="OLD.json",
        help="earlier audits; the last of them is compared with",
    )
    report.add_argument(
        "--history",
        nargs="+",
        default=[],
        metavar="DIR|FILE",
        help="earlier audits for the line over time, as files or all *.json of a folder",
    )
    report.add_argument("--format", choices=tuple(FORMS), help="default: by the file's name, else html")
    report.add_argument("-o", "--output", metavar="FILE", help="write the report there instead of to the terminal")
    report.add_argument("--public", action="store_true", help="leave out what is not known to be public")
    report.add_argument("--link", default="", metavar="URL", help="where the whole report is")


def run(given: argparse.Namespace) -> int:
    """Run the command; its exit code."""
    try:
        made = FORMS[_format(given)](_view(given))
    except ConfigError as failure:
        aside(str(failure))
        return USAGE
    except ChittyError as failure:
        aside(str(failure))
        return failure.exit_code
    return _write(made, given.output)


def _format(given: argparse.Namespace) -> str:
    return given.format or ENDINGS.get(Path(given.output or "").suffix.lower(), "html")


def _view(given: argparse.Namespace) -> View:
    if given.link and not re.fullmatch(r"https?://[^\s\"'<>()\[\]\\`|]+", given.link):
        raise InputError(
            f"--link {given.link!r} is no address.",
            why="Readers are to follow it from the report.",
            fix="Give it as https://…, with spaces and brackets written as %20 and the like.",
        )
    audit = read_audit(Path(given.audit))
    previous: Audit | None = None
    points: list[Point] = []
    for path, named in _earlier(given):
        try:
            read = read_audit(path)
        except ConfigError as error:
            if named:
                raise
            aside(f"{path.name} is left out of the history: {error.why}")
            continue
        if looked_at(read.scope) == looked_at(audit.scope):
            points.append(point(read, public=given.public))
        elif str(path) not in given.previous:
            aside(f"{path.name} is left out of the history: it looked at other services or checks.")
        if read.finished < audit.finished and (previous is None or previous.finished < read.finished):
            previous = read
        elif str(path) in given.previous and read.finished >= audit.finished:
            aside(f"{path.name} is not earlier than {Path(given.audit).name}: nothing is compared with it.")
    return view(audit, previous=previous, history=points, public=given.public, link=given.link)


def _earlier(given: argparse.Namespace) -> Iterator[tuple[Path, bool]]:
    """The files of earlier audits, each once, and whether it was named itself."""
    seen = {Path(given.audit).resolve()}
    for word in (*given.previous, *given.history):
        named = not Path(word).is_dir()
        for path in [Path(word)] if named else sorted(Path(word).glob("*.json")):
            if path.resolve() not in seen:
                seen.add(path.resolve())
                yield path, named


def _write(pieces: Iterable[str], output: str | None) -> int:
    try:
        if output:
            write_whole(output, pieces)
        else:
            show_bytes("".join(pieces).encode("utf-8", "replace"))
    except OSError as error:
        aside(
            f"{output} could not be written: {error.strerror}.\n  Fix: Name a file in a folder that may be written to."
        )
        return 1
    return 0


def main(argv: Sequence[str]) -> int:
    """`report` by itself."""
    return by_itself("report", add_parser, run, argv)


__all__ = ["add_parser", "main", "run"]
