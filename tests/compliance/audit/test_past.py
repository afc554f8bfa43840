"""The history that runs hand to each other: a line for each audit."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chittyactions.compliance.audit.past import LARGEST, MOST, line_of, read_history, written
from chittyactions.compliance.audit.record import Scope
from chittyactions.compliance.audit.reports.view import point
from chittyactions.compliance.audit.totals import totals
from compliance.audit.ecosystem import WEEK, audit

NOW = audit().finished


def test_a_line_tells_what_the_audit_does(tmp_path: Path) -> None:
    """Written and read again, it is the point that the whole audit would have been, in a fraction of its size."""
    lines = [line_of(audit(week), totals(audit(week).services), public=False) for week in (-2, -1, 0)]
    path = tmp_path / "history.ndjson"
    path.write_text(written(reversed(lines)), "utf-8")
    assert [one.point for one in read_history(path, now=NOW)] == [point(audit(week)) for week in (-2, -1, 0)]
    assert len(path.read_bytes()) < 3 * 1024


def test_lines_of_other_scopes_can_be_told_apart() -> None:
    """Other organisations, dimensions, probes, or the public part alone make numbers that are not compared."""
    whole = audit()
    numbers = totals(whole.services)
    scopes = [
        Scope(),
        Scope(organizations=("ChittyOS",)),
        Scope(services=("a",)),
        Scope(except_dimensions=("x",)),
        Scope(runtime=False),
    ]
    lines = [line_of(whole.model_copy(update={"scope": one}), numbers, public=False) for one in scopes]
    lines.append(line_of(whole, numbers, public=True))
    assert len({one.scope for one in lines}) == len(lines)
    again = line_of(whole.model_copy(update={"scope": Scope(organizations=("CHITTYOS",))}), numbers, public=False)
    assert again.scope == lines[1].scope


def test_a_moment_stands_once_and_the_oldest_go() -> None:
    """A merge that ran twice adds one line; the file stays small however many years it is handed on."""
    one = line_of(audit(), totals(audit().services), public=True)
    many = [one.model_copy(update={"finished": one.finished - WEEK * back}) for back in range(MOST + 20)]
    lines = written([*many, one]).splitlines()
    assert len(lines) == MOST
    assert one.finished.isoformat().replace("+00:00", "Z") in lines[-1]


def test_the_two_lines_of_an_audit_count_once() -> None:
    """Where private services are taken in there is one of all and one of the public: ten years of both are kept."""
    one = line_of(audit(), totals(audit().services), public=True)
    both = [one, one.model_copy(update={"scope": ()})]
    weeks = [one.finished - WEEK * back for back in range(MOST + 3)]
    many = [each.model_copy(update={"finished": week}) for week in weeks for each in both]
    lines = written(many).splitlines()
    assert len(lines) == 2 * MOST
    assert len("\n".join(lines)) < LARGEST


def test_two_lines_of_one_moment_are_both_kept() -> None:
    """Where they are of other services."""
    one = line_of(audit(), totals(audit().services), public=True)
    other = one.model_copy(update={"scope": ("org:grove", "public")})
    assert len(written([one, other, other, one]).splitlines()) == 2


def test_what_is_no_line_is_left_out(tmp_path: Path) -> None:
    """Half a line, another version's, bytes of anything: the others are still shown."""
    good = written([line_of(audit(), totals(audit().services), public=True)])
    path = tmp_path / "history.ndjson"
    path.write_bytes(b'{"finished": 1}\n\xff\xfe\n[]\n' + good.encode() + good.encode()[:40])
    assert len(read_history(path, now=NOW)) == 1
    assert read_history(tmp_path / "none", now=NOW) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"services": -5}, {"passing": -1}, {"unjudged": {"archived": -1}}, {"required_checks": [3, 2]},
        {"required_checks": [-1, 2]}, {"dimensions": {"a": [2, 1]}}, {"dimensions": {"a": [-2, -1]}},
        {"passing": 40, "failing": 40}, {"finished": "0001-01-01T00:00:00+14:00"}, {"finished": "2007-12-31T00:00:00Z"},
        {"finished": "9999-12-31T23:59:59-14:00"}, {"finished": (NOW + timedelta(hours=25)).isoformat()},
    ],
)  # fmt: skip
def test_what_can_not_have_been_is_no_line(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """Neither numbers below nothing, nor more that pass than there are, nor an audit before GitHub or after now."""
    path = tmp_path / "history.ndjson"
    good = json.loads(written([line_of(audit(), totals(audit().services), public=True)]))
    assert good["services"] == 62
    path.write_text(json.dumps(good) + "\n" + json.dumps({**good, "scope": ["other"], **wrong}) + "\n", "utf-8")
    assert [one.scope for one in read_history(path, now=NOW)] == [("public",)]


def test_a_clock_that_is_a_little_ahead_costs_no_line(tmp_path: Path) -> None:
    """Within a day."""
    path = tmp_path / "history.ndjson"
    path.write_text(written([line_of(audit(), totals(audit().services), public=True)]), "utf-8")
    assert len(read_history(path, now=NOW - timedelta(hours=23))) == 1
