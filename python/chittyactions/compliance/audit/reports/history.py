"""How it went: a line over the audits, and the same as a table."""

from __future__ import annotations

from collections.abc import Sequence

from chittyactions.compliance.audit.reports.lists import table
from chittyactions.compliance.audit.reports.saying import rate
from chittyactions.compliance.audit.reports.view import Point
from chittyactions.compliance.audit.totals import Rate

WIDTH, HEIGHT = 1_000, 100
"""Units of the drawing, which is stretched to where it stands."""


def history(points: Sequence[Point]) -> str:
    """The line and the table; a sentence where there is but one audit."""
    if len(points) < 2:
        return "<p>This is the only audit that is known here. With <code>--history</code> those before are shown.</p>"
    first, last = points[0], points[-1]
    return (
        '<figure class="line">'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{_said(points)}">'
        f'<path class="grid" d="M0 0H{WIDTH}M0 50H{WIDTH}M0 100H{WIDTH}"/>'
        f"{_line(points, 'checks')}{_line(points, 'services')}</svg>"
        '<span class="y">100 %</span><span class="y low">0</span>'
        f"<figcaption><span>{first.finished:%Y-%m-%d}</span>"
        '<span class="key"><i class="services"></i>services that pass '
        '<i class="checks"></i>required checks that pass</span>'
        f"<span>{last.finished:%Y-%m-%d}</span></figcaption></figure>"
        f"<details><summary>As a table</summary>{_table(points)}</details>"
    )


def _rates(points: Sequence[Point], kind: str) -> list[tuple[float, Rate]]:
    """Where each audit stands from left to right, by its time."""
    start = points[0].finished
    whole = (points[-1].finished - start).total_seconds() or 1.0
    return [
        (
            (one.finished - start).total_seconds() / whole * WIDTH,
            one.totals.rate if kind == "services" else one.totals.required_checks,
        )
        for one in points
    ]


def _line(points: Sequence[Point], kind: str) -> str:
    known = [(x, HEIGHT - share.percent) for x, share in _rates(points, kind) if share.percent is not None]
    path = " ".join(f"{x:.0f} {y}" for x, y in known)
    dots = "".join(f"M{x:.0f} {y}h0" for x, y in known)
    return f'<polyline class="{kind}" points="{path}"/><path class="dots {kind}" d="{dots}"/>' if known else ""


def _said(points: Sequence[Point]) -> str:
    first, last = points[0], points[-1]
    return (
        f"Services that pass: {first.totals.rate} on {first.finished:%Y-%m-%d}, "
        f"{last.totals.rate} on {last.finished:%Y-%m-%d}"
    )


def _table(points: Sequence[Point]) -> str:
    rows = [
        f'<tr><th scope="row">{one.finished:%Y-%m-%d %H:%M}{"" if one.complete else " (incomplete)"}</th>'
        f'<td class="r">{one.totals.services}</td><td class="r">{one.totals.passing}</td>'
        f'<td class="r">{one.totals.failing}</td><td class="r">{one.totals.unknown}</td>'
        f"<td>{one.totals.rate}</td><td>{rate(one.totals.required_checks)}</td></tr>"
        for one in reversed(points)
    ]
    heads = ("Audit (UTC)", "Services", "Pass", "Fail", "Unknown", "Services that pass", "Required checks that pass")
    return table("history", heads, rows)
