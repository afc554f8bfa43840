"""Pieces of the Markdown of an audit that several of its parts are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chittyactions.compliance.audit.record import ServiceRecord
from chittyactions.compliance.audit.reports.saying import repository_address
from chittyactions.compliance.audit.reports.view import View
from chittyactions.compliance.audit.totals import Rate
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.reports.markup import MARKS, text, utf16
from chittyactions.compliance.reports.wording import WORDS

MOST_IN_A_LIST = 100
"""Lines of changes of one kind, of waivers, of services without a verdict."""

LONGEST = 300
"""Characters of a foreign text."""

SHOWN = (Outcome.PASS, Outcome.FAIL, Outcome.ERROR, Outcome.WAIVED, Outcome.UNKNOWN)
"""Outcomes that a table has a mark for."""

LEGEND = ", ".join(f"{mark} {WORDS[outcome]}" for outcome, mark in MARKS.items() if outcome in SHOWN)


def named(service: ServiceRecord) -> str:
    """A service, linked to its repository."""
    name = text(f"{service.organization}/{service.name}", 150)
    where = repository_address(service)
    return f"[{name}]({where})" if where else name


def bar(share: Rate | None) -> str:
    """A share in ten squares, rounded down; "" for none."""
    return "" if not share or share.percent is None else "█" * (share.percent // 10) + "░" * (10 - share.percent // 10)


def listed(lines: Sequence[str], view: View) -> str:
    """Lines of a list, and how many more there are."""
    rest = more(len(lines) - MOST_IN_A_LIST, view)
    return "\n".join([*lines[:MOST_IN_A_LIST], *(f"- {one}" for one in rest)])


def more(count: int, view: View, one: str = "", several: str = "") -> list[str]:
    """That there are more than are shown here, and where."""
    if count <= 0:
        return []
    where = f"[the whole report]({view.link}) has them all" if view.link else "the JSON report has them all"
    what = f" {one if count == 1 else several}" if one else ""
    return [f"_… and {count} more{what}: {where}._"]


def that_fit(pieces: Iterable[str], room: int) -> list[str]:
    """The pieces from the first on, as far as there is room."""
    kept: list[str] = []
    for piece in pieces:
        room -= cost([piece])
        if room < 0:
            break
        kept.append(piece)
    return kept


def cost(pieces: Sequence[str]) -> int:
    """Characters of some pieces with the empty lines between them."""
    return sum(utf16(one) + 2 for one in pieces)
