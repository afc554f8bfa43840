"""Waivers: leave to fail a check until a day, with a reason and somebody who answers for it.

A waived check is shown apart and never raises the score. From the day after its expiry the check fails again. A waiver
for a check that does not exist is an error, since it would silently waive nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from chittyactions.compliance.catalogue import Catalogue, Line, Strict, at, did_you_mean
from chittyactions.compliance.documents import Document
from chittyactions.compliance.model import Checked, Outcome, Waiver


def _day(value: Any) -> date:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("it is no day; write one as 2027-01-31")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day") from None


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
]


class WaiverSpec(Strict):
    """One entry of `waivers`. `check` is a check's id or a dimension; it may be failed through the day `expires`."""

    check: str
    reason: Line
    owner: Line
    expires: Day


class CentralWaiver(WaiverSpec):
    """One entry of the registry's `waivers`, with the service that it is for."""

    service: Line
    """`ORGANISATION/name`, or the name where no other organisation has a service of that name."""


def no_check(name: str, catalogue: Catalogue) -> str:
    """What is wrong with a waiver's `check` that there is not; "" for one that there is."""
    if catalogue.named(name):
        return ""
    return f"there is no check or dimension {name}{did_you_mean(name, catalogue.names())}"


def read_waivers(
    specs: Sequence[WaiverSpec], catalogue: Catalogue, source: str, document: Document | None = None
) -> tuple[list[Waiver], list[str]]:
    """The waivers, and the problems of those that name nothing. `source` is the file that they stand in."""
    problems = [
        f"{at(document, 'waivers', number, 'check')}waivers: {said}"
        for number, one in enumerate(specs)
        if (said := no_check(one.check, catalogue))
    ]
    waivers = [Waiver(one.check, one.reason, one.owner, one.expires, source) for one in specs]
    return waivers, problems


def waived(checked: Checked, waivers: Iterable[Waiver], today: date) -> Checked:
    """The same check under the waiver that concerns it and lasts longest; only what failed can be waived."""
    if checked.outcome is not Outcome.FAIL:
        return checked
    concerned = [one for one in waivers if one.check in (checked.id, checked.dimension)]
    if not concerned:
        return checked
    last = max(concerned, key=lambda one: one.expires)
    outcome = Outcome.WAIVED if last.expires >= today else Outcome.FAIL
    return replace(checked, outcome=outcome, waiver=last)
