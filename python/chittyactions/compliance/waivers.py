"""Waivers: leave to fail a check until a day, with a reason and somebody who answers for it.

A waived check is shown apart and never raises the score. From the day after its expiry the check fails again. A waiver
for a check that does not exist is an error, since it would silently waive nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from chittyactions.compliance.catalogue import Catalogue, Line, Strict, did_you_mean
from chittyactions.compliance.model import Checked, Outcome, Waiver


class WaiverSpec(Strict):
    """One entry of `waivers`. `check` is a check's id or a dimension; `service` is for the central registry alone."""

    check: str
    reason: Line
    owner: Line
    expires: date
    service: str = ""


def read_waivers(specs: Sequence[WaiverSpec], catalogue: Catalogue, source: str) -> tuple[list[Waiver], list[str]]:
    """The waivers, and the problems of those that name nothing. `source` is the file that they stand in."""
    problems = [
        f"waivers: there is no check or dimension {one.check}{did_you_mean(one.check, catalogue.names())}"
        for one in specs
        if not catalogue.named(one.check)
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
