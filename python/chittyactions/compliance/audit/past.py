"""How it went: a line of numbers for each audit, small enough to be handed on from run to run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, ValidationError, model_validator

from chittyactions.compliance.audit.record import Audit, Part, Standing
from chittyactions.compliance.audit.reports.view import Point
from chittyactions.compliance.audit.totals import Rate, Totals

FILE = "history.ndjson"
MOST = 520
"""Audits whose lines are kept: ten years of weeks."""
LARGEST = 8 * 1024 * 1024
"""Bytes of a file."""
EARLIEST = datetime(2008, 1, 1, tzinfo=timezone.utc)
"""Before GitHub there was no audit."""
AHEAD = timedelta(days=1)
"""That another machine's clock may be."""


def _share(rate: tuple[int, int]) -> tuple[int, int]:
    if rate[0] > rate[1]:
        raise ValueError("more pass than there are")
    return rate


Count = Annotated[int, Field(ge=0)]
Share = Annotated[tuple[Count, Count], AfterValidator(_share)]


class Line(Part):
    """An audit in numbers. Rates are (passed, whole); `scope` says what else has to be the same to be compared."""

    finished: AwareDatetime
    complete: bool
    scope: tuple[str, ...]
    services: Count
    passing: Count
    failing: Count
    unknown: Count
    unjudged: Mapping[Standing, Count]
    required_checks: Share
    dimensions: Mapping[str, Share]

    @model_validator(mode="after")
    def _has_them_all(self) -> Line:
        if self.passing + self.failing + self.unknown + sum(self.unjudged.values()) > self.services:
            raise ValueError("more services by what came of them than there are")
        return self

    @property
    def point(self) -> Point:
        """As a report shows it."""
        numbers = Totals(
            services=self.services,
            passing=self.passing,
            failing=self.failing,
            unknown=self.unknown,
            unjudged=self.unjudged,
            dimensions={name: Rate(*one) for name, one in self.dimensions.items()},
            required_checks=Rate(*self.required_checks),
        )
        return Point(self.finished, numbers, self.complete)


def line_of(audit: Audit, numbers: Totals, *, public: bool) -> Line:
    """The line of an audit. `numbers` are of its public services alone where they are for the public."""
    scope = audit.scope
    asked = [f"org:{one.lower()}" for one in scope.organizations] + [f"service:{one.lower()}" for one in scope.services]
    without = [f"except:{one.lower()}" for one in scope.except_dimensions]
    flags = [*([] if scope.runtime else ["no runtime"]), *(["public"] if public else [])]
    return Line(
        finished=audit.finished,
        complete=audit.complete,
        scope=tuple(sorted({*asked, *without, *flags})),
        services=numbers.services,
        passing=numbers.passing,
        failing=numbers.failing,
        unknown=numbers.unknown,
        unjudged=numbers.unjudged,
        required_checks=(numbers.required_checks.passed, numbers.required_checks.whole),
        dimensions={name: (one.passed, one.whole) for name, one in numbers.dimensions.items()},
    )


def read_history(*paths: Path, now: datetime) -> tuple[Line, ...]:
    """The lines of some files, those of several once, without what can't have been: it would oust what was."""
    found = (one for path in paths for one in _lines(path) if EARLIEST <= one.finished <= now + AHEAD)
    return tuple({(one.finished, one.scope): one for one in found}.values())


def _lines(path: Path) -> tuple[Line, ...]:
    """The lines of a file, as far as they can be read; () where there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST)
    except OSError:
        return ()
    found = (_line(text) for text in data.splitlines())
    return tuple(one for one in found if one)


def _line(text: bytes) -> Line | None:
    """None where it is cut off, or of another version: one week less."""
    try:
        return Line.model_validate_json(text)
    except ValidationError:
        return None


def written(lines: Iterable[Line]) -> str:
    """The file: each audit once for all and once for the public, the oldest first, and no more than are looked at."""
    held = {(one.finished, one.scope): one for one in lines}
    moments = set(sorted({finished for finished, _ in held})[-MOST:])
    kept = [held[audit] for audit in sorted(held) if audit[0] in moments]
    return "".join(json.dumps(one.model_dump(mode="json"), separators=(",", ":")) + "\n" for one in kept)
